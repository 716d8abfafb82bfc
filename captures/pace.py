"""When what was recorded is due in a replay: pure, without a clock."""

from __future__ import annotations

import math
from dataclasses import dataclass

RECORDED_SPEED = 1.0
MAX_SPEED = math.inf
"""Everything at once."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the times of a replay follow from the recorded ones.

    Raises:
        ValueError: the speed is not above 0, or a number of seconds is negative or not finite.
    """

    speed: float = RECORDED_SPEED
    """1.0 as recorded, 2.0 twice as fast, MAX_SPEED without any wait."""
    max_gap: float | None = None
    """No wait is longer than this many seconds; the speed is applied first."""
    first_byte: float | None = None
    """Seconds from the request to the first byte of the body, whatever was recorded."""

    def __post_init__(self) -> None:
        if not self.speed > 0:
            words = "expected a replay speed above 0, such as 1 or 2.5"
            raise ValueError(f"{words}, got {self.speed}")
        for seconds in (self.max_gap, self.first_byte):
            if seconds is not None and not (0 <= seconds < math.inf):
                raise ValueError(f"expected a number of seconds, 0 or more, got {seconds}")


class Timetable:
    """When each part of one answer is due. Mutable: what is due never runs backwards.

    All times are seconds, given since the recorded request and returned since the replayed one.
    They are absolute, so that no wait that took too long delays those after it. Times that run
    backwards, are negative or are no finite number, as in a damaged capture, give the earliest
    time allowed.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._latest = 0.0
        self._shift = 0.0
        """What capped waits have saved, and a first byte put off has cost."""

    def head(self, time: float) -> float:
        """When the head is due: never after the first byte."""
        due = self.part(time)
        first_byte = self._pace.first_byte
        return due if first_byte is None else min(due, first_byte)

    def first_byte(self, time: float) -> float:
        """When the first piece of the body is due; the pieces behind it keep their distance."""
        if self._pace.first_byte is None:
            return self.part(time)
        scaled = time / self._pace.speed
        self._latest = self._pace.first_byte
        self._shift = self._latest - (scaled if math.isfinite(scaled) else 0.0)
        return self._latest

    def part(self, time: float) -> float:
        """When a further piece is due, or the end."""
        due = time / self._pace.speed + self._shift
        if not math.isfinite(due):
            return self._latest
        if self._pace.max_gap is not None and due > self._latest + self._pace.max_gap:
            capped = self._latest + self._pace.max_gap
            self._shift -= due - capped
            due = capped
        self._latest = max(self._latest, due)
        return self._latest
