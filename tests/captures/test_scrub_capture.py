from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace

import pytest

from captures.records import (
    Boundary,
    Chunk,
    Damage,
    End,
    Ending,
    Gap,
    Head,
    Note,
    Record,
    RequestChunk,
    Tally,
    Unknown,
)
from captures.scrub_capture import DROPPED, NOTE, UnscrubbableError, scrub
from tests.captures.by_hand import EVENT_STREAM, a_head, a_request, tally

SECRET = "Ab3-" * 12
KEY = f"sk-ant-api03-{SECRET}"
MASKED = "sk-ant-api03-" + "x" * 48
BODY = f'data: {{"text": "it is {KEY}"}}\n\n'.encode()
CODED = (*EVENT_STREAM, ("content-encoding", "gzip"))


def _capture(body: bytes, size: int, client: Tally | None = None) -> list[Record | Damage]:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    chunks = [Chunk(seq, seq / 10, data, Boundary.READ) for seq, data in enumerate(pieces, 2)]
    whole = tally(body)
    end = End(len(pieces) + 2, 9.0, Ending.COMPLETE, "", whole, client or whole)
    return [a_head(), *chunks, end]


def _body(records: tuple[Record, ...]) -> bytes:
    return b"".join(record.data for record in records if isinstance(record, Chunk))


def _end(records: tuple[Record, ...]) -> End:
    assert isinstance(records[-1], End)
    return records[-1]


@pytest.mark.parametrize("size", [1, 5, 17, 1000])
def test_a_secret_over_several_chunks_is_written_over_and_the_cuts_stay(size: int) -> None:
    capture = _capture(BODY, size)
    scrubbed = scrub(a_request(), capture)
    assert _body(scrubbed.records) == BODY.replace(KEY.encode(), MASKED.encode())
    before = [record for record in capture if isinstance(record, Chunk)]
    after = [record for record in scrubbed.records if isinstance(record, Chunk)]
    assert [replace(record, data=b"") for record in after] == [
        replace(record, data=b"") for record in before
    ]
    assert [len(record.data) for record in after] == [len(record.data) for record in before]
    assert scrubbed.counts == {"anthropic-api-key": 1}
    (found,) = scrubbed.found
    assert (found.where, found.offset) == ("response body", BODY.index(SECRET.encode()))


def test_the_end_holds_the_hashes_of_what_the_capture_holds_now() -> None:
    left = tally(BODY[:20])
    scrubbed = scrub(a_request(), _capture(BODY, 10, left))
    end = _end(scrubbed.records)
    body = _body(scrubbed.records)
    assert end.upstream.sha256 == hashlib.sha256(body).hexdigest()
    assert end.client == left
    assert end.upstream.size == len(BODY)


@pytest.mark.parametrize("same", [True, False])
def test_a_hash_that_cannot_be_told_again_goes(same: bool) -> None:
    capture = _capture(BODY, 10)
    recorded = tally(b"lost" + BODY)
    end = capture.pop()
    assert isinstance(end, End)
    client = recorded if same else replace(recorded, sha256="0" * 64)
    capture.append(replace(end, upstream=recorded, client=client))
    end = _end(scrub(a_request(), capture).records)
    assert end.upstream.sha256 == ""
    assert (end.client == end.upstream) is same


def test_the_note_says_what_was_done_and_stands_before_the_end() -> None:
    capture = _capture(BODY, 1000)
    records = scrub(a_request(), capture).records
    note = records[-2]
    assert isinstance(note, Note)
    assert (note.about, note.text) == (NOTE, "anthropic-api-key 1")
    assert [record.seq for record in records] == [1, 2, 3, 4]
    running = scrub(a_request(), capture[:-1]).records
    assert isinstance(running[-1], Note)
    assert running[-1].seq == 3


def test_what_holds_no_secret_stays_as_it_is() -> None:
    capture = _capture(b"data: hello\n\n", 4)
    scrubbed = scrub(a_request(), capture)
    assert list(scrubbed.records) == capture
    assert scrubbed.request == a_request()
    again = scrub(a_request(), scrub(a_request(), _capture(BODY, 9)).records)
    assert again.found == ()
    assert sum(isinstance(record, Note) for record in again.records) == 1


def test_every_other_place_is_looked_at() -> None:
    request = replace(
        a_request(f"/v1/{KEY}?a=1"), headers=(("x-mine", KEY),), upstream="http://u:pw1@host"
    )
    records: list[Record] = [
        RequestChunk(1, 0.0, b'{"a": "' + KEY[:9].encode()),
        RequestChunk(2, 0.0, KEY[9:].encode() + b'"}'),
        Head(3, 0.1, "1.1", 200, f"OK {KEY}", (("x-theirs", f"\u00e9 {KEY}"), (KEY, "v"))),
        Note(4, 0.2, "about", KEY),
        Gap(5, 0.3, 5, 5, 1, KEY),
        Unknown(6, 0.4, "new", {"a": [KEY, 1, None]}),
        End(7, 0.5, Ending.COMPLETE, KEY, tally(b""), tally(b"")),
    ]
    scrubbed = scrub(request, records)
    assert SECRET not in repr(scrubbed)
    assert "pw1" not in repr(scrubbed)
    assert [(found.name, found.where) for found in scrubbed.found] == [
        ("anthropic-api-key", "request body"),
        ("url-password", "upstream"),
        ("anthropic-api-key", "path"),
        ("anthropic-api-key", "request header x-mine"),
        ("anthropic-api-key", "reason phrase"),
        ("anthropic-api-key", "response header x-theirs"),
        ("anthropic-api-key", "response header name"),
        ("anthropic-api-key", "note"),
        ("anthropic-api-key", "gap"),
        ("anthropic-api-key", "record of an unknown code"),
        ("anthropic-api-key", "end"),
    ]
    bodies = [record.data for record in scrubbed.records if isinstance(record, RequestChunk)]
    assert json.loads(b"".join(bodies)) == {"a": MASKED}


def test_a_header_whose_name_is_a_secret_is_not_named() -> None:
    head = Head(1, 0.1, "1.1", 200, "OK", ((KEY, KEY),))
    assert SECRET not in repr(scrub(a_request(), [head]).found)


def test_a_compressed_body_without_a_secret_stays_byte_for_byte() -> None:
    body = gzip.compress(b"data: hello\n\n")
    capture = _capture(body, 6)
    capture[0] = a_head(headers=CODED)
    assert list(scrub(a_request(), capture).records) == capture


@pytest.mark.parametrize("body", [gzip.compress(BODY), b"no gzip"])
def test_a_compressed_body_with_a_secret_is_refused_or_left_out(body: bytes) -> None:
    capture = _capture(body, 6)
    capture[0] = a_head(headers=CODED)
    with pytest.raises(UnscrubbableError, match="response body"):
        scrub(a_request(), capture)
    scrubbed = scrub(a_request(), capture, drop_coded=True)
    _, gap, note, end = scrubbed.records
    assert isinstance(gap, Gap)
    last = len(capture) - 1
    assert (gap.first, gap.last, gap.size, gap.why) == (2, last, len(body), DROPPED)
    assert isinstance(note, Note)
    assert "dropped the response body" in note.text
    assert isinstance(end, End)
    assert (end.upstream.sha256, end.upstream.size) == ("", len(body))


def test_a_compressed_request_is_looked_at_as_well() -> None:
    request = replace(a_request(), headers=(("Content-Encoding", "gzip"),))
    with pytest.raises(UnscrubbableError, match="request body"):
        scrub(request, [RequestChunk(1, 0.0, gzip.compress(KEY.encode()))])


def test_what_could_not_be_read_is_told_and_left_out() -> None:
    damage = Damage(3, 40, "not JSON")
    scrubbed = scrub(a_request(), [a_head(), damage])
    assert scrubbed.unreadable == (damage,)
    assert isinstance(scrubbed.records[-1], Note)
    assert "left out 1 unreadable lines" in scrubbed.records[-1].text
