from __future__ import annotations

import gzip

import pytest
import zstandard

from captures.faults.catalogue import parse_faults
from captures.faults.decoding import without_coding
from captures.faults.harm import AnswerHead, Ending, Harm, Send, Stop
from tests.captures.faults.harmed import ANTHROPIC

BODY = b"".join(ANTHROPIC)


def coded_head(coding: str) -> AnswerHead:
    return AnswerHead(200, (("Content-Encoding", coding), ("content-type", "text/event-stream")))


def decoded(harm: Harm, body: bytes, size: int) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    steps = [step for piece in pieces for step in harm.feed(piece)]
    assert all(isinstance(step, Send) for step in steps)
    return b"".join(step.data for step in steps if isinstance(step, Send))


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(BODY, mtime=0)),
        ("zstd", zstandard.compress(BODY)),
        ("identity", BODY),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_coded_body_becomes_text_and_its_head_says_so(
    coding: str, body: bytes, size: int
) -> None:
    harm = without_coding()
    head = harm.head(coded_head(coding))
    assert head.headers == (("content-type", "text/event-stream"),)
    assert decoded(harm, body, size) == BODY


def test_a_plain_body_and_one_of_an_unknown_coding_stay_as_they_are() -> None:
    harm = without_coding()
    for head in (AnswerHead(200, ()), coded_head("rot13"), coded_head("gzip, br")):
        assert harm.head(head) is head
        assert list(harm.feed(BODY)) == [Send(BODY)]


def test_bytes_that_do_not_decode_end_the_answer() -> None:
    harm = without_coding()
    harm.head(coded_head("gzip"))
    assert list(harm.feed(b"not gzip at all")) == [Stop(Ending.CLOSE)]


def test_only_a_fault_that_works_on_the_text_decodes() -> None:
    coded = gzip.compress(BODY, mtime=0)
    for text in ("slow", "jitter", "cut:byte=99999", "content-type"):
        harm = parse_faults([text]).begin(1)
        assert ("Content-Encoding", "gzip") in harm.head(coded_head("gzip")).headers
        assert decoded(harm, coded, 50) == coded
    for text in ("comments", "bom", "duplicate:event=99"):
        harm = parse_faults([text]).begin(1)
        head = harm.head(coded_head("gzip"))
        assert head.headers == (("content-type", "text/event-stream"),)
        assert b"message_stop" in decoded(harm, coded, 50)


def test_a_fault_that_compresses_does_so_once() -> None:
    harm = parse_faults(["gzip"]).begin(1)
    head = harm.head(coded_head("gzip"))
    assert [value for name, value in head.headers if name == "content-encoding"] == ["gzip"]
    steps = [*harm.feed(gzip.compress(BODY, mtime=0)), *harm.finish()]
    made = b"".join(step.data for step in steps if isinstance(step, Send))
    assert gzip.decompress(made) == BODY
