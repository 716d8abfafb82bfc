"""The Anthropic Messages dialect: the events of ``POST /v1/messages`` with ``stream: true``.

After the provider's streaming documentation. The order it promises:
message_start, then blocks one after the other (content_block_start, content_block_delta*,
content_block_stop), then message_delta with the stop reason, then message_stop. ``ping`` and
unknown events may come anywhere; ``error`` ends the stream.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.anthropic_message import MessageBuilder, error_in
from captures.dialects.base import Event, EventKind
from captures.dialects.payload import parsed
from captures.findings.anthropic import (
    CUT_BY_LIMIT,
    IN_BAND_ERROR,
    NO_MESSAGE_STOP,
    NO_STOP_REASON,
    OUT_OF_ORDER,
    TOOL_ARGUMENTS_INVALID,
)
from captures.findings.rule import Complaint
from captures.findings.sse import DATA_NOT_JSON
from captures.message import Message, ToolCall, Usage
from captures.sse import Frame
from captures.stop_reasons import StopKind, stop_kind

EVENT_TYPES = frozenset(
    {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "ping",
        "error",
    }
)

END_OF_GATEWAY_STREAM = "[DONE]"
"""What gateways that speak several protocols append to each; it means nothing in this one."""

_DELTA_TEXT = {
    "text_delta": (EventKind.TEXT, "text"),
    "thinking_delta": (EventKind.THINKING, "thinking"),
    "input_json_delta": (EventKind.TOOL, "partial_json"),
}

_POSITION_IN_BLOCK = {
    "text": "in the text",
    "thinking": "in the thinking",
    "tool_use": "in the tool arguments",
    "server_tool_use": "in the tool arguments",
    "mcp_tool_use": "in the tool arguments",
}


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect: its type in the payload, known here."""
    payload = parsed(frame.data)
    return payload is not None and str(payload.get("type")) in EVENT_TYPES


class AnthropicDialect:
    """Folds the events of one message stream."""

    name = "anthropic.messages"
    stop_reason_name = "stop_reason"

    def __init__(self) -> None:
        self._builder = MessageBuilder()
        self._started = False
        self._open_block: int | None = None
        self._stopped = False
        self._failed = False
        self._complaints: list[Complaint] = []
        self.earlier: tuple[Message, ...] = ()

    def feed(self, frame: Frame) -> tuple[Event, tuple[Complaint, ...]]:
        """What the event is, and where it breaks the promised order."""
        self._complaints = []
        payload = parsed(frame.data)
        if payload is None and frame.data == END_OF_GATEWAY_STREAM:
            return Event(frame, EventKind.OTHER, frame.event, frame.data), ()
        if payload is None:
            self._complain(DATA_NOT_JSON, f"{frame.event}: {frame.data[:80]}")
            return Event(frame, EventKind.OTHER, frame.event, frame.data), tuple(self._complaints)
        kind_name = payload.get("type")
        type_ = kind_name if isinstance(kind_name, str) else frame.event
        event = self._handle(frame, type_, payload)
        return event, tuple(self._complaints)

    def finish(self) -> tuple[Complaint, ...]:
        """A missing stop reason or terminal event. After an error nothing more is due."""
        if self._failed or self._stopped:
            return ()
        complaints = []
        if self._builder.stop_reason is None:
            complaints.append(Complaint(NO_STOP_REASON, f"it ended {self.position}"))
        complaints.append(Complaint(NO_MESSAGE_STOP, f"it ended {self.position}"))
        return tuple(complaints)

    def message(self) -> Message:
        """The message as far as it has come."""
        return self._builder.message()

    @property
    def usage(self) -> Usage:
        """The usage of the latest event that told one."""
        return self._builder.usage

    @property
    def finished(self) -> bool:
        """Whether message_stop or an error has come."""
        return self._stopped or self._failed

    @property
    def position(self) -> str:
        """Where in the promised order the stream stands."""
        if self._stopped:
            return "after message_stop"
        if self._failed:
            return "after the error"
        if self._builder.stop_reason is not None:
            return "after stop_reason, before message_stop"
        if not self._started:
            return "before the first event"
        if self._open_block is not None:
            block_type = self._builder.block_type(self._open_block)
            return _POSITION_IN_BLOCK.get(block_type, f"in a {block_type} block")
        if self._builder.has_blocks:
            return "after the last delta"
        return "before the first token"

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still due: stop_reason, usage, message_stop."""
        if self.finished:
            return ()
        due = () if self._builder.stop_reason is not None else ("stop_reason", "usage")
        return (*due, "message_stop")

    @property
    def may_end(self) -> bool:
        """Whether message_stop or an error has come."""
        return self.finished

    def _handle(self, frame: Frame, type_: str, payload: dict[str, Any]) -> Event:
        if self._stopped and type_ in EVENT_TYPES - {"ping", "message_start"}:
            self._complain(OUT_OF_ORDER, f"{type_} after message_stop")
        match type_:
            case "message_start":
                return self._message_start(frame, payload)
            case "content_block_start":
                return self._block_start(frame, payload)
            case "content_block_delta":
                return self._block_delta(frame, payload)
            case "content_block_stop":
                return self._block_stop(frame, payload)
            case "message_delta":
                return self._message_delta(frame, payload)
            case "message_stop":
                return self._message_stop(frame)
            case "error":
                return self._error(frame, payload)
            case "ping":
                return Event(frame, EventKind.PING, type_)
            case _:
                return Event(frame, EventKind.OTHER, type_, frame.data)

    def _message_start(self, frame: Frame, payload: dict[str, Any]) -> Event:
        if self._started:
            self._complain(OUT_OF_ORDER, "message_start a second time")
        self._started = True
        self._builder.start(payload.get("message"))
        message = self._builder.message()
        tokens = message.usage.input_tokens
        account = message.model if tokens is None else f"{message.model} · {tokens} input tokens"
        return Event(frame, EventKind.START, "message_start", account)

    def _block_start(self, frame: Frame, payload: dict[str, Any]) -> Event:
        index = _index(payload)
        if not self._started:
            self._complain(OUT_OF_ORDER, "content_block_start before message_start")
        if self._open_block is not None:
            self._complain(OUT_OF_ORDER, f"block {index} starts while {self._open_block} is open")
        self._open_block = index
        account = self._builder.start_block(index, payload.get("content_block"))
        return Event(frame, EventKind.STRUCTURE, "content_block_start", account)

    def _block_delta(self, frame: Frame, payload: dict[str, Any]) -> Event:
        index = _index(payload)
        if index != self._open_block:
            self._complain(OUT_OF_ORDER, f"a delta for block {index}, which is not open")
        delta = payload.get("delta")
        if not isinstance(delta, dict):
            delta = {}
        self._builder.add_delta(index, delta)
        delta_type = delta.get("type")
        kind, field = _DELTA_TEXT.get(str(delta_type), (EventKind.OTHER, ""))
        text = delta.get(field) if field else None
        account = text if isinstance(text, str) else str(delta_type)
        return Event(frame, kind, "content_block_delta", account)

    def _block_stop(self, frame: Frame, payload: dict[str, Any]) -> Event:
        index = _index(payload)
        if index != self._open_block:
            self._complain(OUT_OF_ORDER, f"block {index} stops, which is not open")
        self._open_block = None
        part = self._builder.stop_block(index)
        if isinstance(part, ToolCall) and not part.arguments_are_valid:
            self._complain(TOOL_ARGUMENTS_INVALID, f"{part.name}: {part.arguments[-80:]}")
        return Event(frame, EventKind.STRUCTURE, "content_block_stop")

    def _message_delta(self, frame: Frame, payload: dict[str, Any]) -> Event:
        if not self._started:
            self._complain(OUT_OF_ORDER, "message_delta before message_start")
        # At max_tokens the provider may leave the last block open.
        self._open_block = None
        self._builder.end(payload.get("delta"), payload.get("usage"))
        reason = self._builder.stop_reason
        if stop_kind(reason) is StopKind.LIMIT:
            self._complain(CUT_BY_LIMIT, f"stop_reason is {reason}")
        tokens = self._builder.usage.output_tokens
        account = "" if tokens is None else f"{tokens} output tokens"
        return Event(frame, EventKind.STOP_REASON, "message_delta", account, reason)

    def _message_stop(self, frame: Frame) -> Event:
        if self._builder.stop_reason is None:
            self._complain(NO_STOP_REASON, "message_stop came without one")
        self._stopped = True
        return Event(frame, EventKind.TERMINAL, "message_stop")

    def _error(self, frame: Frame, payload: dict[str, Any]) -> Event:
        self._failed = True
        error = error_in(payload)
        self._builder.fail(error)
        account = f"{error.type}: {error.message}"
        self._complain(IN_BAND_ERROR, account)
        return Event(frame, EventKind.ERROR, "error", account)

    def _complain(self, rule: Any, detail: str) -> None:
        self._complaints.append(Complaint(rule, detail))


def _index(payload: dict[str, Any]) -> int:
    index = payload.get("index")
    return index if isinstance(index, int) else -1
