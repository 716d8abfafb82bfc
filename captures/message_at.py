"""The time cursor: what a client had at any moment of a stream, without folding it anew each time.

Moving forward folds on from where the cursor stands. Moving back starts at the nearest of a
bounded number of checkpoints, which are copies of the dialect at regular distances.
"""

from __future__ import annotations

from bisect import bisect_right
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from captures.dialects.base import Dialect
from captures.message import Message, Part, Text, Thinking, ToolCall
from captures.sse import FrameKind
from captures.stream_point import StreamPoint, point_in

if TYPE_CHECKING:
    from captures.exchange import Exchange

MAX_CHECKPOINTS = 32
FIRST_STRIDE = 64
"""Events between two checkpoints, until there are too many of them: then it doubles."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a client had at one moment."""

    events: int
    """How many events had arrived."""
    message: Message
    """The message as far as it had come: of a tool call, the arguments that had arrived."""
    earlier: tuple[Message, ...]
    """Messages of the same stream that had begun before it."""
    point: StreamPoint
    position: str
    """The point in the dialect's own words; empty where it has none."""
    missing: tuple[str, ...]
    """What was still due."""

    @property
    def open_parts(self) -> tuple[Part, ...]:
        """The parts that were still growing."""
        if self.point is StreamPoint.AFTER_END:
            return ()
        calls = [part for part in self.message.parts if isinstance(part, ToolCall)]
        growing: list[Part] = [call for call in calls if not call.finished]
        last = self.message.parts[-1] if self.message.parts else None
        in_text = self.point is StreamPoint.IN_TEXT and isinstance(last, Text)
        if last is not None and (
            in_text or (self.point is StreamPoint.IN_THINKING and isinstance(last, Thinking))
        ):
            growing.append(last)
        return tuple(growing)


class MessageCursor:
    """Goes through an exchange, which may still be growing. Mutable; the exchange stays as it is.

    Its answers are those of folding the events from the start. It keeps MAX_CHECKPOINTS copies of
    the dialect at most, and an answer folds as many events as lie between two of them at most,
    besides those that the cursor has never passed.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._dialect: Dialect | None = None
        self._count = 0
        self._stride = FIRST_STRIDE
        self._checkpoints: dict[int, Dialect | None] = {0: None}

    def message_at(self, event_index: int) -> Moment:
        """What the client had once the event of this index had arrived.

        Args:
            event_index: place in the exchange's events; -1 for before the first, and one beyond
                the last for what is there by now.
        """
        if self._exchange.dialect is None:
            return self._whole(arrived=event_index >= 0)
        self._go_to(max(0, min(event_index + 1, len(self._exchange.events))))
        return self._moment()

    def approach(self, event_index: int, most: int) -> bool:
        """Goes towards a moment, folding so many events at most.

        For a face that must not be held up: once this says that it is there, ``message_at``
        answers at once.

        Args:
            event_index: as of ``message_at``.
            most: events that are folded at most.
        """
        if self._exchange.dialect is None:
            return True
        return self._go_to(max(0, min(event_index + 1, len(self._exchange.events))), most)

    def message_at_time(self, seconds: float) -> Moment:
        """What the client had at this time, in seconds since the request."""
        events, end = self._exchange.events, self._exchange.end
        if self._exchange.dialect is None:
            return self._whole(arrived=end is not None and end.time <= seconds)
        count = bisect_right(events.times, seconds)
        return self.message_at(count - 1)

    @property
    def checkpoints(self) -> int:
        """How many copies of the dialect are kept."""
        return len(self._checkpoints)

    def _whole(self, *, arrived: bool) -> Moment:
        """Of an answer that is no stream of messages: nothing before its end, all of it after."""
        if not arrived or self._exchange.live:
            return Moment(0, Message(), (), StreamPoint.IN_BODY, "", ())
        events = len(self._exchange.events)
        return Moment(events, self._exchange.message(), (), StreamPoint.AFTER_END, "", ())

    def _moment(self) -> Moment:
        dialect = self._dialect
        if dialect is None:
            point = StreamPoint.BEFORE_FIRST_TOKEN
            return Moment(self._count, Message(), (), point, "before the first event", ())
        return Moment(
            self._count,
            dialect.message(),
            dialect.earlier,
            point_in(dialect),
            dialect.position,
            dialect.missing,
        )

    def _go_to(self, count: int, most: int | None = None) -> bool:
        nearest = max(kept for kept in self._checkpoints if kept <= count)
        if count < self._count or nearest > self._count:
            self._dialect = deepcopy(self._checkpoints[nearest])
            self._count = nearest
        stop = count if most is None else min(count, self._count + most)
        while self._count < stop:
            self._fold_on()
        return self._count == count

    def _fold_on(self) -> None:
        frame = self._exchange.events[self._count].frame
        self._count += 1
        if frame.kind is FrameKind.EVENT:
            if self._dialect is None:
                self._dialect = self._exchange.new_dialect(frame)
            self._dialect.feed(frame)
        if self._count % self._stride == 0 and self._count not in self._checkpoints:
            self._keep()

    def _keep(self) -> None:
        if len(self._checkpoints) == MAX_CHECKPOINTS:
            self._stride *= 2
            kept = self._checkpoints.items()
            self._checkpoints = {at: copy for at, copy in kept if at % self._stride == 0}
        if self._count % self._stride == 0:
            self._checkpoints[self._count] = deepcopy(self._dialect)
