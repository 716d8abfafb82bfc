"""Whether the records of a capture follow one another without a hole."""

from __future__ import annotations

from captures.records import Gap, Record


class Sequence:
    """Counts along with the records of one capture. Mutable."""

    def __init__(self) -> None:
        self._expected = 1
        self._may_jump = False

    def pass_over(self) -> None:
        """Takes notice of a line that cannot be read: nobody knows which records it held."""
        self._may_jump = True

    def fault_at(self, record: Record) -> str:
        """What is wrong between the last record and this one, in words; empty if nothing is."""
        expected, may_jump = self._expected, self._may_jump
        first = record.first if isinstance(record, Gap) else record.seq
        last = record.last if isinstance(record, Gap) else record.seq
        self._expected, self._may_jump = max(expected, last + 1), False
        if first < expected:
            return f"record {first} comes again or too late"
        if first > expected and not may_jump:
            missing = f"record {expected} is" if first == expected + 1 else None
            return f"{missing or f'records {expected} to {first - 1} are'} missing"
        return ""
