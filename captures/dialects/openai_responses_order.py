"""The sequence numbers of a Responses stream: what was dropped, repeated or reordered on the way.

``sequence_number`` starts at 0 and grows by one with each event. A stream that was resumed with
``starting_after`` begins with a later one.
"""

from __future__ import annotations

from captures.dialects.complaints import complaint
from captures.findings.openai_responses import (
    RESPONSE_EVENT_AGAIN,
    RESPONSE_EVENT_LATE,
    RESPONSE_SEQUENCE_GAP,
)
from captures.findings.rule import Complaint

MAX_GAPS = 100
"""Gaps that are remembered, so that an event that comes late is told from one that comes again."""


class SequenceNumbers:
    """Counts along with the events of one response. Mutable."""

    def __init__(self) -> None:
        self.last: int | None = None
        self.has_fault = False
        """Whether any number was out of its place: what is missing is then explained."""
        self._gaps: list[range] = []
        self._pending: Complaint | None = None

    def see(self, number: int, type_: str) -> Complaint | None:
        """Takes the number of the next event.

        A gap is told with the event behind it, which may be the one that was missing.
        """
        pending, self._pending = self._pending, None
        due = 0 if self.last is None else self.last + 1
        self.last = number if self.last is None else max(self.last, number)
        if number == due:
            return pending
        if number > due:
            if len(self._gaps) < MAX_GAPS:
                self._gaps.append(range(due, number))
            if due > 0:
                self.has_fault = True
                self._pending = complaint(RESPONSE_SEQUENCE_GAP, _missing(due, number, type_))
            return pending
        self.has_fault = True
        if any(number in gap for gap in self._gaps):
            return complaint(RESPONSE_EVENT_LATE, f"{type_} is number {number}, after {due - 1}")
        self._pending = pending
        return complaint(RESPONSE_EVENT_AGAIN, f"{type_} is number {number}, after {due - 1}")

    def finish(self) -> Complaint | None:
        """A gap with no event behind it."""
        pending, self._pending = self._pending, None
        return pending


def _missing(due: int, number: int, type_: str) -> str:
    events = f"event {due} is" if number == due + 1 else f"events {due} to {number - 1} are"
    return f"{type_} is number {number}: {events} missing"
