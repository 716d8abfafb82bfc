"""The Anthropic Messages dialect: the events of ``POST /v1/messages`` with ``stream: true``.

After the provider's streaming documentation. The order it promises:
message_start, then blocks one after the other (content_block_start, content_block_delta*,
content_block_stop), then message_delta with the stop reason, then message_stop. ``ping`` and
unknown events may come anywhere; ``error`` ends the stream.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.anthropic_ending import judge_ending, retry_advice
from captures.dialects.anthropic_message import MessageBuilder, error_in
from captures.dialects.anthropic_order import BlockOrder
from captures.dialects.base import Event, EventKind
from captures.dialects.complaints import Complaints, complaint
from captures.dialects.payload import json_text, mapping, number, parsed, string
from captures.findings.anthropic import (
    AFTER_MESSAGE_STOP,
    BEFORE_MESSAGE_START,
    EVENT_NAME_DIFFERS,
    EVENT_NAME_MISSING,
    GATEWAY_DONE,
    IN_BAND_ERROR,
    MESSAGE_START_IS_FILLED,
    NO_MESSAGE_STOP,
    NO_STOP_REASON,
    NO_USAGE,
    REPEATED_EVENT,
    REPEATED_MESSAGE_START,
    SPLICED,
    TOOL_ARGUMENTS_INVALID,
    USAGE_SHRINKS,
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

MESSAGE_EVENTS = EVENT_TYPES - {"message_start", "ping", "error"}
"""What belongs to a message that has started and not yet ended."""

UNNAMED = "message"
"""The type of an event without an event line, after the standard."""

END_OF_GATEWAY_STREAM = "[DONE]"
"""What gateways that speak several protocols append to each; it means nothing in this one."""

_DELTA_TEXT = {
    "text_delta": (EventKind.TEXT, "text"),
    "thinking_delta": (EventKind.THINKING, "thinking"),
    "input_json_delta": (EventKind.TOOL, "partial_json"),
    "compaction_delta": (EventKind.OTHER, "content"),
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
    """Folds the events of one stream, as a rule of one message."""

    name = "anthropic.messages"
    stop_reason_name = "stop_reason"

    def __init__(self) -> None:
        self._complaints = Complaints()
        self._earlier: list[Message] = []
        self._begin()

    def _begin(self) -> None:
        """Begins a message; what was said of the stream stands."""
        self._builder = MessageBuilder()
        self._order = BlockOrder()
        self._started = False
        self._stopped = False
        self._failed = False
        self._output_tokens: int | None = None

    def feed(self, frame: Frame) -> tuple[Event, tuple[Complaint, ...]]:
        """What the event is, and where it breaks the promised order."""
        payload = parsed(frame.data)
        if payload is not None:
            event = self._handle(frame, string(payload, "type") or frame.event, payload)
        elif frame.data == END_OF_GATEWAY_STREAM:
            self._complaints.once(GATEWAY_DONE, "data: [DONE]")
            event = Event(frame, EventKind.OTHER, frame.event, frame.data)
        elif frame.event == "ping":
            event = Event(frame, EventKind.PING, frame.event, frame.data)
        else:
            self._complaints.add(DATA_NOT_JSON, f"{frame.event}: {frame.data[:80]}")
            event = Event(frame, EventKind.OTHER, frame.event, frame.data)
        return event, self._complaints.take()

    def finish(self) -> tuple[Complaint, ...]:
        """A missing stop reason or terminal event. After an error nothing more is due."""
        if self.finished:
            return ()
        rule = NO_STOP_REASON if self._builder.stop_reason is None else NO_MESSAGE_STOP
        return (complaint(rule, f"it ended {self.position}"),)

    def message(self) -> Message:
        """The message as far as it has come."""
        return self._builder.message()

    @property
    def earlier(self) -> tuple[Message, ...]:
        """Messages of the same stream that began before the current one."""
        return tuple(self._earlier)

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
        open_block = self._order.open_block
        if open_block is not None:
            block_type = self._builder.block_type(open_block)
            return _POSITION_IN_BLOCK.get(block_type, f"in a {block_type} block")
        if self._builder.has_blocks:
            return "after the last delta"
        return "before the first token"

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still due: stop_reason, usage, message_stop."""
        if self._stopped and not self.may_end:
            return ("stop_reason",)
        if self.finished:
            return ()
        due = () if self._builder.stop_reason is not None else ("stop_reason", "usage")
        return (*due, "message_stop")

    @property
    def may_end(self) -> bool:
        """Whether an error has come, or message_stop behind a stop reason."""
        return self._failed or (self._stopped and self._builder.stop_reason is not None)

    def _handle(self, frame: Frame, type_: str, payload: dict[str, Any]) -> Event:
        self._judge_place(frame, type_)
        match type_:
            case "message_start":
                return self._message_start(frame, mapping(payload, "message"))
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

    def _judge_place(self, frame: Frame, type_: str) -> None:
        """The name of the event, and its place before or behind the message."""
        if type_ not in EVENT_TYPES:
            return
        if frame.event == UNNAMED and type_ != "ping":
            self._complaints.once(EVENT_NAME_MISSING, f"{type_} has none")
        elif frame.event in EVENT_TYPES and frame.event != type_:
            detail = f"the event line says {frame.event}, the data says {type_}"
            self._complaints.once(EVENT_NAME_DIFFERS, detail)
        if type_ not in MESSAGE_EVENTS:
            return
        if self._stopped:
            again = type_ == "message_stop"
            rule = REPEATED_EVENT if again else AFTER_MESSAGE_STOP
            self._complaints.once(rule, type_)
        elif not self._started:
            self._complaints.once(BEFORE_MESSAGE_START, type_)

    def _message_start(self, frame: Frame, message: dict[str, Any]) -> Event:
        id_ = string(message, "id")
        same = id_ == self._builder.id and (bool(id_) or not self._builder.has_blocks)
        if self._started and same and not self.finished:
            self._complaints.once(REPEATED_MESSAGE_START, f"{id_} {self.position}")
            self._builder.take_usage(message.get("usage"))
        else:
            if self._started:
                self._start_another(id_)
            self._judge_start(message)
            self._builder.start(message)
        self._started = True
        tokens = self._builder.usage.input_tokens
        model = self._builder.model
        account = model if tokens is None else f"{model} · {tokens} input tokens"
        return Event(frame, EventKind.START, "message_start", account)

    def _start_another(self, id_: str) -> None:
        """Keeps the message that was, and begins the one that starts in the same stream."""
        if self._stopped:
            self._complaints.once(AFTER_MESSAGE_STOP, f"message_start of {id_}")
        else:
            self._complaints.add(SPLICED, f"{id_} starts {self.position} of {self._builder.id}")
        self._earlier.append(self._builder.message())
        self._begin()

    def _judge_start(self, message: dict[str, Any]) -> None:
        if message.get("stop_reason") is not None:
            detail = f"stop_reason is {message['stop_reason']}"
            self._complaints.once(MESSAGE_START_IS_FILLED, detail)
        elif message.get("content"):
            self._complaints.once(MESSAGE_START_IS_FILLED, "content is not empty")

    def _block_start(self, frame: Frame, payload: dict[str, Any]) -> Event:
        index = _index(payload)
        content = payload.get("content_block")
        repeated = self._order.is_repeated(index, content)
        self._complain_of_order(self._order.start(index, content))
        if repeated:
            account = self._builder.block_type(index)
        else:
            account = self._builder.start_block(index, content)
        return Event(frame, EventKind.STRUCTURE, "content_block_start", account)

    def _block_delta(self, frame: Frame, payload: dict[str, Any]) -> Event:
        index = _index(payload)
        self._complain_of_order(self._order.delta(index))
        delta = mapping(payload, "delta")
        self._builder.add_delta(index, delta)
        delta_type = str(delta.get("type"))
        kind, field = _DELTA_TEXT.get(delta_type, (EventKind.OTHER, ""))
        text = delta.get(field) if field else None
        account = text if isinstance(text, str) else delta_type
        return Event(frame, kind, "content_block_delta", account)

    def _block_stop(self, frame: Frame, payload: dict[str, Any]) -> Event:
        index = _index(payload)
        wrong = self._order.stop(index)
        self._complain_of_order(wrong)
        part = self._builder.stop_block(index)
        if wrong is None and isinstance(part, ToolCall) and not part.arguments_are_valid:
            self._complaints.add(TOOL_ARGUMENTS_INVALID, f"{part.name}: {part.arguments[-80:]}")
        return Event(frame, EventKind.STRUCTURE, "content_block_stop")

    def _message_delta(self, frame: Frame, payload: dict[str, Any]) -> Event:
        delta = mapping(payload, "delta")
        known = self._builder.stop_reason
        self._judge_usage(mapping(payload, "usage"))
        self._builder.end(delta, payload.get("usage"))
        reason = self._builder.stop_reason
        if reason is not None:
            self._order.end()
        if reason != known:
            judge_ending(self._builder, mapping(delta, "stop_details"), self._complaints)
        return Event(frame, EventKind.STOP_REASON, "message_delta", self._account(delta), reason)

    def _account(self, delta: dict[str, Any]) -> str:
        tokens = self._builder.usage.output_tokens
        words = [] if tokens is None else [f"{tokens} output tokens"]
        if string(delta, "stop_sequence"):
            words.append(f"stop_sequence {json_text(delta['stop_sequence'])}")
        return " · ".join(words)

    def _judge_usage(self, usage: dict[str, Any]) -> None:
        """Counts of one message_delta against those before it.

        The output_tokens of message_start are a guess: a refusal ends with fewer.
        """
        tokens, before = number(usage, "output_tokens"), self._output_tokens
        if tokens is not None and before is not None and tokens < before:
            self._complaints.once(USAGE_SHRINKS, f"output_tokens {tokens} after {before}")
        told = self._builder.usage.input_tokens
        if number(usage, "input_tokens") == 0 and told:
            self._complaints.once(USAGE_SHRINKS, f"input_tokens 0 after {told}")
        self._output_tokens = before if tokens is None else tokens

    def _message_stop(self, frame: Frame) -> Event:
        if self._started and not self._stopped:
            reason = self._builder.stop_reason
            left_open = self._order.left_open()
            if reason is None:
                self._complaints.once(NO_STOP_REASON, "message_stop came without one")
            elif self._output_tokens is None:
                self._complaints.once(NO_USAGE, "message_stop came without one")
            # At max_tokens the provider may leave the last block open.
            if left_open is not None and stop_kind(reason) is not StopKind.LIMIT:
                self._complaints.once(left_open.rule, left_open.detail)
        self._stopped = True
        return Event(frame, EventKind.TERMINAL, "message_stop")

    def _error(self, frame: Frame, payload: dict[str, Any]) -> Event:
        self._failed = True
        error = error_in(payload)
        self._builder.fail(error)
        account = f"{error.type}: {error.message}"
        self._complaints.add(IN_BAND_ERROR, f"{account}{retry_advice(error.type)}")
        return Event(frame, EventKind.ERROR, "error", account)

    def _complain_of_order(self, wrong: Complaint | None) -> None:
        """Outside of a message every place is wrong, and that has been said."""
        if wrong is not None and self._started and not self._stopped:
            self._complaints.once(wrong.rule, wrong.detail)


def _index(payload: dict[str, Any]) -> int:
    index = payload.get("index")
    return index if isinstance(index, int) else -1
