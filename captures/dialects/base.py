"""What every dialect offers: frames in, events and a message out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from captures.findings.rule import Complaint
from captures.message import Message, Usage
from captures.sse import Frame


class EventKind(StrEnum):
    """What an event is to its reader; decides how a face shows it."""

    START = "start"
    TEXT = "text"
    THINKING = "thinking"
    TOOL = "tool"
    STOP_REASON = "stop_reason"
    TERMINAL = "terminal"
    PING = "ping"
    ERROR = "error"
    STRUCTURE = "structure"
    """It opens or closes a part."""
    COMMENT = "comment"
    NOTHING = "nothing"
    """It dispatches nothing."""
    UNFINISHED = "unfinished"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the timeline: a frame and what its dialect makes of it."""

    frame: Frame
    kind: EventKind
    type: str
    """The dialect's word for it, such as ``content_block_delta``."""
    text: str = ""
    """The delta of text, thinking or tool arguments, or a short account of the payload."""
    stop_reason: str | None = None


class Dialect(Protocol):
    """The fold of one protocol. Mutable; fed by the exchange alone; never raises on peer bytes."""

    @property
    def name(self) -> str:
        """Stable name, such as ``anthropic.messages``."""

    @property
    def stop_reason_name(self) -> str:
        """The protocol's word for the stop reason, as it stands in ``missing``."""

    def feed(self, frame: Frame) -> tuple[Event, tuple[Complaint, ...]]:
        """What a dispatched event is, and what is wrong with it."""

    def finish(self) -> tuple[Complaint, ...]:
        """What is missing, now that the upstream's stream has ended."""

    def message(self) -> Message:
        """What the events so far add up to."""

    @property
    def earlier(self) -> tuple[Message, ...]:
        """Messages that began before the current one in the same stream; empty as a rule."""

    @property
    def usage(self) -> Usage:
        """The message's usage so far, without the cost of building the message."""

    @property
    def finished(self) -> bool:
        """Whether the terminal event, or an error that stands for it, has come."""

    @property
    def position(self) -> str:
        """Where in the protocol the stream stands, in words: "in the text", …"""

    @property
    def missing(self) -> tuple[str, ...]:
        """What a client that leaves now will never get."""

    @property
    def may_end(self) -> bool:
        """Whether a clean end here is the end of a whole answer, whatever else may follow."""
