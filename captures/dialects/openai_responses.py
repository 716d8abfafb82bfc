"""The OpenAI Responses dialect: ``POST /v1/responses`` with ``stream: true``.

After OpenAI's streaming reference: response.created, then output items that are added, grow by
deltas and are done, keyed by ``output_index`` and not always one after the other, then exactly
one of response.completed, response.failed and response.incomplete. An ``error`` may come before
response.failed. OpenRouter leaves out the event names and appends ``[DONE]``.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.base import Event, EventKind
from captures.dialects.complaints import Complaints
from captures.dialects.openai_responses_content import Content
from captures.dialects.openai_responses_items import DONE_FIELDS
from captures.dialects.openai_responses_message import ResponseBuilder
from captures.dialects.openai_responses_order import SequenceNumbers
from captures.dialects.payload import error_from, mapping, number, parsed, string
from captures.findings.openai_responses import (
    RESPONSE_AFTER_END,
    RESPONSE_CUT_BY_LIMIT,
    RESPONSE_ERROR,
    RESPONSE_EVENT_AGAIN,
    RESPONSE_NAME_DIFFERS,
    RESPONSE_NO_END,
    RESPONSE_NO_USAGE,
    RESPONSE_NOT_CREATED,
    RESPONSE_REFUSED,
    RESPONSE_SECOND_END,
    RESPONSE_SPLICED,
    RESPONSE_STOPPED,
)
from captures.findings.rule import Complaint
from captures.findings.sse import DATA_NOT_JSON
from captures.message import Message, Refusal, Usage
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
_LIFECYCLE = frozenset({"response.created", "response.queued", "response.in_progress"})
_PARTS = frozenset({"content_part", "reasoning_part", "reasoning_summary_part"})
_TOOLS_OF_THE_SERVER = frozenset({"mcp_call", "mcp_list_tools"})
_STEPS = frozenset(
    {"added", "done", "in_progress", "searching", "interpreting", "generating", "compacting"}
    | {"completed", "failed"}
)
"""How the name of an event ends that opens, closes or takes forward an item."""

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
    """Folds the events of one stream, as a rule of one response."""

    name = "openai.responses"
    stop_reason_name = "status"

    def __init__(self) -> None:
        self._complaints = Complaints()
        self._earlier: list[Message] = []
        self._begin(SequenceNumbers())

    def _begin(self, numbers: SequenceNumbers) -> None:
        """Begins a response; what was said of the stream stands."""
        self._builder = ResponseBuilder()
        self._numbers = numbers
        self._content = Content(self._builder, numbers, self._complaints)
        self._started = False
        self._ended = ""
        self._failed = False
        self._last: EventKind | None = None

    def feed(self, frame: Frame) -> tuple[Event, tuple[Complaint, ...]]:
        """What the event is, and where it breaks the promised order."""
        payload = parsed(frame.data)
        if payload is None:
            if not frame.data.startswith(DONE):
                self._complaints.add(DATA_NOT_JSON, f"{frame.event}: {frame.data[:80]}")
            event = Event(frame, EventKind.OTHER, frame.event, frame.data)
            return event, self._complaints.take()
        type_ = string(payload, "type") or frame.event
        if type_ == "response.created":
            self._created(payload)
        self._judge_place(frame, type_, payload)
        event = self._handle(frame, type_, payload)
        self._started = True
        return event, self._complaints.take()

    def finish(self) -> tuple[Complaint, ...]:
        """A missing terminal event. After an error nothing more is due."""
        if self.finished:
            return ()
        self._take(self._numbers.finish())
        self._complaints.once(RESPONSE_NO_END, f"it ended {self.position}")
        return self._complaints.take()

    def message(self) -> Message:
        """The message as far as it has come."""
        return self._builder.message()

    @property
    def earlier(self) -> tuple[Message, ...]:
        """Responses of the same stream that began before the current one."""
        return tuple(self._earlier)

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
        item = self._builder.last_item
        if item is not None and item.finished:
            return "after the last item"
        return "before the first token" if self._last is None else _POSITIONS[self._last]

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still due: the status, the usage and the terminal event bring each other."""
        return () if self.finished else ("status", "usage", "response.completed")

    def _created(self, payload: dict[str, Any]) -> None:
        """Keeps a response that was, where another one is created in the same stream."""
        id_ = string(mapping(payload, "response"), "id")
        sequence = number(payload, "sequence_number")
        same = id_ == self._builder.id
        if not self._started:
            return
        if same and not self.finished:
            if sequence is None:
                self._complaints.once(RESPONSE_EVENT_AGAIN, f"response.created of {id_}")
            return
        if self._ended:
            self._complaints.once(RESPONSE_AFTER_END, f"response.created after {self._ended}")
        else:
            detail = f"{id_} is created {self.position} of {self._builder.id}"
            self._complaints.add(RESPONSE_SPLICED, detail)
        self._earlier.append(self._builder.message())
        last = self._numbers.last
        goes_on = sequence is not None and last is not None and sequence > last
        self._begin(self._numbers if goes_on else SequenceNumbers())

    def _judge_place(self, frame: Frame, type_: str, payload: dict[str, Any]) -> None:
        """The name of the event, its number, and its place before or behind the response."""
        is_of_protocol = type_.startswith("response.") or type_ == "error"
        if frame.event.startswith("response.") and frame.event != type_:
            detail = f"the event line says {frame.event}, the data says {type_}"
            self._complaints.once(RESPONSE_NAME_DIFFERS, detail)
        sequence = number(payload, "sequence_number")
        if not self._started and type_ not in {"response.created", "error"} and is_of_protocol:
            self._content.is_resumed = bool(sequence)
            if not sequence:
                self._complaints.once(RESPONSE_NOT_CREATED, f"the first event is {type_}")
        if sequence is not None:
            self._take(self._numbers.see(sequence, type_))
        if self._ended and type_ in TERMINALS:
            self._complaints.once(RESPONSE_SECOND_END, f"{type_} after {self._ended}")
        elif self._ended and type_.startswith("response."):
            self._complaints.once(RESPONSE_AFTER_END, f"{type_} after {self._ended}")

    def _handle(self, frame: Frame, type_: str, payload: dict[str, Any]) -> Event:
        if type_ in TERMINALS:
            return self._end(frame, type_, payload)
        if type_ == "error":
            return self._error(frame, payload)
        if type_ in _LIFECYCLE:
            self._builder.take(mapping(payload, "response"))
            kind = EventKind.START if type_ == "response.created" else EventKind.STRUCTURE
            return Event(frame, kind, type_, self._builder.model)
        short = type_.removeprefix("response.")
        if short == type_:
            return Event(frame, EventKind.OTHER, type_, frame.data)
        family, _, last = short.rpartition(".")
        if family == "output_item" and last in {"added", "done"}:
            item = self._content.added(payload) if last == "added" else self._content.done(payload)
            account = f"{item.type} {item.name}".rstrip()
            return Event(frame, EventKind.STRUCTURE, short, account)
        if last == "delta":
            return self._delta(frame, family, payload)
        return self._step(frame, family, last, payload)

    def _step(self, frame: Frame, family: str, last: str, payload: dict[str, Any]) -> Event:
        """An event that opens, closes or takes forward a part of an item."""
        short = f"{family}.{last}"
        if last == "partial_image":
            account = f"image {number(payload, 'partial_image_index')}, {len(frame.data):,} bytes"
            return Event(frame, EventKind.STRUCTURE, short, account)
        if last not in _STEPS:
            return Event(frame, EventKind.OTHER, short, frame.data)
        if family in _PARTS:
            self._content.part(payload, last == "done")
        elif last == "done" and family in DONE_FIELDS:
            self._content.text_done(family, payload)
        elif short == "output_text.annotation.added":
            self._content.annotation(payload)
        elif last == "failed" and family in _TOOLS_OF_THE_SERVER:
            self._content.tool_failed(family, payload)
        return Event(frame, EventKind.STRUCTURE, short)

    def _delta(self, frame: Frame, family: str, payload: dict[str, Any]) -> Event:
        delta = payload.get("delta")
        if isinstance(delta, dict):
            # The output of a shell comes in two streams.
            text = string(delta, "stdout") + string(delta, "stderr")
            self._content.delta(family, text, payload)
            return Event(frame, EventKind.OTHER, f"{family}.delta", text)
        text = delta if isinstance(delta, str) else ""
        in_message = self._content.delta(family, text, payload)
        if not in_message and family not in _FAMILY_KINDS:
            return Event(frame, EventKind.OTHER, f"{family}.delta", frame.data)
        kind = _FAMILY_KINDS.get(family, EventKind.TOOL)
        if in_message:
            self._last = kind
        return Event(frame, kind, f"{family}.delta", text)

    def _end(self, frame: Frame, type_: str, payload: dict[str, Any]) -> Event:
        self._take(self._numbers.finish())
        response = mapping(payload, "response")
        first = not self._ended
        self._content.end(response, type_ == "response.completed")
        self._ended = type_
        if type_ == "response.failed" and not self._failed:
            self._fail(response.get("error") or response, tell=first)
        status = self._builder.status
        if first:
            self._judge_end(type_, status)
        tokens = self._builder.usage.output_tokens
        account = "" if tokens is None else f"{tokens} output tokens"
        return Event(frame, EventKind.TERMINAL, type_, account, status)

    def _judge_end(self, type_: str, status: str | None) -> None:
        kind = stop_kind(status)
        if kind is StopKind.LIMIT:
            self._complaints.once(RESPONSE_CUT_BY_LIMIT, f"the response ended with {status}")
        if kind in {StopKind.FILTERED, StopKind.FAILED} and not self._failed:
            self._complaints.once(RESPONSE_STOPPED, f"the response ended with {status}")
        if type_ == "response.completed" and not self._builder.has_usage:
            self._complaints.once(RESPONSE_NO_USAGE, f"{type_} has none")
        for part in self._builder.message().parts:
            if isinstance(part, Refusal):
                self._complaints.once(RESPONSE_REFUSED, part.text[:80])

    def _error(self, frame: Frame, payload: dict[str, Any]) -> Event:
        nested = payload.get("error")
        flat = {name: value for name, value in payload.items() if name != "type"}
        account = self._fail(nested or flat)
        return Event(frame, EventKind.ERROR, "error", account)

    def _fail(self, error: Any, tell: bool = True) -> str:
        self._failed = True
        found = error_from(error)
        self._builder.fail(found)
        account = f"{found.type}: {found.message}"
        if tell:
            self._complaints.add(RESPONSE_ERROR, account)
        return account

    def _take(self, wrong: Complaint | None) -> None:
        if wrong is not None:
            self._complaints.once(wrong.rule, wrong.detail)
