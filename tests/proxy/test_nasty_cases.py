"""The cases of the nasty upstream: told in bytes, each what its name says."""

from __future__ import annotations

import zlib

import brotli
import pytest
import zstandard

from proxy.nasty_cases import CASES, Case, Finish, Framing, Segment

BY_NAME = {case.name: case for case in CASES}


def whole(case: Case) -> bytes:
    return b"".join(case.body())


def chunks(case: Case) -> list[bytes]:
    return [piece for segment in case.segments for piece in segment.pieces]


def test_names_are_unique_and_descriptions_short() -> None:
    assert len(BY_NAME) == len(CASES)
    for case in CASES:
        assert 0 < len(case.name) <= 20
        assert 0 < len(case.description) <= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_sends_as_much_as_it_says(case: Case) -> None:
    assert case.size == sum(map(len, case.body())) == sum(s.size for s in case.segments)


def test_the_line_ends_are_what_the_names_say() -> None:
    assert b"\r" not in whole(BY_NAME["LF"])
    assert b"\n" not in whole(BY_NAME["CR only"])
    assert whole(BY_NAME["CRLF"]).replace(b"\r\n", b"\n") == whole(BY_NAME["LF"])
    assert whole(BY_NAME["BOM"]) == b"\xef\xbb\xbf" + whole(BY_NAME["LF"])


def test_chunks_are_cut_where_the_names_say() -> None:
    with pytest.raises(UnicodeDecodeError):
        [piece.decode() for piece in chunks(BY_NAME["cut code points"])]
    whole(BY_NAME["cut code points"]).decode()
    assert all(piece.endswith(b"\r") for piece in chunks(BY_NAME["cut CR LF"])[:-1])
    assert {len(piece) for piece in chunks(BY_NAME["one-byte chunks"])} == {1}
    (segment,) = BY_NAME["1,000 chunks at once"].segments
    (written,) = segment.wire(Framing.CHUNKED)
    assert len(segment.pieces) == 1000
    assert len(written) < 65536


def test_the_long_line_is_one_line_of_40_mebibytes() -> None:
    case = BY_NAME["40 MiB line"]
    assert case.size == 40 * 2**20 + len(b"data: \n\n")
    assert sum(part.count(b"\n") for part in case.body()) == 2


def test_the_codings_decode_event_by_event() -> None:
    plain = whole(BY_NAME["LF"])
    gzip, br, zstd = (chunks(BY_NAME[name]) for name in ("gzip", "br", "zstd"))
    unzip, unbr = zlib.decompressobj(31), brotli.Decompressor()
    unzstd = zstandard.ZstdDecompressor().decompressobj()
    for decode, pieces in (
        (unzip.decompress, gzip),
        (unbr.process, br),
        (unzstd.decompress, zstd),
    ):
        events = [decode(piece) for piece in pieces]
        assert b"".join(events) == plain
        assert all(event.endswith(b"\n\n") for event in events[:-1])


def test_heads_tell_the_framing() -> None:
    assert b"Transfer-Encoding: chunked\r\n" in BY_NAME["LF"].head()
    case = BY_NAME["short body"]
    assert b"Content-Length: %d\r\n" % (case.size + 100) in case.head()
    assert case.finish is Finish.CUT
    bare = BY_NAME["close-delimited"].head().lower()
    assert b"content-length" not in bare
    assert b"transfer-encoding" not in bare
    assert BY_NAME["103 early hints"].head().startswith(b"HTTP/1.1 103 Early Hints\r\n")
    assert b"caf\xe9" in BY_NAME["odd fields"].head()
    assert b"Trailer: X-Checksum, X-Usage\r\n" in BY_NAME["trailers"].head()
    assert BY_NAME["trailers"].end() == b"0\r\nX-Checksum: 1234\r\nX-Usage: 56\r\n\r\n"
    assert BY_NAME["204"].end() == b""


def test_a_segment_is_written_as_chunks() -> None:
    assert b"".join(Segment((b"ab", b"c")).wire(Framing.CHUNKED)) == b"2\r\nab\r\n1\r\nc\r\n"
    assert b"".join(Segment((b"ab",), repeat=2).wire(Framing.CHUNKED)) == b"4\r\nabab\r\n"
    assert b"".join(Segment((b"ab",), missing=3).wire(Framing.CHUNKED)) == b"5\r\nab"
    assert b"".join(Segment((b"ab",), repeat=2).wire(Framing.CLOSE)) == b"abab"


def test_a_case_knows_whether_its_segments_are_events() -> None:
    assert BY_NAME["CR only"].sends_whole_events
    assert BY_NAME["CRLF"].sends_whole_events
    assert not BY_NAME["one-byte chunks"].sends_whole_events
    assert not BY_NAME["HEAD"].sends_whole_events
