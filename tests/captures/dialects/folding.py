"""Feeding a dialect by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from captures.dialects.base import Dialect, Event
from captures.findings.rule import Complaint, Rule
from captures.framing import Framing
from captures.sse import Decoder, Frame, FrameKind


def frames(pieces: Iterable[bytes], framing: Callable[[int], Framing] = Decoder) -> list[Frame]:
    """The dispatched events of these pieces."""
    decoder = framing(0)
    found = [frame for piece in pieces for frame in decoder.feed(piece, 0.0)]
    return [frame for frame in found if frame.kind is FrameKind.EVENT]


def fold(
    dialect: Dialect, pieces: Iterable[bytes], framing: Callable[[int], Framing] = Decoder
) -> tuple[list[Event], list[Complaint]]:
    """Its events, and its complaints while they came."""
    folded = [dialect.feed(frame) for frame in frames(pieces, framing)]
    return (
        [event for event, _ in folded],
        [complaint for _, complaints in folded for complaint in complaints],
    )


def rules(complaints: Iterable[Complaint]) -> list[Rule]:
    """The rules that were broken, in order."""
    return [complaint.rule for complaint in complaints]
