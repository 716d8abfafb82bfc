from __future__ import annotations

import json

import pytest

from captures.faults.blocks import BlockSplitter
from tests.captures.faults.harmed import (
    ANTHROPIC,
    CHAT,
    GEMINI,
    RESPONSES,
    chunk,
    cut_anywhere,
    harmed,
    sse,
)

STREAMS = {"anthropic": ANTHROPIC, "chat": CHAT, "responses": RESPONSES, "gemini": GEMINI}


def payloads(body: bytes) -> list[dict[str, object]]:
    return [block.payload for block in BlockSplitter().feed(body)]


def whole(pieces: list[bytes]) -> bytes:
    return b"".join(pieces)


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("kind", ["overloaded", "rate_limit", "api_error"])
def test_an_error_comes_behind_so_many_deltas_and_nothing_behind_it(name: str, kind: str) -> None:
    pieces = STREAMS[name]
    body = harmed(f"error:deltas=0:kind={kind}", pieces)
    assert "error" in payloads(body)[-1]
    later = harmed(f"error:deltas=1:kind={kind}", pieces)
    assert len(later) > len(body) or name == "responses"
    assert harmed("error:deltas=99", pieces) == whole(pieces)


def test_an_event_is_lost_by_number_or_by_type() -> None:
    assert harmed("drop:event=3", ANTHROPIC) == whole([*ANTHROPIC[:3], *ANTHROPIC[4:]])
    without = harmed("drop:type=content_block_delta", ANTHROPIC)
    assert without == whole([*ANTHROPIC[:2], *ANTHROPIC[4:]])


def test_an_event_comes_twice_or_behind_the_next() -> None:
    first, second, *rest = CHAT
    assert harmed("duplicate:event=0", CHAT) == whole([first, first, second, *rest])
    assert harmed("swap:event=0", CHAT) == whole([second, first, *rest])
    assert harmed(f"swap:event={len(CHAT) - 1}", CHAT) == whole(CHAT)


def test_an_event_of_ones_own_comes_before_another() -> None:
    added = b'event: future\ndata: {"type":"future"}\n\n'
    text = 'insert:event=1:type=future:data={"type":"future"}'
    assert harmed(text, CHAT) == whole([CHAT[0], added, *CHAT[1:]])


@pytest.mark.parametrize("name", STREAMS)
def test_the_stop_reason_never_comes(name: str) -> None:
    body = harmed("drop-stop-reason", STREAMS[name])
    for word in (b'"end_turn"', b'"stop"', b"response.completed", b"finishReason"):
        assert word not in body
    assert len(payloads(body)) >= len(STREAMS[name]) - 1


@pytest.mark.parametrize("name", STREAMS)
def test_the_last_event_never_comes(name: str) -> None:
    assert harmed("drop-terminal", STREAMS[name]) == whole(STREAMS[name][:-1])


def test_signs_of_life_come_behind_every_event() -> None:
    assert harmed("pings", ANTHROPIC).count(b"event: ping\n") == len(ANTHROPIC)
    assert harmed("pings", CHAT).count(b": keep-alive\n\n") == len(CHAT)
    assert harmed("comments", ANTHROPIC).count(b": keep-alive\n\n") == len(ANTHROPIC)


def test_finish_reason_is_an_empty_text_until_it_comes() -> None:
    found = [payload["choices"] for payload in payloads(harmed("empty-finish-reason", CHAT))[:3]]
    assert [choices[0]["finish_reason"] for choices in found] == ["", "", "stop"]  # type: ignore[index]


def test_the_last_content_carries_the_finish_reason() -> None:
    body = harmed("finish-with-content", CHAT)
    assert body == whole([CHAT[0], *sse(chunk({"content": "b"}, "stop")), CHAT[3]])


def test_usage_comes_behind_the_finish_reason() -> None:
    found = payloads(harmed("usage-after-finish", CHAT))
    assert found[3]["choices"] == []
    assert found[3]["usage"]


def test_every_tool_call_is_under_index_0() -> None:
    calls = [{"index": index, "function": {"arguments": "{}"}} for index in (0, 1)]
    body = harmed("doubled-tool-index", sse(chunk({"tool_calls": calls})))
    assert body.count(b'"index":0,"function"') == 2


@pytest.mark.parametrize(
    "text",
    ["empty-finish-reason", "finish-with-content", "usage-after-finish", "doubled-tool-index"],
)
def test_what_is_of_one_protocol_leaves_the_others_alone(text: str) -> None:
    for name in ("anthropic", "responses", "gemini"):
        assert harmed(text, STREAMS[name]) == whole(STREAMS[name])


@pytest.mark.parametrize(
    "text",
    ["error:deltas=1", "drop:event=1", "swap:event=1", "drop-stop-reason", "finish-with-content"],
)
@pytest.mark.parametrize("name", STREAMS)
def test_the_cuts_of_the_network_do_not_matter(text: str, name: str) -> None:
    expected = harmed(text, STREAMS[name])
    for size in (1, 5, 10_000):
        assert harmed(text, cut_anywhere(whole(STREAMS[name]), size)) == expected
    json.dumps(payloads(expected))
