from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from captures import inflate
from captures.inflate import NotInflatableError, inflater_for
from tests.captures.cuts import any_cuts, at_random, byte_by_byte
from tests.captures.shared_material import needs_streams, sse_recordings

Deflate = Callable[[bytes], bytes]

CODINGS: dict[str, Deflate] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "identity": bytes,
    "": bytes,
}
REAL_CODINGS = ["gzip", "deflate", "br", "zstd"]
BODY = b"".join(b"event: e\ndata: %d caf\xc3\xa9\n\n" % number for number in range(200))

each_coding = pytest.mark.parametrize("coding", sorted(CODINGS))
each_real_coding = pytest.mark.parametrize("coding", REAL_CODINGS)


def inflated(coding: str, pieces: list[bytes]) -> bytes:
    inflater = inflater_for(coding)
    return b"".join(inflater.feed(piece) for piece in pieces)


@each_coding
def test_body_comes_back_however_it_is_cut(coding: str) -> None:
    sent = CODINGS[coding](BODY)

    assert inflated(coding, [sent]) == BODY
    assert inflated(coding, byte_by_byte(sent)) == BODY
    for seed in range(10):
        assert inflated(coding, at_random(sent, seed)) == BODY


@given(st.data(), st.sampled_from(sorted(CODINGS)), st.binary(max_size=300))
def test_any_body_comes_back_however_it_is_cut(
    data: st.DataObject, coding: str, body: bytes
) -> None:
    pieces = data.draw(any_cuts(CODINGS[coding](body)))

    assert inflated(coding, pieces) == body


@each_real_coding
def test_body_longer_than_one_piece_comes_back_in_one_feed(coding: str) -> None:
    noise = random.Random(1).randbytes(1000)  # noqa: S311 -- noise in a test is no secret
    for body in (b"a" * 3_145_829, noise * 2500):
        assert inflated(coding, [CODINGS[coding](body)]) == body


def flushed_gzip(parts: list[bytes]) -> list[bytes]:
    compressor = zlib.compressobj(wbits=31)
    return [compressor.compress(part) + compressor.flush(zlib.Z_SYNC_FLUSH) for part in parts]


def flushed_brotli(parts: list[bytes]) -> list[bytes]:
    compressor = brotli.Compressor()
    return [compressor.process(part) + compressor.flush() for part in parts]


def flushed_zstandard(parts: list[bytes]) -> list[bytes]:
    compressor = zstandard.ZstdCompressor().compressobj()
    flush = zstandard.COMPRESSOBJ_FLUSH_BLOCK
    return [compressor.compress(part) + compressor.flush(flush) for part in parts]


@pytest.mark.parametrize(
    ("coding", "flushed"),
    [("gzip", flushed_gzip), ("br", flushed_brotli), ("zstd", flushed_zstandard)],
)
def test_flushed_event_comes_with_the_chunk_that_brought_it(
    coding: str, flushed: Callable[[list[bytes]], list[bytes]]
) -> None:
    parts = [b"data: 1\n\n", b"data: 2\n\n", b"data: " + b"x" * 1_500_000 + b"\n\n", b"data: 3\n\n"]
    inflater = inflater_for(coding)

    assert [inflater.feed(piece) for piece in flushed(parts)] == parts


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_body_of_several_members_is_one_body(coding: str) -> None:
    deflate = CODINGS[coding]
    sent = deflate(b"one ") + deflate(b"") + deflate(b"two")

    assert inflated(coding, [sent]) == b"one two"
    assert inflated(coding, byte_by_byte(sent)) == b"one two"


@pytest.mark.parametrize("coding", ["GZIP", " gzip ", "X-Gzip"])
def test_coding_is_read_without_case_and_space(coding: str) -> None:
    assert inflated(coding, [gzip.compress(BODY)]) == BODY


@pytest.mark.parametrize("coding", ["gzip, br", "compress", "aws-chunked", "x"])
def test_unknown_or_stacked_coding_is_refused_by_name(coding: str) -> None:
    with pytest.raises(NotInflatableError, match=f"the content coding '{coding}' is not known"):
        inflater_for(coding)


@each_real_coding
def test_body_that_is_not_in_its_coding_is_refused(coding: str) -> None:
    with pytest.raises(NotInflatableError):
        inflated(coding, [b"data: plain text\n\n" * 10])


@each_real_coding
@given(data=st.data())
def test_any_bytes_are_inflated_or_refused(coding: str, data: st.DataObject) -> None:
    damaged = bytearray(CODINGS[coding](BODY[:500]))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    sent = data.draw(st.sampled_from([bytes(damaged), bytes(damaged) + CODINGS[coding](b"more")]))
    pieces = data.draw(any_cuts(sent) | any_cuts(data.draw(st.binary(max_size=60))))

    with suppress(NotInflatableError):
        inflated(coding, pieces)


@each_real_coding
def test_bomb_is_refused_at_the_limit(coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "MAX_INFLATED_SIZE", 100_000)
    bomb = CODINGS[coding](bytes(20_000_000))
    assert len(bomb) < 25_000

    with pytest.raises(NotInflatableError, match="decodes to more than 100000 bytes"):
        inflated(coding, [bomb])


@each_real_coding
def test_body_of_exactly_the_limit_is_no_bomb(coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "MAX_INFLATED_SIZE", 1000)

    assert inflated(coding, [CODINGS[coding](bytes(1000))]) == bytes(1000)


@needs_streams
@pytest.mark.parametrize(
    "name", [recording.name for recording in sse_recordings() if recording.raw is not None]
)
def test_recorded_gzip_body_is_its_event_stream(name: str) -> None:
    [recording] = [recording for recording in sse_recordings() if recording.name == name]
    raw = recording.raw
    assert raw is not None

    assert inflated("gzip", [raw]) == recording.body
    assert inflated("gzip", byte_by_byte(raw)) == recording.body
