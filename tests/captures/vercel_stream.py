"""Chunks of the AI SDK's UI message stream, and lines of its older data stream, made by hand."""

from __future__ import annotations

import json
from typing import Any

DONE = b"data: [DONE]\n\n"
UI_HEADERS = (
    ("content-type", "text/event-stream"),
    ("x-vercel-ai-ui-message-stream", "v1"),
)
DATA_HEADERS = (
    ("Content-Type", "text/plain; charset=utf-8"),
    ("X-Vercel-AI-Data-Stream", "v1"),
)


def chunk(type_: str, **fields: Any) -> bytes:
    """One chunk."""
    return f"data: {json.dumps({'type': type_, **fields}, ensure_ascii=False)}\n\n".encode()


def line(kind: str, value: Any) -> bytes:
    """One part of the data stream."""
    return f"{kind}:{json.dumps(value, ensure_ascii=False)}\n".encode()


HELLO = [
    chunk("start", messageId="m1"),
    chunk("start-step"),
    chunk("reasoning-start", id="r1"),
    chunk("reasoning-delta", id="r1", delta="Hm."),
    chunk("reasoning-end", id="r1"),
    chunk("text-start", id="t1"),
    chunk("text-delta", id="t1", delta="Hello, "),
    chunk("text-delta", id="t1", delta="wörld 👋"),
    chunk("text-end", id="t1"),
    chunk("finish-step"),
    chunk("finish", finishReason="stop"),
    DONE,
]
"""A healthy message."""

CALL = [
    *HELLO[:2],
    chunk("tool-input-start", toolCallId="c1", toolName="weather"),
    chunk("tool-input-delta", toolCallId="c1", inputTextDelta='{"city": "Gen'),
    chunk("tool-input-delta", toolCallId="c1", inputTextDelta='ève"}'),
    chunk("tool-input-available", toolCallId="c1", toolName="weather", input={"city": "Genève"}),
    chunk("tool-output-available", toolCallId="c1", output="rain"),
    chunk("finish-step"),
    chunk("finish", finishReason="tool-calls"),
    DONE,
]
"""A message that calls a tool."""

LINES = [
    line("f", {"messageId": "m1"}),
    line("g", "Hm."),
    line("0", "Hello, "),
    line("0", "wörld 👋"),
    line("e", {"finishReason": "stop", "isContinued": False}),
    line("d", {"finishReason": "stop", "usage": {"promptTokens": 12, "completionTokens": 30}}),
]
"""A healthy message of the data stream."""

LINES_CALL = [
    LINES[0],
    line("b", {"toolCallId": "c1", "toolName": "weather"}),
    line("c", {"toolCallId": "c1", "argsTextDelta": '{"city":'}),
    line("c", {"toolCallId": "c1", "argsTextDelta": '"Bern"}'}),
    line("9", {"toolCallId": "c1", "toolName": "weather", "args": {"city": "Bern"}}),
    line("a", {"toolCallId": "c1", "result": "rain"}),
    line("d", {"finishReason": "tool-calls", "usage": {}}),
]
"""A message of the data stream that calls a tool."""
