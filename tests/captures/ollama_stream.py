"""Lines of Ollama's own API, made by hand."""

from __future__ import annotations

import json
from typing import Any


def line(**fields: Any) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def chat(content: str = "", done: bool = False, **fields: Any) -> bytes:
    """A line of ``/api/chat``; fields of the message come as ``message``."""
    message = {"role": "assistant", "content": content, **fields.pop("message", {})}
    about = {"model": "llama-made-up", "created_at": "2026-03-01T12:00:00Z"}
    return line(**about, message=message, done=done, **fields)


def generate(response: str, done: bool = False, **fields: Any) -> bytes:
    """A line of ``/api/generate``."""
    return line(model="llama-made-up", response=response, done=done, **fields)


def call(name: str, arguments: Any, **fields: Any) -> bytes:
    calls = [{"function": {"name": name, "arguments": arguments}, **fields}]
    return chat(message={"tool_calls": calls})


def end(reason: str | None = "stop", **fields: Any) -> bytes:
    told = {} if reason is None else {"done_reason": reason}
    return chat("", True, **told, prompt_eval_count=12, eval_count=30, **fields)


ERROR = line(error="model runner has unexpectedly stopped")

HELLO = [chat("Hello, "), chat("wörld 👋"), end()]
"""A healthy answer."""

TOOL_USE = [chat(message={"thinking": "Which city?"}), call("weather", {"city": "Genève"}), end()]
"""A healthy answer that thinks and calls a tool."""
