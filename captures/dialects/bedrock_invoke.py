"""The dialect of ``POST /model/…/invoke-with-response-stream`` of Amazon Bedrock.

Each ``chunk`` wraps an event of the model's own protocol, which has a dialect of its own; around
it stand exceptions, which end the stream under HTTP 200.
"""

from __future__ import annotations

from dataclasses import replace

from captures.dialects import anthropic, bedrock_native, openai_chat
from captures.dialects.base import Dialect, Event, EventKind
from captures.dialects.bedrock import failure
from captures.dialects.bedrock_converse import EVENTS, NovaDialect
from captures.dialects.bedrock_native import NativeTextDialect
from captures.dialects.complaints import complaint
from captures.dialects.payload import error_from, parsed
from captures.dialects.plain import PlainDialect
from captures.findings.aws import AWS_EXCEPTION, BEDROCK_NO_END, PAYLOAD_NOT_JSON
from captures.findings.rule import Complaint
from captures.message import Message, StreamError, Usage
from captures.sse import Frame


def recognises(frame: Frame) -> bool:
    """Whether a message is a chunk around a model's own JSON."""
    return frame.event == "chunk" and parsed(frame.data) is not None


class InvokeDialect:
    """Folds the chunks of one answer in the protocol that the first of them has."""

    name = "bedrock.invoke"

    def __init__(self) -> None:
        self._inner: Dialect | None = None
        self._error: StreamError | None = None

    def feed(self, frame: Frame) -> tuple[Event, tuple[Complaint, ...]]:
        """What the event in a chunk is, and what is wrong with it."""
        if frame.is_error:
            error = error_from(failure(frame))
            self._error = self._error or error
            account = f"{error.type}: {error.message}"
            event = Event(frame, EventKind.ERROR, frame.event, account)
            return event, (complaint(AWS_EXCEPTION, account),)
        if parsed(frame.data) is None:
            event = Event(frame, EventKind.OTHER, frame.event, frame.data)
            return event, (complaint(PAYLOAD_NOT_JSON, f"{frame.event}: {frame.data[:80]}"),)
        if self._inner is None:
            self._inner = _dialect_in(frame)
        return self._inner.feed(frame)

    def finish(self) -> tuple[Complaint, ...]:
        """What the model's own protocol misses. After an exception nothing more is due."""
        if self._error is not None:
            return ()
        if self._inner is None:
            return (complaint(BEDROCK_NO_END, f"it ended {self.position}"),)
        return self._inner.finish()

    def message(self) -> Message:
        """The message as far as it has come."""
        message = self._inner.message() if self._inner else Message()
        return message if self._error is None else replace(message, error=self._error)

    @property
    def earlier(self) -> tuple[Message, ...]:
        """Messages that began before the current one in the same stream."""
        return self._inner.earlier if self._inner else ()

    @property
    def stop_reason_name(self) -> str:
        """The model's own word for the stop reason."""
        return self._inner.stop_reason_name if self._inner else "stop_reason"

    @property
    def usage(self) -> Usage:
        """The latest usage."""
        return self._inner.usage if self._inner else Usage()

    @property
    def finished(self) -> bool:
        """Whether an exception or the end of the model's own protocol has come."""
        return self._error is not None or (self._inner is not None and self._inner.finished)

    @property
    def may_end(self) -> bool:
        """Whether an exception has come, or what ends an answer in the model's own protocol."""
        return self._error is not None or (self._inner is not None and self._inner.may_end)

    @property
    def position(self) -> str:
        """How far the answer has come."""
        if self._error is not None:
            return "after the exception"
        return self._inner.position if self._inner else "before the first event"

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still due."""
        if self._error is not None:
            return ()
        return self._inner.missing if self._inner else ("stop_reason", "usage")


def _dialect_in(frame: Frame) -> Dialect:
    """The fold of the model's own protocol, by the shape of its first event."""
    if anthropic.recognises(frame):
        return anthropic.AnthropicDialect()
    if openai_chat.recognises(frame):
        return openai_chat.OpenAIChatDialect()
    if EVENTS & (parsed(frame.data) or {}).keys():
        return NovaDialect()
    return NativeTextDialect() if bedrock_native.recognises(frame) else PlainDialect()
