"""What the dialects share whose events each carry a piece of one answer.

Such a protocol has an event that ends the answer, and may append ``[DONE]``. What is left to each
of them is to read one event.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from captures.dialects.answer import Answer, GrowingCall
from captures.dialects.base import Event, EventKind
from captures.dialects.complaints import Complaints, complaint
from captures.dialects.payload import error_from, parsed
from captures.findings.rule import AnswerRules, Complaint
from captures.findings.sse import DATA_NOT_JSON
from captures.message import Message, Usage
from captures.sse import Frame
from captures.stop_reasons import StopKind, stop_kind

DONE = "[DONE]"
"""The data of an event that says that no other will come."""

MAX_SHOWN_DATA = 4096
"""Characters of an unknown event's data that the timeline carries."""

_POSITIONS = {
    EventKind.TEXT: "in the text",
    EventKind.THINKING: "in the thinking",
    EventKind.TOOL: "in the tool arguments",
}


_NO_NEWS = frozenset({EventKind.PING, EventKind.ERROR})
"""Kinds of events that mean nothing after the end, or are told of by themselves."""


class AnswerDialect(ABC):
    """Folds the events of one answer."""

    name: ClassVar[str]
    rules: ClassVar[AnswerRules]
    due: ClassVar[tuple[str, ...]]
    """What a client that leaves early never gets; the last of it is the event that ends it all."""
    stop_reason_name: ClassVar[str]
    may_append_done: ClassVar[bool] = True
    """Whether ``[DONE]`` is a mark of the protocol and not data."""
    may_follow: ClassVar[frozenset[str]] = frozenset()
    """The types of events that may come after the end of the answer."""

    def __init__(self) -> None:
        self.answer = Answer()
        self.earlier: tuple[Message, ...] = ()
        self.ended = ""
        """The type of the event that ended the answer, once it has come."""
        self.failed = False
        self.done = False
        """Whether ``[DONE]`` has come."""
        self._started = False
        self._last: EventKind | None = None
        self.complaints = Complaints()

    @abstractmethod
    def handle(self, frame: Frame, payload: dict[str, Any]) -> Event:
        """Takes an event whose data is a JSON object."""

    def handle_text(self, frame: Frame) -> Event:
        """Takes an event whose data is no JSON object; to be overridden where that is allowed."""
        self.complaints.add(DATA_NOT_JSON, f"{frame.event}: {frame.data[:80]}")
        return self.other(frame, frame.event)

    def feed(self, frame: Frame) -> tuple[Event, tuple[Complaint, ...]]:
        """What the event is, and what is wrong with it."""
        was_over = self.is_over
        event = self._event(frame)
        is_late = was_over and self.is_over and event.type not in {DONE, *self.may_follow}
        if is_late and event.kind not in _NO_NEWS:
            self.complaints.once(self.rules.after_end, f"{frame.event}: {frame.data[:80]}")
        if event.kind in _POSITIONS and event.text:
            self._last = event.kind
        self._started |= event.kind is not EventKind.PING
        return event, self.complaints.take()

    def finish(self) -> tuple[Complaint, ...]:
        """What is missing: nothing after the end of the answer, an error, or ``[DONE]``."""
        if self.may_end or self.done:
            return ()
        return (complaint(self.rules.no_end, f"it ended {self.position}"),)

    def message(self) -> Message:
        """The message as far as it has come."""
        return self.answer.message()

    @property
    def usage(self) -> Usage:
        """The latest usage."""
        return self.answer.usage

    @property
    def complete(self) -> bool:
        """Whether the answer has come to its end."""
        return bool(self.ended)

    @property
    def is_over(self) -> bool:
        """Whether all has come that may come: the end of the answer, or ``[DONE]``."""
        return bool(self.ended) or self.done

    @property
    def finished(self) -> bool:
        """Whether the end of the answer, ``[DONE]`` or an error has come."""
        return bool(self.ended) or self.done or self.failed

    @property
    def may_end(self) -> bool:
        """Whether the end of the answer or an error has come."""
        return self.complete or self.failed

    @property
    def position(self) -> str:
        """How far the answer has come."""
        if self.done:
            return f"after {DONE}"
        if self.ended:
            return f"after {self.ended}"
        if self.failed:
            return "after the error"
        if not self._started:
            return "before the first event"
        return "before the first token" if self._last is None else _POSITIONS[self._last]

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still due."""
        if self.finished:
            return () if self.may_end else self.due[:1]
        return self.due

    def text(self, frame: Frame, type_: str, piece: str, *key: str) -> Event:
        """The row of a piece of text, which is added to the answer."""
        self.answer.text(*key).text.add(piece)
        return Event(frame, EventKind.TEXT, type_, piece)

    def thinking(self, frame: Frame, type_: str, piece: str, *key: str) -> Event:
        """The row of a piece of thinking, which is added to the answer."""
        self.answer.thinking(*key).text.add(piece)
        return Event(frame, EventKind.THINKING, type_, piece)

    def arguments(self, frame: Frame, type_: str, piece: str, *key: str) -> Event:
        """The row of a piece of a tool call's arguments, which is added to the answer."""
        self.answer.call(*key).text.add(piece)
        return Event(frame, EventKind.TOOL, type_, piece)

    def structure(self, frame: Frame, type_: str, account: str = "") -> Event:
        """The row of an event that opens or closes something."""
        return Event(frame, EventKind.STRUCTURE, type_, account)

    def start(self, frame: Frame, type_: str) -> Event:
        """The row of the event that begins the answer."""
        return Event(frame, EventKind.START, type_, self.answer.model)

    def other(self, frame: Frame, type_: str) -> Event:
        """The row of an event that adds nothing to the answer."""
        return Event(frame, EventKind.OTHER, type_, frame.data[:MAX_SHOWN_DATA])

    def fail(self, frame: Frame, error: Any, type_: str = "error") -> Event:
        """Takes the error that ends the stream. The first one stands."""
        found = error_from(error)
        account = f"{found.type}: {found.message}"
        if not self.failed:
            self.complaints.add(self.rules.error, account)
        self.failed = True
        self.answer.error = self.answer.error or found
        return Event(frame, EventKind.ERROR, type_, account)

    def end(self, frame: Frame, type_: str, reason: str | None) -> Event:
        """Takes the event that ends the answer."""
        self.ended = type_
        self.stop(reason)
        for call in self.answer.calls:
            self.close(call)
        tokens = self.answer.usage.output_tokens
        account = "" if tokens is None else f"{tokens} output tokens"
        return Event(frame, EventKind.TERMINAL, type_, account, reason)

    def stop(self, reason: str | None) -> None:
        """Takes the stop reason and says where it means that the answer is not whole."""
        self.answer.stop_reason = reason if reason is not None else self.answer.stop_reason
        kind = stop_kind(reason)
        detail = f"{self.stop_reason_name} is {reason}"
        if kind is StopKind.LIMIT and self.rules.cut_by_limit is not None:
            self.complaints.once(self.rules.cut_by_limit, detail)
        stopped = kind in {StopKind.FILTERED, StopKind.FAILED} and not self.failed
        if stopped and self.rules.stopped is not None:
            self.complaints.once(self.rules.stopped, detail)

    def close(self, call: GrowingCall) -> None:
        """Takes the end of a tool call, and says once if its arguments are not JSON."""
        call.finished = True
        found, rule = call.part(), self.rules.arguments_invalid
        was_judged, call.judged = call.judged, True
        if rule is not None and not was_judged and not found.arguments_are_valid:
            self.complaints.add(rule, f"{found.name}: {found.arguments[-80:]}")

    def _event(self, frame: Frame) -> Event:
        if self.may_append_done and frame.data.startswith(DONE):
            return self._take_done(frame)
        payload = parsed(frame.data)
        return self.handle_text(frame) if payload is None else self.handle(frame, payload)

    def _take_done(self, frame: Frame) -> Event:
        position = self.position
        again, self.done = self.done, True
        if again:
            self.complaints.once(self.rules.after_end, f"{DONE} a second time")
        elif not self.may_end:
            self.complaints.add(self.rules.no_end, f"{DONE} came {position}")
        return Event(frame, EventKind.TERMINAL, DONE)
