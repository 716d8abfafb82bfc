from __future__ import annotations

import pytest

from captures.records import Gap, Note, Record
from captures.sequence import Sequence


def numbered(*numbers: int) -> list[Record]:
    return [Note(number, 0.0, "a", "b") for number in numbers]


def faults(*records: Record) -> list[str]:
    sequence = Sequence()
    return [fault for record in records if (fault := sequence.fault_at(record))]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (numbered(1, 2, 3), []),
        (numbered(2), ["record 1 is missing"]),
        (numbered(1, 5, 6), ["records 2 to 4 are missing"]),
        (numbered(1, 1, 2), ["record 1 comes again or too late"]),
        (numbered(1, 3, 2, 4), ["record 2 is missing", "record 2 comes again or too late"]),
        ([*numbered(1), Gap(4, 0.0, 2, 4, 9, "x"), *numbered(5)], []),
        ([*numbered(1), Gap(4, 0.0, 3, 4, 9, "x")], ["record 2 is missing"]),
        (numbered(10**30), [f"records 1 to {10**30 - 1} are missing"]),
    ],
)
def test_holes_and_repetitions_are_told(records: list[Record], expected: list[str]) -> None:
    assert faults(*records) == expected


def test_what_an_unreadable_line_may_have_held_is_not_told_again() -> None:
    sequence = Sequence()
    assert sequence.fault_at(numbered(1)[0]) == ""
    sequence.pass_over()
    assert sequence.fault_at(numbered(4)[0]) == ""
    assert sequence.fault_at(numbered(6)[0]) == "record 5 is missing"
