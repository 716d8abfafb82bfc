"""Which captures are to go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.prune import Criteria, Entry, Reason, choose

NOW = 1_000_000.0
NONE = Criteria()


def entry(name: str, age: float, size: int = 10, *, running: bool = False) -> Entry:
    """A capture that was begun and last written this many seconds ago."""
    return Entry(name, (f"{name}.jsonl",), size, NOW - age, NOW - age, running)


def chosen(*entries: Entry, **criteria: int) -> list[tuple[str, Reason]]:
    found = choose(entries, Criteria(**criteria), NOW)
    return [(one.entry.name, one.reason) for one in found]


def test_what_was_not_written_to_for_longer_goes_by_its_age() -> None:
    entries = entry("new", 1), entry("edge", 100), entry("old", 101)
    assert chosen(*entries, older_than=100) == [("old", Reason.AGE)]


def test_an_old_capture_that_was_still_written_to_lately_is_not_old() -> None:
    long = Entry("long", ("long.jsonl",), 10, NOW - 1000, NOW - 1, running=False)
    assert chosen(long, older_than=100) == []


def test_all_but_the_newest_go_by_their_count_the_oldest_first() -> None:
    entries = entry("b", 2), entry("d", 4), entry("a", 1), entry("c", 3)
    assert chosen(*entries, keep=2) == [("d", Reason.COUNT), ("c", Reason.COUNT)]
    assert chosen(*entries, keep=4) == []
    assert len(chosen(*entries, keep=0)) == 4


def test_captures_of_one_time_go_by_their_names() -> None:
    assert chosen(entry("b", 1), entry("a", 1), keep=1) == [("a", Reason.COUNT)]


def test_the_oldest_go_until_the_rest_fits() -> None:
    entries = entry("a", 1, 40), entry("b", 2, 40), entry("c", 3, 40)
    assert chosen(*entries, max_size=120) == []
    assert chosen(*entries, max_size=119) == [("c", Reason.SIZE)]
    assert chosen(*entries, max_size=0) == [(name, Reason.SIZE) for name in "cba"]


def test_what_goes_anyway_makes_room() -> None:
    entries = entry("a", 1, 40), entry("b", 2, 40), entry("c", 3, 40)
    assert chosen(*entries, keep=2, max_size=80) == [("c", Reason.COUNT)]
    assert chosen(*entries, keep=2, max_size=79) == [("c", Reason.COUNT), ("b", Reason.SIZE)]


def test_running_captures_count_and_stay() -> None:
    live = entry("live", 3, 100, running=True)
    assert chosen(entry("a", 1, 40), entry("b", 2, 40), live, max_size=150) == [("b", Reason.SIZE)]
    assert chosen(live, older_than=0, keep=0, max_size=0) == []
    assert chosen(entry("old", 4), live, keep=1) == [("old", Reason.COUNT)]


@pytest.mark.parametrize("criteria", [NONE, Criteria(older_than=0), Criteria(0, 0, 0)])
def test_without_a_criterion_or_a_capture_nothing_goes(criteria: Criteria) -> None:
    assert choose([], criteria, NOW) == []
    assert criteria.is_empty is (criteria == NONE)
    assert chosen(entry("a", 1)) == []


ENTRIES = st.lists(
    st.builds(
        entry,
        st.uuids().map(str),
        st.integers(0, 50),
        st.integers(0, 100),
        running=st.booleans(),
    ),
    max_size=20,
    unique_by=lambda one: one.name,
)
LIMITS = st.none() | st.integers(0, 60)


@given(ENTRIES, LIMITS, LIMITS, st.none() | st.integers(0, 1000))
def test_every_criterion_holds_for_what_stays_and_nothing_goes_without_one(
    entries: list[Entry], older_than: int | None, keep: int | None, max_size: int | None
) -> None:
    criteria = Criteria(older_than, keep, max_size)
    found = choose(entries, criteria, NOW)
    gone = {one.entry.name for one in found}
    stays = [one for one in entries if one.name not in gone]
    free = [one for one in stays if not one.running]
    assert not any(one.entry.running for one in found)
    if older_than is not None:
        assert all(NOW - one.changed <= older_than for one in free)
    if keep is not None:
        newest = sorted(entries, key=lambda one: (one.began, one.name))[-keep or len(entries) :]
        assert all(one in newest for one in free)
    if max_size is not None and free:
        assert sum(one.size for one in stays) <= max_size
    by_size = [one.entry for one in found if one.reason is Reason.SIZE]
    if by_size:
        # The last of them was needed, and nothing that is older stayed.
        last = by_size[-1]
        assert max_size is not None
        assert sum(one.size for one in stays) + last.size > max_size
        assert all((last.began, last.name) < (one.began, one.name) for one in free)
    assert all(one.reason is not Reason.AGE or older_than is not None for one in found)
    assert all(one.reason is not Reason.COUNT or keep is not None for one in found)
