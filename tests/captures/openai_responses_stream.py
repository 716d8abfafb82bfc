"""Events of the OpenAI Responses API, made by hand."""

from __future__ import annotations

import json
from itertools import count
from typing import Any


def event(type_: str, **fields: Any) -> bytes:
    """One event, its type in the event field and in the payload."""
    payload = json.dumps({"type": type_, **fields}, ensure_ascii=False)
    return f"event: {type_}\ndata: {payload}\n\n".encode()


def response(status: str = "in_progress", **fields: Any) -> dict[str, Any]:
    common = {"id": "resp_1", "object": "response", "created_at": 1, "model": "gpt-made-up"}
    return {**common, "status": status, "output": [], "error": None, **fields}


def created(**fields: Any) -> bytes:
    return event("response.created", response=response(**fields))


def added(index: int, type_: str, **fields: Any) -> bytes:
    item = {"id": f"item_{index}", "type": type_, **fields}
    return event("response.output_item.added", output_index=index, item=item)


def done(index: int, type_: str, **fields: Any) -> bytes:
    item = {"id": f"item_{index}", "type": type_, "status": "completed", **fields}
    return event("response.output_item.done", output_index=index, item=item)


def part_added(index: int, content_index: int = 0, type_: str = "output_text") -> bytes:
    where = {"output_index": index, "item_id": f"item_{index}", "content_index": content_index}
    empty = {"refusal": ""} if type_ == "refusal" else {"text": "", "annotations": []}
    return event("response.content_part.added", part={"type": type_, **empty}, **where)


def delta(family: str, index: int, text: str, **fields: Any) -> bytes:
    where = {"output_index": index, "item_id": f"item_{index}", **fields}
    return event(f"response.{family}.delta", delta=text, **where)


def ended(status: str = "completed", **fields: Any) -> bytes:
    usage = {
        "input_tokens": 12,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens": 30,
    }
    return event(f"response.{status}", response=response(status, usage=usage, **fields))


def error(**fields: Any) -> bytes:
    return event("error", error={"type": "server_error", "message": "Overloaded"}, **fields)


def numbered(pieces: list[bytes], start: int = 0) -> list[bytes]:
    """These events with sequence numbers."""
    numbers = count(start)
    return [
        piece.replace(b'data: {"', b'data: {"sequence_number": %d, "' % next(numbers), 1)
        for piece in pieces
    ]


HELLO = [
    created(),
    added(0, "message", content=[]),
    part_added(0),
    delta("output_text", 0, "Hello, ", content_index=0),
    delta("output_text", 0, "wörld 👋", content_index=0),
    event("response.output_text.done", output_index=0, content_index=0, text="Hello, wörld 👋"),
    done(0, "message", content=[{"type": "output_text", "text": "Hello, wörld 👋"}]),
    ended(),
]
"""A healthy answer."""

TOOL_USE = [
    created(),
    added(0, "reasoning", summary=[]),
    delta("reasoning_summary_text", 0, "Which city?", summary_index=0),
    done(0, "reasoning", summary=[{"type": "summary_text", "text": "Which city?"}]),
    added(1, "function_call", call_id="call_1", name="weather", arguments=""),
    delta("function_call_arguments", 1, '{"city": "Gen'),
    delta("function_call_arguments", 1, 'ève"}'),
    done(1, "function_call", call_id="call_1", name="weather", arguments='{"city": "Genève"}'),
    ended(),
]
"""A healthy answer that reasons and calls a function."""


def stopped_by(reason: str) -> list[bytes]:
    """An answer that is incomplete for this reason."""
    return [*HELLO[:-1], ended("incomplete", incomplete_details={"reason": reason})]
