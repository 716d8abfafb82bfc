"""The dialect of Hugging Face's Text Generation Inference: ``/generate_stream``.

Every event holds one token; the last one also the ``generated_text`` as a whole and, where asked
for, details with the finish_reason.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from captures.dialects.answer_dialect import AnswerDialect
from captures.dialects.base import Event, EventKind
from captures.dialects.payload import mapping, number, parsed, string
from captures.findings.other_protocols import OTHER_RULES
from captures.message import Message, Text, Usage
from captures.sse import Frame


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: a token, and a place for the whole text."""
    payload = parsed(frame.data)
    return (
        payload is not None
        and isinstance(payload.get("token"), dict)
        and "generated_text" in payload
    )


class TextGenerationDialect(AnswerDialect):
    """Folds the tokens of one generated text."""

    name = "tgi.generate"
    rules = OTHER_RULES
    stop_reason_name = "finish_reason"
    due = ("finish_reason", "generated_text")

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes a token or an error."""
        if payload.get("error"):
            type_ = string(payload, "error_type") or "error"
            return self.fail(frame, {"type": type_, "message": string(payload, "error")})
        token = mapping(payload, "token")
        if not token:
            return self.other(frame, frame.event)
        # Special tokens, such as the one that ends the text, are not part of it.
        piece = "" if token.get("special") is True else string(token, "text")
        event = self.text(frame, "token", piece)
        if not isinstance(payload.get("generated_text"), str):
            return event if piece else replace(event, kind=EventKind.OTHER)
        details = mapping(payload, "details")
        self.answer.usage = Usage(output_tokens=number(details, "generated_tokens"))
        reason = string(details, "finish_reason") or None
        ended = self.end(frame, "generated_text", reason)
        return replace(event, stop_reason=reason) if piece else ended


def whole_message(payload: Any) -> Message | None:
    """The message of a text that was not streamed, or None if it is none."""
    if isinstance(payload, list):
        payload = payload[0] if payload else None
    if not isinstance(payload, dict) or not isinstance(payload.get("generated_text"), str):
        return None
    details = mapping(payload, "details")
    return Message(
        parts=(Text(payload["generated_text"]),),
        stop_reason=string(details, "finish_reason") or None,
        usage=Usage(output_tokens=number(details, "generated_tokens")),
    )
