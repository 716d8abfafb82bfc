from __future__ import annotations

from captures.losses import Losses, Remains
from captures.records import Chunk, Gap, Note, Record


def a_note(seq: int) -> Note:
    return Note(seq, seq / 10, "a", "b")


def remains_of(losses: Losses, *records: Record) -> Remains:
    remains = Remains(losses, lambda record, others: isinstance(record, Note) and others < 3)
    for record in records:
        remains.take(record)
    return remains


def test_kept_records_stay_in_order_and_the_others_between_them_are_gaps() -> None:
    losses = Losses()

    remains = remains_of(
        losses,
        Chunk(1, 0.1, b"ab"),
        Chunk(2, 0.2, b"c"),
        a_note(3),
        Gap(6, 0.6, 4, 6, 10, "queue full"),
        Chunk(7, 0.7, b"d"),
        a_note(8),
    )

    assert remains.records("broken") == [
        Gap(2, 0.2, 1, 2, 3, "broken"),
        a_note(3),
        Gap(8, 0.8, 4, 8, 11, "broken"),
    ]
    assert (losses.records, losses.size) == (4, 4)


def test_nothing_remains_of_nothing() -> None:
    assert not remains_of(Losses())
    assert remains_of(Losses(), a_note(1))


def test_counts_add_up() -> None:
    losses = Losses(records=1, size=10, why="first")

    losses.add(Losses(records=2, size=5, why="second"))

    assert (losses.records, losses.size, losses.why) == (3, 15, "first")
