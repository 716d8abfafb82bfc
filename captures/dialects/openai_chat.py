"""The Chat Completions dialect: ``POST /v1/chat/completions`` with ``stream: true``.

After OpenAI's API reference and what compatible vendors send: chunks whose choices carry deltas,
a chunk with the finish_reason, one with the usage if it was asked for, then ``[DONE]``. Some
vendors leave ``[DONE]`` out, so a stream is whole once every choice has its finish_reason.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.base import Event, EventKind
from captures.dialects.complaints import Complaints, complaint
from captures.dialects.openai_chat_choice import Choice
from captures.dialects.openai_chat_chunk import ChunkContent
from captures.dialects.openai_chat_message import CHUNK, ChatBuilder
from captures.dialects.payload import error_from, parsed, string
from captures.findings.openai_chat import (
    CHAT_AFTER_DONE,
    CHAT_ARGUMENTS_INVALID,
    CHAT_CUT_BY_LIMIT,
    CHAT_ERROR,
    CHAT_NO_CALL,
    CHAT_NO_END,
    CHAT_NO_FINISH_REASON,
    CHAT_REFUSED,
    CHAT_SPLICED,
    CHAT_STOP_WITH_TOOL_CALLS,
    CHAT_STOPPED,
)
from captures.findings.rule import Complaint
from captures.findings.sse import DATA_NOT_JSON
from captures.message import Message, Usage
from captures.sse import Frame
from captures.stop_reasons import StopKind, stop_kind

DONE = "[DONE]"
"""The data of the event that ends the stream; clients test how the data begins."""

_SHOWN_KINDS = (EventKind.TEXT, EventKind.THINKING, EventKind.TOOL, EventKind.STRUCTURE)
_POSITIONS = {
    EventKind.TEXT: "in the text",
    EventKind.THINKING: "in the thinking",
    EventKind.TOOL: "in the tool arguments",
    EventKind.STRUCTURE: "in the answer",
}


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: a chunk, or choices with deltas."""
    payload = parsed(frame.data)
    if payload is None:
        return False
    if payload.get("object") == CHUNK:
        return True
    choices = payload.get("choices")
    return isinstance(choices, list) and any(
        isinstance(choice, dict) and "delta" in choice for choice in choices
    )


class OpenAIChatDialect:
    """Folds the chunks of one completion."""

    name = "openai.chat"
    stop_reason_name = "finish_reason"

    def __init__(self) -> None:
        self._complaints = Complaints()
        self._earlier: list[Message] = []
        self._begin()

    def _begin(self) -> None:
        """Begins a completion; what was said of the stream stands."""
        self._builder = ChatBuilder()
        self._started = False
        self._done = False
        self._failed = False
        self._usage_due = False
        self._last: EventKind | None = None

    def feed(self, frame: Frame) -> tuple[Event, tuple[Complaint, ...]]:
        """What the event is, and what is wrong with it."""
        event = self._end(frame) if frame.data.startswith(DONE) else self._chunk(frame)
        return event, self._complaints.take()

    def finish(self) -> tuple[Complaint, ...]:
        """What is missing: nothing after [DONE], an error, or the finish_reason of every choice."""
        if self.finished:
            return ()
        if not self._builder.all_finished:
            return (complaint(CHAT_NO_END, f"it ended {self.position}"),)
        self._judge_answers()
        return self._complaints.take()

    def message(self) -> Message:
        """The message as far as it has come."""
        return self._builder.message()

    @property
    def earlier(self) -> tuple[Message, ...]:
        """Completions of the same stream that began before the current one."""
        return tuple(self._earlier)

    @property
    def usage(self) -> Usage:
        """The latest usage."""
        return self._builder.usage

    @property
    def finished(self) -> bool:
        """Whether [DONE] or an error has come."""
        return self._done or self._failed

    @property
    def may_end(self) -> bool:
        """Whether an error or the finish_reason of every choice has come."""
        return self._failed or self._builder.all_finished

    @property
    def position(self) -> str:
        """How far the answer has come."""
        if self._done:
            return "after [DONE]"
        if self._failed:
            return "after the error"
        if self._builder.all_finished:
            return "after finish_reason, before [DONE]"
        if not self._started:
            return "before the first event"
        return "before the first token" if self._last is None else _POSITIONS[self._last]

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still due: finish_reason, usage, [DONE]."""
        if self.finished:
            return () if self.may_end else ("finish_reason",)
        unfinished = not self._builder.all_finished
        due = ["finish_reason"] if unfinished else []
        if not self._builder.has_usage and (unfinished or self._usage_due):
            due.append("usage")
        return (*due, DONE)

    def _end(self, frame: Frame) -> Event:
        if self._done:
            self._complaints.once(CHAT_AFTER_DONE, "[DONE] a second time")
        elif not self._failed:
            if not self._builder.all_finished:
                self._complaints.once(CHAT_NO_FINISH_REASON, f"[DONE] came {self.position}")
            self._judge_answers()
        self._done = True
        return Event(frame, EventKind.TERMINAL, DONE)

    def _chunk(self, frame: Frame) -> Event:
        if self._done:
            self._complaints.once(CHAT_AFTER_DONE, frame.data[:80])
        payload = parsed(frame.data)
        if payload is None and frame.event == "error":
            return self._error(frame, frame.data)
        if payload is None:
            self._complaints.add(DATA_NOT_JSON, f"{frame.event}: {frame.data[:80]}")
            return Event(frame, EventKind.OTHER, frame.event, frame.data)
        if self._builder.is_of_another(payload):
            self._start_another(payload)
        self._usage_due |= "usage" in payload
        content = self._builder.add(payload)
        if not self._done:
            self._judge(content)
        if payload.get("error") or frame.event == "error":
            return self._error(frame, payload.get("error") or payload)
        event = self._event(frame, payload, content)
        self._started = True
        return event

    def _start_another(self, payload: dict[str, Any]) -> None:
        """Keeps the completion that was, and begins the one whose chunks come now."""
        if not self._done:
            detail = f"{string(payload, 'id')} starts {self.position} of {self._builder.id}"
            self._complaints.add(CHAT_SPLICED, detail)
        self._earlier.append(self._builder.message())
        self._begin()

    def _event(self, frame: Frame, payload: dict[str, Any], content: ChunkContent) -> Event:
        """The row of a chunk: the best of what it carries."""
        reason = content.finish_reason
        for kind in _SHOWN_KINDS:
            deltas = [delta for delta in content.deltas if delta.kind is kind]
            if deltas:
                self._last = kind
                text = "".join(delta.text for delta in deltas)
                return Event(frame, kind, deltas[0].name, text, reason)
        tokens = self._builder.usage.output_tokens
        account = "" if tokens is None or not content.has_usage else f"{tokens} output tokens"
        if reason is not None:
            return Event(frame, EventKind.STOP_REASON, "finish_reason", account, reason)
        if not isinstance(payload.get("choices"), list) and not content.has_usage:
            return Event(frame, EventKind.OTHER, frame.event, frame.data)
        if not self._started:
            return Event(frame, EventKind.START, "chunk", self._builder.model)
        return Event(frame, EventKind.OTHER, "usage" if content.has_usage else "chunk", account)

    def _error(self, frame: Frame, found: Any) -> Event:
        self._failed = True
        error = error_from(found)
        self._builder.fail(error)
        account = f"{error.type}: {error.message}"
        self._complaints.add(CHAT_ERROR, account)
        return Event(frame, EventKind.ERROR, "error", account)

    def _judge(self, content: ChunkContent) -> None:
        for rule, detail in content.wrong:
            self._complaints.once(rule, detail)
        kind = stop_kind(content.finish_reason)
        if kind is StopKind.LIMIT:
            self._complaints.once(CHAT_CUT_BY_LIMIT, f"finish_reason is {content.finish_reason}")
        if kind in {StopKind.FILTERED, StopKind.FAILED}:
            self._complaints.once(CHAT_STOPPED, f"finish_reason is {content.finish_reason}")

    def _judge_answers(self) -> None:
        """What can be said of the choices once nothing more of them will come."""
        for choice in self._builder.choices:
            for call in choice.calls.all:
                part = call.part(finished=True)
                if not part.arguments_are_valid:
                    detail = f"{part.name}: {part.arguments[-80:]}"
                    self._complaints.once(CHAT_ARGUMENTS_INVALID, detail)
            self._judge_reason(choice)
            if choice.refusal:
                self._complaints.once(CHAT_REFUSED, choice.refusal[:80])

    def _judge_reason(self, choice: Choice) -> None:
        calls, reason = choice.calls.all, choice.finish_reason
        if calls and reason == "stop":
            self._complaints.once(CHAT_STOP_WITH_TOOL_CALLS, f"{calls[0].name} was called")
        if not calls and stop_kind(reason) is StopKind.TOOL_USE:
            self._complaints.once(CHAT_NO_CALL, f"finish_reason is {reason}")
