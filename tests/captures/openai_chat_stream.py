"""Chunks of the Chat Completions API, made by hand."""

from __future__ import annotations

import json
from typing import Any

DONE = b"data: [DONE]\n\n"


def data(payload: Any) -> bytes:
    """One event without a name."""
    return f"data: {json.dumps(payload, ensure_ascii=False)}\n\n".encode()


def chunk(*choices: dict[str, Any], **fields: Any) -> bytes:
    """A chunk with these choices."""
    payload = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "gpt-made-up"}
    return data({**payload, "choices": list(choices), **fields})


def choice(index: int = 0, finish_reason: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"index": index, "delta": delta, "finish_reason": finish_reason}


def text(words: str) -> bytes:
    return chunk(choice(content=words))


def call(arguments: str | None, name: str | None = None, **fields: Any) -> bytes:
    """A fragment of a tool call, by default of the one under index 0."""
    function = {"arguments": arguments} if name is None else {"name": name, "arguments": arguments}
    fragment = {"index": 0, "function": function, **fields}
    if fragment["index"] is None:
        del fragment["index"]
    return chunk(choice(tool_calls=[fragment]))


def finish(reason: str | None = "stop", **delta: Any) -> bytes:
    return chunk(choice(finish_reason=reason, **delta))


def usage(prompt: int = 12, completion: int = 30) -> bytes:
    tokens = {"prompt_tokens": prompt, "completion_tokens": completion}
    return chunk(usage={**tokens, "prompt_tokens_details": {"cached_tokens": 4}})


def error(**fields: Any) -> bytes:
    return data({"error": {"message": "Overloaded", "type": "server_error", **fields}})


ROLE = chunk(choice(role="assistant", content=""))
HELLO = [ROLE, text("Hello, "), text("wörld 👋"), finish(), usage(), DONE]
"""A healthy answer."""

TOOL_USE = [
    chunk(choice(role="assistant", content=None)),
    chunk(choice(reasoning_content="Which city?")),
    call("", "weather", id="call_1", type="function"),
    call('{"city": "Gen'),
    call('ève"}'),
    finish("tool_calls"),
    usage(),
    DONE,
]
"""A healthy answer that reasons and calls a tool."""


def stopped_by(reason: str) -> list[bytes]:
    """A whole answer with another finish_reason."""
    return [*HELLO[:3], finish(reason), *HELLO[4:]]
