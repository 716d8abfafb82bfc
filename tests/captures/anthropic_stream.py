"""Events of the Anthropic Messages API, made by hand."""

from __future__ import annotations

import json
from typing import Any


def event(type_: str, **fields: Any) -> bytes:
    """One event, its type in the event field and in the payload."""
    payload = json.dumps({"type": type_, **fields}, ensure_ascii=False)
    return f"event: {type_}\ndata: {payload}\n\n".encode()


def message_start(input_tokens: int = 12, **fields: Any) -> bytes:
    usage = {"input_tokens": input_tokens, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-made-up"}
    return event("message_start", message={**message, "content": [], "usage": usage, **fields})


def block_start(index: int, type_: str = "text", **content: Any) -> bytes:
    content = {"text": ""} if type_ == "text" and not content else content
    return event("content_block_start", index=index, content_block={"type": type_, **content})


def tool_start(index: int, name: str = "weather", **content: Any) -> bytes:
    return block_start(index, "tool_use", id=f"toolu_{index}", name=name, input={}, **content)


def text(index: int, words: str) -> bytes:
    return event("content_block_delta", index=index, delta={"type": "text_delta", "text": words})


def thinking(index: int, words: str) -> bytes:
    delta = {"type": "thinking_delta", "thinking": words}
    return event("content_block_delta", index=index, delta=delta)


def signature(index: int, proof: str = "EqQBCgIYAhIM") -> bytes:
    delta = {"type": "signature_delta", "signature": proof}
    return event("content_block_delta", index=index, delta=delta)


def citation(index: int, **source: Any) -> bytes:
    delta = {"type": "citations_delta", "citation": source}
    return event("content_block_delta", index=index, delta=delta)


def arguments(index: int, json_text: str) -> bytes:
    delta = {"type": "input_json_delta", "partial_json": json_text}
    return event("content_block_delta", index=index, delta=delta)


def block_stop(index: int) -> bytes:
    return event("content_block_stop", index=index)


def message_delta(
    stop_reason: str | None = "end_turn", output_tokens: int = 30, **fields: Any
) -> bytes:
    delta = {"stop_reason": stop_reason, "stop_sequence": None, **fields}
    return event("message_delta", delta=delta, usage={"output_tokens": output_tokens})


def error(type_: str = "overloaded_error", message: str = "Overloaded") -> bytes:
    return event("error", error={"type": type_, "message": message})


PING = event("ping")
MESSAGE_STOP = event("message_stop")

HELLO = [
    message_start(),
    block_start(0),
    PING,
    text(0, "Hello, "),
    text(0, "wörld 👋"),
    block_stop(0),
    message_delta(),
    MESSAGE_STOP,
]
"""A healthy answer."""

TOOL_USE = [
    message_start(),
    block_start(0, "thinking", thinking="", signature=""),
    thinking(0, "Which city?"),
    signature(0),
    block_stop(0),
    tool_start(1),
    arguments(1, ""),
    arguments(1, '{"city": "Gen'),
    arguments(1, 'ève"}'),
    block_stop(1),
    message_delta("tool_use"),
    MESSAGE_STOP,
]
"""A healthy answer that thinks and calls a tool."""


def stopped_by(reason: str) -> list[bytes]:
    """A whole answer with another stop reason."""
    return [*HELLO[:-2], message_delta(reason), MESSAGE_STOP]
