"""As much of each protocol as doing harm needs: which event stops, which ends, how errors look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from captures.faults.blocks import Block

ERROR_KINDS = ("overloaded", "rate_limit", "api_error")

Payload = dict[str, object]


@dataclass(frozen=True, slots=True)
class Protocol:
    """One protocol."""

    name: str
    fits: Callable[[Block], bool]
    """Whether a block has its shape."""
    is_delta: Callable[[Block], bool]
    """Whether a block carries what the model wrote."""
    is_stop: Callable[[Block], bool]
    """Whether a block carries the stop reason."""
    is_terminal: Callable[[Block], bool]
    """Whether a block is the last one of the protocol."""
    without_stop: Callable[[Block], bytes]
    """A block without its stop reason."""
    error: Callable[[str], bytes]
    """An error in the stream, of one of ERROR_KINDS."""
    ping: bytes
    """A sign of life that its clients know, or a comment."""


_ERROR_WORDS = {
    "overloaded": ("overloaded_error", "Overloaded"),
    "rate_limit": ("rate_limit_error", "Rate limited"),
    "api_error": ("api_error", "Internal server error"),
}
_GEMINI_ERRORS = {
    "overloaded": (503, "UNAVAILABLE"),
    "rate_limit": (429, "RESOURCE_EXHAUSTED"),
    "api_error": (500, "INTERNAL"),
}
_RESPONSES_TERMINALS = ("response.completed", "response.incomplete", "response.failed")
COMMENT = b": keep-alive\n\n"


def protocol_of(block: Block) -> Protocol | None:
    """The protocol whose shape a block has, or None."""
    return next((known for known in PROTOCOLS if known.fits(block)), None)


def choices_of(block: Block) -> list[Payload]:
    """The choices of a chat completion chunk."""
    choices = block.payload.get("choices")
    return [each for each in choices if isinstance(each, dict)] if isinstance(choices, list) else []


def delta_of(choice: Payload) -> Payload:
    """The delta of a choice."""
    delta = choice.get("delta")
    return delta if isinstance(delta, dict) else {}


def has_finish_reason(block: Block) -> bool:
    """Whether a chunk carries a finish_reason."""
    return any(choice.get("finish_reason") for choice in choices_of(block))


def _type(block: Block) -> str:
    return str(block.payload.get("type", ""))


def _frame(payload: Mapping[str, object], event: str = "") -> bytes:
    named = b"event: %s\n" % event.encode() if event else b""
    return b"%sdata: %s\n\n" % (named, orjson.dumps(payload))


def _anthropic_error(kind: str) -> bytes:
    type_, message = _ERROR_WORDS[kind]
    error = {"details": None, "type": type_, "message": message}
    return _frame({"type": "error", "error": error, "request_id": "req_harmed"}, "error")


def _anthropic_without_stop(block: Block) -> bytes:
    payload = block.payload
    delta = payload.get("delta")
    kept = {**delta, "stop_reason": None} if isinstance(delta, dict) else delta
    return block.with_payload(payload | {"delta": kept})


def _chat_error(kind: str) -> bytes:
    type_, message = _ERROR_WORDS[kind]
    return _frame({"error": {"message": message, "type": type_, "param": None, "code": type_}})


def _chat_without_stop(block: Block) -> bytes:
    choices = [choice | {"finish_reason": None} for choice in choices_of(block)]
    return block.with_payload(block.payload | {"choices": choices})


def _responses_error(kind: str) -> bytes:
    type_, message = _ERROR_WORDS[kind]
    error = {"type": type_, "code": type_, "message": message, "param": None}
    return _frame({"type": "error", "error": error}, "error")


def _gemini_error(kind: str) -> bytes:
    code, status = _GEMINI_ERRORS[kind]
    message = _ERROR_WORDS[kind][1]
    payload = {"error": {"code": code, "message": message, "status": status}}
    return _frame(payload).replace(b"\n", b"\r\n")


def _candidates(block: Block) -> list[Payload]:
    found = block.payload.get("candidates")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _gemini_without_stop(block: Block) -> bytes:
    kept = [
        {name: value for name, value in candidate.items() if name != "finishReason"}
        for candidate in _candidates(block)
    ]
    payload = block.with_payload(block.payload | {"candidates": kept})
    return payload.replace(b"\n", b"\r\n")


PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "anthropic",
        fits=lambda block: _type(block).startswith(("message_", "content_block_")),
        is_delta=lambda block: _type(block) == "content_block_delta",
        is_stop=lambda block: _type(block) == "message_delta",
        is_terminal=lambda block: _type(block) == "message_stop",
        without_stop=_anthropic_without_stop,
        error=_anthropic_error,
        ping=b'event: ping\ndata: {"type": "ping"}\n\n',
    ),
    Protocol(
        "responses",
        fits=lambda block: _type(block).startswith("response."),
        is_delta=lambda block: _type(block).endswith(".delta"),
        is_stop=lambda block: _type(block) in _RESPONSES_TERMINALS,
        is_terminal=lambda block: _type(block) in _RESPONSES_TERMINALS,
        without_stop=lambda _block: b"",
        error=_responses_error,
        ping=COMMENT,
    ),
    Protocol(
        "chat",
        fits=lambda block: "choices" in block.payload,
        is_delta=lambda block: any(delta_of(choice) for choice in choices_of(block)),
        is_stop=has_finish_reason,
        is_terminal=lambda block: block.data.startswith(b"[DONE]"),
        without_stop=_chat_without_stop,
        error=_chat_error,
        ping=COMMENT,
    ),
    Protocol(
        "gemini",
        fits=lambda block: "candidates" in block.payload or "usageMetadata" in block.payload,
        is_delta=lambda block: bool(_candidates(block)),
        is_stop=lambda block: any("finishReason" in each for each in _candidates(block)),
        is_terminal=lambda block: any("finishReason" in each for each in _candidates(block)),
        without_stop=_gemini_without_stop,
        error=_gemini_error,
        ping=COMMENT,
    ),
)
"""Tried in order."""
