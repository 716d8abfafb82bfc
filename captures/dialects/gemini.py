"""The Gemini dialect: ``models/…:streamGenerateContent`` of the Gemini API and of Vertex AI.

Every event, or every element of an array, is a whole GenerateContentResponse that holds what is
new; the last counts are those of the whole answer. There is no terminal event: a candidate has
ended with the response that carries its finishReason, and a refused prompt with its blockReason.
Some models repeat STOP in every response, so that a STOP says nothing about an end until the
stream itself has ended.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.base import Event, EventKind
from captures.dialects.complaints import Complaints
from captures.dialects.gemini_message import ChunkContent, GeminiBuilder
from captures.dialects.payload import error_from, mapping, parsed, string
from captures.findings.gemini import (
    ARRAY_DAMAGED,
    CALL_NOT_ENDED,
    GEMINI_AFTER_END,
    GEMINI_CUT_BY_LIMIT,
    GEMINI_ERROR,
    GEMINI_FAILED,
    GEMINI_FILTERED,
    GEMINI_NO_END,
    GEMINI_NO_USAGE,
    GEMINI_SPLICED,
    GEMINI_USAGE_SHRANK,
    PROMPT_BLOCKED,
)
from captures.findings.rule import Complaint, Rule
from captures.findings.sse import DATA_NOT_JSON
from captures.json_array import ELEMENT
from captures.message import Message, Usage
from captures.sse import Frame
from captures.stop_reasons import StopKind, stop_kind

_SHOWN_KINDS = (EventKind.TEXT, EventKind.THINKING, EventKind.TOOL, EventKind.STRUCTURE)
_RULES: dict[StopKind, Rule] = {
    StopKind.LIMIT: GEMINI_CUT_BY_LIMIT,
    StopKind.FILTERED: GEMINI_FILTERED,
    StopKind.FAILED: GEMINI_FAILED,
}
_POSITIONS = {
    EventKind.TEXT: "in the text",
    EventKind.THINKING: "in the thinking",
    EventKind.TOOL: "after a tool call",
    EventKind.STRUCTURE: "in the answer",
}


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: candidates, or feedback on the prompt."""
    payload = _response_in(parsed(frame.data) or {})
    if isinstance(payload.get("candidates"), list) or mapping(payload, "promptFeedback"):
        return True
    return "usageMetadata" in payload and ("modelVersion" in payload or "responseId" in payload)


class GeminiDialect:
    """Folds the responses of one stream."""

    name = "gemini.generateContent"
    stop_reason_name = "finishReason"

    def __init__(self) -> None:
        self._builder = GeminiBuilder()
        self._started = False
        self._failed = False
        self._repeats_stop = False
        self._last: EventKind | None = None
        self._complaints = Complaints()
        self.earlier: tuple[Message, ...] = ()

    def feed(self, frame: Frame) -> tuple[Event, tuple[Complaint, ...]]:
        """What the event is, and what is wrong with it."""
        payload = parsed(frame.data)
        if payload is None:
            rule = ARRAY_DAMAGED if frame.event == ELEMENT else DATA_NOT_JSON
            self._complaints.add(rule, f"{frame.event}: {frame.data[:80]}")
            event = Event(frame, EventKind.OTHER, frame.event, frame.data)
        elif payload.get("error"):
            event = self._error(frame, payload["error"])
        else:
            event = self._response(frame, _response_in(payload))
        self._started = True
        return event, self._complaints.take()

    def finish(self) -> tuple[Complaint, ...]:
        """What is missing. After an error or a refused prompt nothing more is due."""
        if self._failed or self._builder.is_blocked:
            return ()
        for call in self._builder.open_calls:
            self._complaints.add(CALL_NOT_ENDED, f"{call.name}: {call.arguments[-80:]}")
        if self._builder.went_on:
            reason = self._builder.went_on[0]
            self._complaints.once(GEMINI_AFTER_END, f"it ended {self.position}, after {reason}")
        elif not self._builder.all_finished:
            self._complaints.add(GEMINI_NO_END, f"it ended {self.position}")
        elif not self._builder.has_usage:
            self._complaints.add(GEMINI_NO_USAGE, "no usageMetadata with a count came")
        elif self._builder.shrunk:
            self._complaints.add(GEMINI_USAGE_SHRANK, self._builder.shrunk)
        return self._complaints.take()

    def message(self) -> Message:
        """The message as far as it has come."""
        return self._builder.message()

    @property
    def usage(self) -> Usage:
        """The latest counts."""
        return self._builder.usage

    @property
    def finished(self) -> bool:
        """Whether an error, a blockReason or a finishReason has come that can only be the last."""
        return self._failed or (self.may_end and not self._repeats_stop)

    @property
    def may_end(self) -> bool:
        """Whether an error, a blockReason or the finishReason of every candidate has come."""
        return self._failed or self._builder.is_blocked or self._builder.all_finished

    @property
    def position(self) -> str:
        """How far the answer has come."""
        if self._failed:
            return "after the error"
        if self.may_end:
            return "after blockReason" if self._builder.is_blocked else "after finishReason"
        if not self._started:
            return "before the first event"
        if self._builder.open_calls:
            return "in the tool arguments"
        return "before the first token" if self._last is None else _POSITIONS[self._last]

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still due: the last counts come with the finishReason."""
        return () if self.may_end else ("finishReason", "usage")

    def _response(self, frame: Frame, payload: dict[str, Any]) -> Event:
        id_ = string(payload, "responseId")
        if id_ and self._builder.id and id_ != self._builder.id:
            detail = f"{id_} after {self._builder.id}, {self.position}"
            self._complaints.once(GEMINI_SPLICED, detail)
            self.earlier = (*self.earlier, self._builder.message())
            self._builder, self._last, self._repeats_stop = GeminiBuilder(), None, False
        had_ended = self._builder.all_finished
        content = self._builder.add(payload)
        self._repeats_stop |= had_ended and bool(content.deltas)
        self._judge(content)
        known = isinstance(payload.get("candidates"), list) or content.has_usage
        return self._event(frame, content, known)

    def _judge(self, content: ChunkContent) -> None:
        if content.block_reason and self._builder.is_blocked:
            self._complaints.once(PROMPT_BLOCKED, f"blockReason is {content.block_reason}")
        kind = stop_kind(content.finish_reason)
        if kind in _RULES:
            words = f": {content.finish_message}" if content.finish_message else ""
            self._complaints.once(_RULES[kind], f"finishReason is {content.finish_reason}{words}")
        if content.late:
            self._complaints.once(GEMINI_AFTER_END, f"content after {content.late}")

    def _event(self, frame: Frame, content: ChunkContent, known: bool) -> Event:
        """The row of a response: the best of what it carries."""
        reason = content.finish_reason
        if reason is None and self._builder.is_blocked:
            reason = content.block_reason or None
        for kind in _SHOWN_KINDS:
            deltas = [delta for delta in content.deltas if delta.kind is kind]
            if deltas:
                self._last = kind
                text = "".join(delta.text for delta in deltas)
                return Event(frame, kind, deltas[0].name, text, reason)
        tokens = self._builder.usage.output_tokens
        account = f"{tokens} output tokens" if content.has_usage and tokens is not None else ""
        if reason is not None:
            type_ = "finishReason" if content.finish_reason is not None else "promptFeedback"
            return Event(frame, EventKind.STOP_REASON, type_, account, reason)
        if not known:
            return Event(frame, EventKind.OTHER, frame.event, frame.data)
        if not self._started:
            return Event(frame, EventKind.START, "response", self._builder.model)
        if not content.has_usage:
            return Event(frame, EventKind.OTHER, "response")
        return Event(frame, EventKind.OTHER, "usageMetadata", account)

    def _error(self, frame: Frame, words: Any) -> Event:
        self._failed = True
        error = error_from(words)
        self._builder.fail(error)
        account = f"{error.type}: {error.message}"
        self._complaints.once(GEMINI_ERROR, account)
        return Event(frame, EventKind.ERROR, "error", account)


def _response_in(payload: dict[str, Any]) -> dict[str, Any]:
    """The response itself: Code Assist sends it within another object."""
    inner = mapping(payload, "response")
    return inner if inner and "candidates" not in payload else payload
