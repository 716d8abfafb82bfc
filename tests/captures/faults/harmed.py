"""Streams of every protocol, and what a fault makes of them."""

from __future__ import annotations

import json

from captures.faults.catalogue import parse_faults
from captures.faults.harm import Send, Step, Stop


def sse(*payloads: object, event: bool = False) -> list[bytes]:
    """Events, one a payload; named by their type if asked for."""
    made = []
    for payload in payloads:
        data = payload if isinstance(payload, str) else json.dumps(payload, separators=(",", ":"))
        named = event and isinstance(payload, dict)
        head = f"event: {payload['type']}\n" if named and isinstance(payload, dict) else ""
        made.append(f"{head}data: {data}\n\n".encode())
    return made


def delta(text: str) -> dict[str, object]:
    """A text delta of Anthropic."""
    return {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": text},
    }


def chunk(delta_: dict[str, object], finish: str | None = None) -> dict[str, object]:
    """A chunk of Chat Completions."""
    choice = {"index": 0, "delta": delta_, "finish_reason": finish}
    return {"object": "chat.completion.chunk", "choices": [choice]}


def gemini(text: str, **more: str) -> dict[str, object]:
    """An answer of Gemini."""
    return {"candidates": [{"content": {"parts": [{"text": text}]}, **more}]}


ANTHROPIC = sse(
    {"type": "message_start", "message": {"id": "m"}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}},
    delta("a"),
    delta("b"),
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}},
    {"type": "message_stop"},
    event=True,
)
CHAT = sse(chunk({"content": "a"}), chunk({"content": "b"}), chunk({}, "stop"), "[DONE]")
RESPONSES = sse(
    {"type": "response.created"},
    {"type": "response.output_text.delta", "delta": "a"},
    {"type": "response.completed"},
    event=True,
)
GEMINI = sse(gemini("a"), gemini("b", finishReason="STOP"))


def steps(text: str, pieces: list[bytes], seed: int = 0) -> list[Step]:
    """All that a fault makes of these pieces."""
    harm = parse_faults([text], seed).begin(1)
    made = [step for piece in pieces for step in harm.feed(piece)]
    return [*made, *harm.finish()]


def harmed(text: str, pieces: list[bytes]) -> bytes:
    """The bytes that a fault makes of these pieces, up to where it ends the answer."""
    body = b""
    for step in steps(text, pieces):
        if isinstance(step, Stop):
            break
        body += step.data
    return body


def cut_anywhere(body: bytes, size: int) -> list[bytes]:
    """The same bytes in pieces of this size."""
    return [body[start : start + size] for start in range(0, len(body), size)]


def delays(found: list[Step]) -> list[float]:
    """The waits of what is sent."""
    return [step.delay for step in found if isinstance(step, Send)]
