from __future__ import annotations

import json
import zlib

import pytest

from captures.faults.catalogue import parse_faults
from captures.faults.connection import STALL_SECONDS
from captures.faults.harm import AnswerHead, Ending, Expiry, Send, Stop
from tests.captures.faults.harmed import ANTHROPIC, cut_anywhere, delays, harmed, steps

BODY = b"".join(ANTHROPIC)
STREAM_HEAD = AnswerHead(
    200, (("content-type", "text/event-stream"), ("content-length", str(len(BODY))))
)


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("cut:event=3", Ending.CLOSE),
        ("cut:event=3:reset", Ending.RESET),
        ("cut:event=3:clean", Ending.CLEAN),
    ],
)
def test_a_cut_before_an_event_sends_all_before_it_and_ends(text: str, ending: Ending) -> None:
    for size in (1, 7, 1000):
        pieces = cut_anywhere(BODY, size)
        assert harmed(text, pieces) == b"".join(ANTHROPIC[:3])
        assert Stop(ending) in steps(text, pieces)


@pytest.mark.parametrize("limit", [0, 1, 50, len(BODY)])
def test_a_cut_behind_bytes_is_exact(limit: int) -> None:
    assert harmed(f"cut:byte={limit}", cut_anywhere(BODY, 13)) == BODY[:limit]


def test_a_cut_by_time_is_an_expiry() -> None:
    harm = parse_faults(["cut:time=1.5:reset"]).begin(1)
    assert harm.expires == Expiry(1.5, Ending.RESET)
    assert list(harm.feed(b"x")) == [Send(b"x")]


def test_a_stall_waits_before_its_event_and_goes_on_if_it_is_bounded() -> None:
    found = steps("stall:event=2:seconds=30", ANTHROPIC)
    assert delays(found) == [0, 0, 30, 0, 0, 0, 0]
    assert harmed("stall:event=2:seconds=30", ANTHROPIC) == BODY
    endless = steps("stall:event=2", ANTHROPIC)
    assert Stop(Ending.CLOSE, STALL_SECONDS) in endless


def test_slow_waits_before_every_chunk_and_jitter_by_chance_but_repeatably() -> None:
    assert delays(steps("slow:seconds=0.1", ANTHROPIC)) == [0.1] * len(ANTHROPIC)
    waits = delays(steps("jitter:seconds=0.2", ANTHROPIC, seed=5))
    assert waits == delays(steps("jitter:seconds=0.2", ANTHROPIC, seed=5))
    assert waits != delays(steps("jitter:seconds=0.2", ANTHROPIC, seed=6))
    assert all(0 <= wait <= 0.2 for wait in waits)
    assert harmed("jitter", ANTHROPIC) == harmed("slow", ANTHROPIC) == BODY


def test_gzip_is_readable_chunk_by_chunk_only_if_it_is_flushed() -> None:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for piece, step in zip(ANTHROPIC, steps("gzip", ANTHROPIC), strict=False):
        assert isinstance(step, Send)
        assert inflater.decompress(step.data) == piece
    for name in ("gzip", "gzip-held"):
        assert zlib.decompress(harmed(name, ANTHROPIC), zlib.MAX_WBITS | 16) == BODY
        head = parse_faults([name]).begin(1).head(STREAM_HEAD)
        assert dict(head.headers) == {
            "content-type": "text/event-stream",
            "content-encoding": "gzip",
        }
    first = next(step for step in steps("gzip-held", ANTHROPIC) if isinstance(step, Send))
    assert b"message_start" not in zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(first.data)


@pytest.mark.parametrize("code", ["429", "500", "503", "529"])
def test_a_status_takes_the_place_of_the_answer(code: str) -> None:
    head = parse_faults([f"status:code={code}:retry-after=7"]).begin(1).head(STREAM_HEAD)
    assert head.status == int(code)
    assert dict(head.headers) == {"content-type": "application/json", "retry-after": "7"}
    assert head.body is not None
    assert json.loads(head.body)["error"]["code"] == int(code)


def test_a_content_type_is_another_and_the_body_stays() -> None:
    head = parse_faults(["content-type:value=text/plain"]).begin(1).head(STREAM_HEAD)
    assert dict(head.headers)["content-type"] == "text/plain"
    assert head.body is None
    assert harmed("content-type", ANTHROPIC) == BODY
