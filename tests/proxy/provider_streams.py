"""What three providers send: whole streams, an error within one, and answers that are errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TEXT = ("Streams ", "lie ", "quietly.")
"""The pieces in which every stream here sends its text."""

RETRY_AFTER = "7"


@dataclass(frozen=True)
class ProviderStream:
    """One provider's stream in the parts from which every situation is made."""

    opening: bytes
    """Events up to the one with the first text."""
    rest: bytes
    """Events after it, up to the end of a good stream."""
    error_event: bytes
    """An event that tells of an error, under status 200."""
    error_bodies: Mapping[int, bytes]
    """The body of an answer whose status is an error."""

    def half_event(self) -> bytes:
        """The beginning of the event after the first text."""
        return self.rest[:30]


def sse(payload: Any, *, event: str | None = None, line_end: str = "\n") -> bytes:
    """One event."""
    data = payload if isinstance(payload, str) else json.dumps(payload, separators=(",", ":"))
    name = f"event: {event}{line_end}" if event else ""
    return f"{name}data: {data}{line_end}{line_end}".encode()


def _typed(payload: dict[str, Any]) -> bytes:
    return sse(payload, event=str(payload["type"]))


def _json(payload: Any) -> bytes:
    return json.dumps(payload).encode()


def _anthropic() -> ProviderStream:
    message: dict[str, Any] = {
        "id": "msg_01Streams",
        "type": "message",
        "role": "assistant",
        "model": "claude-model",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 12, "output_tokens": 1},
    }
    text = {"type": "text", "text": ""}
    deltas = [
        _typed(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": piece},
            }
        )
        for piece in TEXT
    ]
    opening = (
        _typed({"type": "message_start", "message": message}),
        _typed({"type": "content_block_start", "index": 0, "content_block": text}),
        _typed({"type": "ping"}),
        deltas[0],
    )
    rest = (
        *deltas[1:],
        _typed({"type": "content_block_stop", "index": 0}),
        _typed(
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                "usage": {"output_tokens": 9},
            }
        ),
        _typed({"type": "message_stop"}),
    )
    return ProviderStream(
        b"".join(opening),
        b"".join(rest),
        _typed(_anthropic_error("overloaded_error", "Overloaded")),
        {
            429: _json(_anthropic_error("rate_limit_error", "Too many requests")),
            529: _json(_anthropic_error("overloaded_error", "Overloaded")),
        },
    )


def _anthropic_error(kind: str, message: str) -> dict[str, Any]:
    return {
        "type": "error",
        "error": {"details": None, "type": kind, "message": message},
        "request_id": "req_01Streams",
    }


def _chat_completions() -> ProviderStream:
    def chunk(delta: dict[str, Any], finish_reason: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return sse(
            {
                "id": "chatcmpl-Streams",
                "object": "chat.completion.chunk",
                "created": 1767225600,
                "model": "gpt-5-2026-01-01",
                "choices": [choice],
                "usage": None,
                **more,
            }
        )

    usage = {"prompt_tokens": 12, "completion_tokens": 9, "total_tokens": 21}
    pieces = [chunk({"content": piece}) for piece in TEXT]
    return ProviderStream(
        chunk({"role": "assistant", "content": "", "refusal": None}) + pieces[0],
        b"".join(pieces[1:])
        + chunk({}, "stop")
        + chunk({}, choices=[], usage=usage)
        + sse("[DONE]"),
        sse(_openai_error("server_error", "The server had an error")),
        _OPENAI_ERROR_BODIES,
    )


def _responses() -> ProviderStream:
    item = {"id": "msg_Streams", "type": "message", "role": "assistant"}
    whole = {"type": "output_text", "text": "".join(TEXT), "annotations": [], "logprobs": []}
    finished = {**item, "status": "completed", "content": [whole]}
    usage = {
        "input_tokens": 12,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 9,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 21,
    }
    place = {"item_id": "msg_Streams", "output_index": 0, "content_index": 0}
    started = {**item, "status": "in_progress", "content": []}
    deltas = [
        {"type": "response.output_text.delta", **place, "delta": piece, "logprobs": []}
        for piece in TEXT
    ]
    payloads: list[dict[str, Any]] = [
        {"type": "response.created", "response": _response("in_progress")},
        {"type": "response.in_progress", "response": _response("in_progress")},
        {"type": "response.output_item.added", "output_index": 0, "item": started},
        {"type": "response.content_part.added", **place, "part": {**whole, "text": ""}},
        *deltas,
        {"type": "response.output_text.done", **place, "text": whole["text"], "logprobs": []},
        {"type": "response.content_part.done", **place, "part": whole},
        {"type": "response.output_item.done", "output_index": 0, "item": finished},
        {
            "type": "response.completed",
            "response": _response("completed", output=[finished], usage=usage),
        },
    ]
    events = [_typed({**payload, "sequence_number": n}) for n, payload in enumerate(payloads)]
    error = _openai_error("server_error", "The server had an error")
    return ProviderStream(
        b"".join(events[:5]),
        b"".join(events[5:]),
        _typed({"type": "error", "sequence_number": 5, **error}),
        _OPENAI_ERROR_BODIES,
    )


def _response(status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "resp_Streams",
        "object": "response",
        "created_at": 1767225600,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "gpt-5-2026-01-01",
        "output": [],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": None,
        **more,
    }


def _openai_error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"type": code, "code": code, "message": message, "param": None}}


_OPENAI_ERROR_BODIES = {
    429: _json(_openai_error("rate_limit_exceeded", "Rate limit reached")),
    529: _json(_openai_error("server_error", "Overloaded")),
}


def _gemini() -> ProviderStream:
    def chunk(text: str, tokens: int, finish_reason: str | None = None) -> bytes:
        candidate: dict[str, Any] = {
            "content": {"parts": [{"text": text}], "role": "model"},
            "index": 0,
        }
        if finish_reason:
            candidate["finishReason"] = finish_reason
        usage = {"promptTokenCount": 12, "candidatesTokenCount": tokens}
        return sse(
            {
                "candidates": [candidate],
                "usageMetadata": {**usage, "totalTokenCount": 12 + tokens},
                "modelVersion": "gemini-2.5-flash",
                "responseId": "Streams",
            },
            line_end="\r\n",
        )

    return ProviderStream(
        chunk(TEXT[0], 3),
        chunk(TEXT[1], 5) + chunk(TEXT[2], 9, "STOP"),
        sse(_gemini_error(503, "UNAVAILABLE", "The model is overloaded."), line_end="\r\n"),
        {
            429: _json(_gemini_error(429, "RESOURCE_EXHAUSTED", "Quota exceeded.")),
            529: _json(_gemini_error(529, "UNAVAILABLE", "The model is overloaded.")),
        },
    )


def _gemini_error(code: int, status: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": status}}


ANTHROPIC = _anthropic()
CHAT_COMPLETIONS = _chat_completions()
RESPONSES = _responses()
GEMINI = _gemini()
