"""Stalls: waits in the middle of an answer that are too long, each with its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from captures.dialects.base import EventKind
from captures.records import End
from captures.token_times import InterToken

STALL_SECONDS = 5.0
"""A wait this long is a stall where the model writes on steadily: in a text, in the thinking,
and between the last word and the end of the message."""

UNSEEN_WORK_SECONDS = 60.0
"""A wait this long is a stall where the model may be at work unseen: providers hold the value
of a tool's argument back until it is whole, run tools between two parts, and think before the
first token without showing it."""

TIMES_THE_MEDIAN = 10.0
"""A stall is also this many times the median wait between tokens, or a slow model would have
nothing but stalls."""

_GAPS_FOR_A_MEDIAN = 3

SIGNS_OF_LIFE = frozenset({EventKind.PING, EventKind.COMMENT, EventKind.NOTHING})
"""They show that the connection is alive, and bring the answer no further."""

_ENDS = frozenset({EventKind.TERMINAL, EventKind.ERROR})
_STEADY = {EventKind.TEXT: "in the text", EventKind.THINKING: "in the thinking"}
_BEFORE_THE_END = "between the last word and the end of the message"


class Side(StrEnum):
    """Who a wait was spent on."""

    UPSTREAM = "upstream"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Stall:
    """One wait that was too long."""

    start: float
    """When the event before it had arrived, in seconds since the request."""
    seconds: float
    event: int | None
    """Index of the event that ended it; None if it lasted to the end of the exchange."""
    where: str
    """In words, such as ``in the text``."""
    signs_of_life: int
    """Pings and comments that came meanwhile: the connection was alive."""


class StallWatch:
    """Collects the stalls of one exchange as its events come. Mutable."""

    def __init__(self) -> None:
        self._found: list[Stall] = []
        self._previous: EventKind | None = None
        self._since = 0.0
        self._signs_of_life = 0
        self._token_seen = False

    def see(self, index: int, kind: EventKind, time: float, *, has_token: bool) -> None:
        """Takes the next event of the timeline.

        Args:
            index: its place in the timeline.
            kind: what it is.
            time: when it had arrived, in seconds since the request.
            has_token: whether it carries what the model wrote.
        """
        if kind in SIGNS_OF_LIFE:
            self._signs_of_life += 1
        if kind in SIGNS_OF_LIFE or kind is EventKind.UNFINISHED:
            return
        # However long a model thinks before its first token: that is no stall.
        if self._previous not in {None, *_ENDS} and self._token_seen:
            self._judge(kind, time, index)
        self._previous, self._since, self._signs_of_life = kind, time, 0
        self._token_seen |= has_token

    def stalls(
        self, inter_token: Callable[[], InterToken | None], end: float | None = None
    ) -> tuple[Stall, ...]:
        """The stalls so far, in order of time.

        Args:
            inter_token: tells the waits between tokens, whose median tells a slow model from a
                stall; of a long stream that is work, and not asked for without need.
            end: when the exchange ended, in seconds since the request; None while it runs.
        """
        found = list(self._found)
        if end is not None and self._previous not in _ENDS:
            last = self._stall(None, end, None)
            found += [last] if last is not None else []
        if not found:
            return ()
        waits = inter_token()
        known = waits is not None and waits.count >= _GAPS_FOR_A_MEDIAN
        median = waits.p50 if waits is not None and known else 0.0
        return tuple(stall for stall in found if stall.seconds >= TIMES_THE_MEDIAN * median)

    def _judge(self, kind: EventKind, time: float, index: int) -> None:
        if time - self._since >= STALL_SECONDS:
            stall = self._stall(kind, time, index)
            self._found += [stall] if stall is not None else []

    def _stall(self, after: EventKind | None, time: float, index: int | None) -> Stall | None:
        where, limit = self._place(after)
        seconds = time - self._since
        if seconds < limit:
            return None
        return Stall(self._since, seconds, index, where, self._signs_of_life)

    def _place(self, after: EventKind | None) -> tuple[str, float]:
        """Where a wait before an event of this kind is, and from how many seconds it is a stall."""
        before = self._previous
        if not self._token_seen:
            return "before the first token", UNSEEN_WORK_SECONDS
        if before in _STEADY and after in {before, None}:
            return _STEADY[before], STALL_SECONDS
        if after in {EventKind.STOP_REASON, EventKind.TERMINAL}:
            return _BEFORE_THE_END, STALL_SECONDS
        if before is EventKind.TOOL and after in {before, None}:
            return "in the tool arguments", UNSEEN_WORK_SECONDS
        if before is EventKind.STOP_REASON:
            return _BEFORE_THE_END, STALL_SECONDS
        return "between two parts of the message", UNSEEN_WORK_SECONDS


def idle_side(stall: Stall, end: End | None) -> Side:
    """Who a stall is owed to.

    The upstream, unless the client was not ready to take more for most of that time: the proxy
    then stops reading, and the upstream cannot send.
    """
    waited = end.latency.client_wait if end is not None and end.latency is not None else 0.0
    return Side.CLIENT if waited * 2 >= stall.seconds else Side.UPSTREAM


def stall_words(stall: Stall) -> str:
    """How long a stall was, where, and whether the connection was alive meanwhile."""
    until = "to the end" if stall.event is None else f"before event {stall.event}"
    signs = f"{stall.signs_of_life} pings and comments came meanwhile"
    if stall.signs_of_life < 2:
        signs = "1 ping or comment came meanwhile" if stall.signs_of_life else "no ping came"
    return f"{stall.seconds:.2f} s {until}, {stall.where}; {signs}"
