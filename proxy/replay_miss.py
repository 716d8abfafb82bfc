"""What a replay does with a request that nothing was recorded for. Pure but for one read.

The captures that come closest are named, each with the first part that differs: the path, the
method, or places in the body.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from captures.request_body import BodyPrint, Difference, FieldPath, differences, likeness, print_of
from captures.store import CaptureError
from proxy.replay_exchange import Asked, SavedExchange, plain
from proxy.replay_match import answers_to_target, shown_target
from proxy.replay_source import recorded_request_body

MAX_NEAR = 3
MAX_LISTED = 20
_SEGMENTS = re.compile(r"[/:?&]")


class OnMiss(StrEnum):
    """What is done with a request that nothing was recorded for."""

    NOT_FOUND = "404"
    """It is answered with 404, which says what comes closest."""
    CLOSEST = "closest"
    """What comes closest answers it."""
    UPSTREAM = "upstream"
    """The upstream answers it, and the answer is recorded."""


class Part(StrEnum):
    """The part of a request that differs first."""

    PATH = "path"
    METHOD = "method"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Near:
    """A recorded exchange that comes close, and why it does not answer."""

    exchange: SavedExchange
    part: Part
    differences: tuple[Difference, ...]
    """Of the body where the body differs; empty where it was not kept."""

    @property
    def where(self) -> str:
        """The place that differs first, in plain ASCII of limited length."""
        at = self.differences[0].at if self.part is Part.BODY and self.differences else ""
        return f"{self.part} {at}".strip()[:200]

    def in_words(self) -> str:
        """Which capture it is and what differs, in one line."""
        part, _, at = self.where.partition(" ")
        place = f"the {part} at {at}" if at else f"the {part}"
        words = f"{plain(self.exchange.id)[:200]}, differs in {place}"
        if not self.differences:
            return f"{words}, which was not kept" if self.part is Part.BODY else words
        first = self.differences[0]
        return f"{words}: {_or_nothing(first.recorded)} recorded, {_or_nothing(first.asked)} asked"

    def as_json(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "capture": plain(self.exchange.id)[:200],
            "differs_in": self.part.value,
            "differences": [
                {"at": found.at, "recorded": found.recorded, "asked": found.asked}
                for found in self.differences
            ],
        }


def closest_to(
    asked: Asked, exchanges: Sequence[SavedExchange], ignored: Sequence[FieldPath]
) -> list[SavedExchange]:
    """The exchanges of the same method that come closest: all that are equally close."""
    body = print_of(asked.plain_body, ignored)
    near = [
        (_closeness(exchange, asked, body), exchange)
        for exchange in exchanges
        if exchange.method == asked.method
    ]
    best = max((closeness for closeness, _ in near), default=None)
    return [exchange for closeness, exchange in near if closeness == best]


def nearest(
    asked: Asked, exchanges: Sequence[SavedExchange], ignored: Sequence[FieldPath]
) -> tuple[Near, ...]:
    """The few exchanges that come closest, the closest first. Reads their captures: blocks."""
    body = print_of(asked.plain_body, ignored)
    near = heapq.nlargest(
        MAX_NEAR, exchanges, key=lambda exchange: _closeness(exchange, asked, body)
    )
    return tuple(near_of(exchange, asked, ignored) for exchange in near)


def near_of(exchange: SavedExchange, asked: Asked, ignored: Sequence[FieldPath]) -> Near:
    """What differs between one exchange's request and what is asked. Reads its capture: blocks."""
    if not answers_to_target(exchange, asked.target):
        difference = Difference("", shown_target(exchange.target), shown_target(asked.target))
        return Near(exchange, Part.PATH, (difference,))
    if exchange.method != asked.method:
        difference = Difference("", plain(exchange.method)[:20], plain(asked.method)[:20])
        return Near(exchange, Part.METHOD, (difference,))
    try:
        body = recorded_request_body(exchange.path)
    except CaptureError:
        body = None
    found = () if body is None else differences(body, asked.plain_body, ignored)
    return Near(exchange, Part.BODY, found)


def miss_in_words(asked: Asked, near: Sequence[Near], exchanges: Sequence[SavedExchange]) -> str:
    """What was not found and what comes closest, in one line of plain ASCII."""
    words = f"no recording of {plain(asked.method)[:20]} {shown_target(asked.target)}"
    if near:
        words += f"; the closest, {near[0].in_words()}"
    if near and near[0].part is Part.BODY:
        at = near[0].differences[0].at if near[0].differences else ""
        ignore = f"--ignore-field {at} ignores it, " if at else ""
        return f"{words}; {ignore}--on-miss closest serves it even so"
    return f"{words}; recorded: {_listed(exchanges)}"


def _closeness(
    exchange: SavedExchange, asked: Asked, asked_body: BodyPrint
) -> tuple[bool, bool, float, float]:
    same = answers_to_target(exchange, asked.target)
    segments, others = (
        frozenset(filter(None, _SEGMENTS.split(target)))
        for target in (exchange.target, asked.target)
    )
    path = len(segments & others) / max(1, len(segments | others))
    body = 0.0 if exchange.body is None else likeness(exchange.body, asked_body)
    return same, exchange.method == asked.method, 1.0 if same else path, body


def _or_nothing(value: str | None) -> str:
    return "nothing" if value is None else value


def _listed(exchanges: Sequence[SavedExchange]) -> str:
    places = [
        *dict.fromkeys(
            f"{plain(exchange.method)} {shown_target(exchange.target)}" for exchange in exchanges
        )
    ]
    more = f" and {len(places) - MAX_LISTED} more" if len(places) > MAX_LISTED else ""
    return (", ".join(places[:MAX_LISTED]) or "nothing") + more
