"""The OpenAI Responses dialect: ``POST /v1/responses`` with ``stream: true``.

After OpenAI's streaming reference: response.created, then output items that are added, grow by
deltas and are done, keyed by ``output_index`` and not always one after the other, then exactly
one of response.completed, response.failed and response.incomplete. An ``error`` may come before
response.failed. OpenRouter leaves out the event names and appends ``[DONE]``.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.base import Event, EventKind
from captures.dialects.openai_responses_message import Item, ResponseBuilder, index_within
from captures.dialects.payload import error_from, mapping, number, parsed, string
from captures.findings.openai_responses import (
    RESPONSE_AFTER_END,
    RESPONSE_ARGUMENTS_INVALID,
    RESPONSE_CUT_BY_LIMIT,
    RESPONSE_ERROR,
    RESPONSE_ITEM_NEVER_ADDED,
    RESPONSE_NO_END,
    RESPONSE_SEQUENCE_GAP,
    RESPONSE_STOPPED,
)
from captures.findings.rule import Complaint, Rule
from captures.findings.sse import DATA_NOT_JSON
from captures.message import Message, ToolCall, Usage
from captures.sse import Frame
from captures.stop_reasons import StopKind, stop_kind

DONE = "[DONE]"
"""What OpenRouter appends; it means nothing in this protocol."""

TERMINALS = frozenset(
    {"response.completed", "response.failed", "response.incomplete", "response.cancelled"}
)

_FAMILY_KINDS = {
    "output_text": EventKind.TEXT,
    "refusal": EventKind.TEXT,
    "reasoning_text": EventKind.THINKING,
    "reasoning_summary_text": EventKind.THINKING,
}
_POSITIONS = {
    EventKind.TEXT: "in the text",
    EventKind.THINKING: "in the thinking",
    EventKind.TOOL: "in the tool arguments",
}


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: its type begins with ``response.``."""
    payload = parsed(frame.data)
    if payload is None:
        return False
    type_ = string(payload, "type")
    return type_.startswith("response.") or (type_ == "error" and "sequence_number" in payload)


class OpenAIResponsesDialect:
    """Folds the events of one response."""

    name = "openai.responses"
    stop_reason_name = "status"

    def __init__(self) -> None:
        self._builder = ResponseBuilder()
        self._started = False
        self._ended = ""
        self._failed = False
        self._sequence: int | None = None
        self._resumed = False
        self._last: EventKind | None = None
        self._complaints: list[Complaint] = []
        self.earlier: tuple[Message, ...] = ()

    def feed(self, frame: Frame) -> tuple[Event, tuple[Complaint, ...]]:
        """What the event is, and where it breaks the promised order."""
        self._complaints = []
        payload = parsed(frame.data)
        if payload is None:
            if not frame.data.startswith(DONE):
                self._complain(DATA_NOT_JSON, f"{frame.event}: {frame.data[:80]}")
            return Event(frame, EventKind.OTHER, frame.event, frame.data), tuple(self._complaints)
        type_ = string(payload, "type") or frame.event
        self._check_order(type_, payload)
        event = self._handle(frame, type_, payload)
        self._started = True
        return event, tuple(self._complaints)

    def finish(self) -> tuple[Complaint, ...]:
        """A missing terminal event. After an error nothing more is due."""
        return () if self.finished else (Complaint(RESPONSE_NO_END, f"it ended {self.position}"),)

    def message(self) -> Message:
        """The message as far as it has come."""
        return self._builder.message()

    @property
    def usage(self) -> Usage:
        """The usage, which the terminal event tells."""
        return self._builder.usage

    @property
    def finished(self) -> bool:
        """Whether a terminal event or an error has come."""
        return bool(self._ended) or self._failed

    @property
    def may_end(self) -> bool:
        """Whether a terminal event or an error has come."""
        return self.finished

    @property
    def position(self) -> str:
        """Where in the response the stream stands."""
        if self._ended:
            return f"after {self._ended}"
        if self._failed:
            return "after the error"
        if not self._started:
            return "before the first event"
        items = self._builder.items
        if items and items[-1].finished:
            return "after the last item"
        return "before the first token" if self._last is None else _POSITIONS[self._last]

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still due: the status, the usage and the terminal event bring each other."""
        return () if self.finished else ("status", "usage", "response.completed")

    def _check_order(self, type_: str, payload: dict[str, Any]) -> None:
        sequence = number(payload, "sequence_number")
        if sequence is not None:
            if not self._started:
                self._resumed = sequence > 0
            elif self._sequence is not None and sequence != self._sequence + 1:
                detail = f"{type_} is number {sequence}, after number {self._sequence}"
                self._complain(RESPONSE_SEQUENCE_GAP, detail)
            self._sequence = sequence
        if self._ended and type_.startswith(("response.", "error")):
            self._complain(RESPONSE_AFTER_END, f"{type_} after {self._ended}")

    def _handle(self, frame: Frame, type_: str, payload: dict[str, Any]) -> Event:
        if type_ in TERMINALS:
            return self._end(frame, type_, payload)
        if type_ == "error":
            return self._error(frame, payload)
        if type_ == "response.created" and self._ended:
            self._builder, self._ended = ResponseBuilder(), ""
        if type_ in {"response.created", "response.queued", "response.in_progress"}:
            self._builder.take(mapping(payload, "response"))
            kind = EventKind.START if type_ == "response.created" else EventKind.STRUCTURE
            return Event(frame, kind, type_, self._builder.model)
        short = type_.removeprefix("response.")
        if short in {"output_item.added", "output_item.done"}:
            return self._item(frame, short, payload)
        family, _, last = short.rpartition(".")
        delta = payload.get("delta")
        if type_ != short and last == "delta" and isinstance(delta, str):
            return self._delta(frame, family, delta, payload)
        if last in {"added", "done", "in_progress", "completed", "failed"}:
            return Event(frame, EventKind.STRUCTURE, short)
        return Event(frame, EventKind.OTHER, short, frame.data)

    def _item(self, frame: Frame, short: str, payload: dict[str, Any]) -> Event:
        item, _ = self._builder.item(payload)
        item.take(mapping(payload, "item"))
        if short == "output_item.done":
            item.finished = True
            self._judge_call(item)
        name = string(item.fields, "name")
        return Event(frame, EventKind.STRUCTURE, short, f"{item.type} {name}".rstrip())

    def _delta(self, frame: Frame, family: str, delta: str, payload: dict[str, Any]) -> Event:
        kind = _FAMILY_KINDS.get(family, EventKind.TOOL)
        if "output_index" in payload or "item_id" in payload:
            item, known = self._builder.item(payload, family)
            item.add(family, index_within(payload), delta)
            if not known and not self._resumed:
                detail = f"{family}.delta for item {payload.get('output_index')}"
                self._complain(RESPONSE_ITEM_NEVER_ADDED, detail)
            self._last = kind
        elif family not in _FAMILY_KINDS:
            return Event(frame, EventKind.OTHER, f"{family}.delta", frame.data)
        return Event(frame, kind, f"{family}.delta", delta)

    def _end(self, frame: Frame, type_: str, payload: dict[str, Any]) -> Event:
        self._ended = type_
        response = mapping(payload, "response")
        self._builder.end(response)
        for item in self._builder.items:
            if not item.finished:
                self._judge_call(item)
        status = self._builder.status
        if type_ == "response.failed" and not self._failed:
            self._fail(response.get("error") or response)
        kind = stop_kind(status)
        if kind is StopKind.LIMIT:
            self._complain(RESPONSE_CUT_BY_LIMIT, f"incomplete_details.reason is {status}")
        if kind in {StopKind.FILTERED, StopKind.FAILED} and not self._failed:
            self._complain(RESPONSE_STOPPED, f"the response ended with {status}")
        tokens = self._builder.usage.output_tokens
        account = "" if tokens is None else f"{tokens} output tokens"
        return Event(frame, EventKind.TERMINAL, type_, account, status)

    def _error(self, frame: Frame, payload: dict[str, Any]) -> Event:
        nested = payload.get("error")
        flat = {name: value for name, value in payload.items() if name != "type"}
        account = self._fail(nested or flat)
        return Event(frame, EventKind.ERROR, "error", account)

    def _fail(self, error: Any) -> str:
        self._failed = True
        found = error_from(error)
        self._builder.fail(found)
        account = f"{found.type}: {found.message}"
        self._complain(RESPONSE_ERROR, account)
        return account

    def _judge_call(self, item: Item) -> None:
        for part in item.parts():
            if isinstance(part, ToolCall) and not part.arguments_are_valid:
                detail = f"{part.name}: {part.arguments[-80:]}"
                self._complain(RESPONSE_ARGUMENTS_INVALID, detail)

    def _complain(self, rule: Rule, detail: str) -> None:
        self._complaints.append(Complaint(rule, " ".join(detail.split("\n"))))
