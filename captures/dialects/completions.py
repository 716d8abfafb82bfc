"""The two completion protocols that came before chat.

OpenAI's ``POST /v1/completions``, which vLLM and others still serve: chunks whose choices carry
``text``, a finish_reason for each choice, ``[DONE]``. Anthropic's ``POST /v1/complete``:
``completion`` events, the last of them with the stop_reason.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from captures.dialects.answer import Answer
from captures.dialects.answer_dialect import DONE, AnswerDialect
from captures.dialects.base import Event, EventKind
from captures.dialects.payload import mapping, mappings, number, parsed, string, usage_from
from captures.findings.other_protocols import OTHER_RULES
from captures.message import Message, Text
from captures.sse import Frame


def recognises_openai(frame: Frame) -> bool:
    """Whether an event has the shape of OpenAI's protocol: a ``text_completion`` with choices."""
    payload = parsed(frame.data)
    return payload is not None and payload.get("object") == "text_completion"


def recognises_anthropic(frame: Frame) -> bool:
    """Whether an event has the shape of Anthropic's protocol: it is of type ``completion``."""
    payload = parsed(frame.data)
    return payload is not None and payload.get("type") == "completion"


class OpenAICompletionsDialect(AnswerDialect):
    """Folds the chunks of one completion."""

    name = "openai.completions"
    rules = OTHER_RULES
    stop_reason_name = "finish_reason"
    due = ("finish_reason", "usage", DONE)

    def __init__(self) -> None:
        super().__init__()
        self._reasons: dict[int, str | None] = {}
        """The finish_reason of every choice that has begun."""

    @property
    def complete(self) -> bool:
        """Whether there is a choice, and every one has its finish_reason."""
        return bool(self._reasons) and None not in self._reasons.values()

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes a chunk."""
        if payload.get("error"):
            return self.fail(frame, payload["error"])
        _begin(self.answer, payload)
        if isinstance(payload.get("usage"), dict):
            self.answer.usage = usage_from(payload["usage"])
        pieces = [self._take_choice(choice) for choice in mappings(payload, "choices")]
        text = "".join(piece for piece, _ in pieces)
        reason = next((reason for _, reason in pieces if reason), None)
        if text:
            return Event(frame, EventKind.TEXT, "text", text, reason)
        if reason is not None:
            return Event(frame, EventKind.STOP_REASON, "finish_reason", "", reason)
        return self.other(frame, frame.event)

    def _take_choice(self, choice: dict[str, Any]) -> tuple[str, str | None]:
        index = number(choice, "index") or 0
        piece, reason = string(choice, "text"), string(choice, "finish_reason") or None
        self.answer.text(str(index)).text.add(piece)
        self._reasons[index] = reason or self._reasons.get(index)
        self.stop(reason)
        return piece, reason


class AnthropicCompleteDialect(AnswerDialect):
    """Folds the events of one completion of Anthropic's first API."""

    name = "anthropic.complete"
    rules = OTHER_RULES
    stop_reason_name = "stop_reason"
    due = ("stop_reason",)

    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes a completion, a ping or an error."""
        type_ = string(payload, "type") or frame.event
        if type_ == "ping":
            return Event(frame, EventKind.PING, type_)
        if type_ == "error" or payload.get("error"):
            return self.fail(frame, payload.get("error"))
        if type_ != "completion":
            return self.other(frame, type_)
        _begin(self.answer, payload)
        event = self.text(frame, type_, string(payload, "completion"))
        reason = string(payload, "stop_reason") or None
        if reason is None:
            return event
        ended = self.end(frame, type_, reason)
        return replace(event, stop_reason=reason) if event.text else ended


def whole_openai_message(payload: Any) -> Message | None:
    """The message of an OpenAI completion that was not streamed, or None if it is none."""
    if not isinstance(payload, dict) or payload.get("object") != "text_completion":
        return None
    choices = mappings(payload, "choices")
    reasons = [string(choice, "finish_reason") for choice in choices]
    return Message(
        id=string(payload, "id"),
        model=string(payload, "model"),
        parts=tuple(Text(string(choice, "text")) for choice in choices),
        stop_reason=next((reason for reason in reasons if reason), None),
        usage=usage_from(mapping(payload, "usage")),
    )


def whole_anthropic_message(payload: Any) -> Message | None:
    """The message of an Anthropic completion that was not streamed, or None if it is none."""
    if not isinstance(payload, dict) or payload.get("type") != "completion":
        return None
    return Message(
        id=string(payload, "id"),
        model=string(payload, "model"),
        parts=(Text(string(payload, "completion")),),
        stop_reason=string(payload, "stop_reason") or None,
    )


def _begin(answer: Answer, payload: dict[str, Any]) -> None:
    answer.id = answer.id or string(payload, "id")
    answer.model = answer.model or string(payload, "model")
