from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.request_identity import RequestIdentity
from captures.verdict import Outcome
from inspector_tui import grouping as module
from inspector_tui.grouping import Groups, labels
from inspector_tui.summary import Summary
from tests.inspector_tui.inspector_for_tests import NOW


def a_summary(name: str, minute: int = 0, **known: bytes | tuple[bytes, ...]) -> Summary:
    identity = RequestIdentity(**known)  # type: ignore[arg-type]
    began = NOW + timedelta(minutes=minute)
    return Summary(Path("/captures"), name, started=began, identity=identity)


CHAT = [
    a_summary("a", 1, question=b"q1", messages=b"m1"),
    a_summary("b", 2, question=b"q1", messages=b"m1"),
    a_summary("c", 3, question=b"q2", messages=b"m2", stems=(b"m1",)),
    a_summary("d", 4, question=b"q3", messages=b"m3", stems=(b"m1", b"m2")),
    a_summary("e", 5, question=b"q9", messages=b"m9"),
    a_summary("f", 6, question=b"q4", answer=b"r1", session=b"s"),
    a_summary("g", 7, question=b"q5", continues=b"r1"),
    a_summary("h", 8, question=b"q6", session=b"s"),
]
EXPECTED = {frozenset("abcd"), frozenset("e"), frozenset("fgh")}


def grouped(groups: Groups) -> set[frozenset[str]]:
    names = [summary.file for summary in CHAT if groups.members(summary.file)]
    return {frozenset(name for _, name in groups.members(each)) for each in names}


@given(st.permutations(CHAT))
def test_the_groups_are_the_same_in_whatever_order_captures_come(order: list[Summary]) -> None:
    groups = Groups()
    assert all(groups.add(summary) for summary in order)
    assert grouped(groups) == EXPECTED
    assert not any(groups.add(summary) for summary in order)
    assert [name for _, name in groups.members("d")] == ["a", "b", "c", "d"]


@given(st.permutations(CHAT), st.sets(st.sampled_from("abcdefgh")))
def test_what_is_taken_out_is_gone_and_comes_back_where_it_was(
    order: list[Summary], gone: set[str]
) -> None:
    groups = Groups()
    for summary in order:
        groups.add(summary)
    for name in gone:
        groups.remove(name)
        groups.remove(name)
        assert groups.members(name) == ()
    left = {frozenset(group - gone) for group in EXPECTED} - {frozenset()}
    assert grouped(groups) == left
    for name in "abcdefgh":
        groups.remove(name)
    assert not groups._bearers
    assert not groups._members


def test_a_group_has_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_GROUP", 3)
    groups = Groups()
    for number in range(10):
        groups.add(a_summary(f"{number}", number, question=b"q"))
    sizes = [len(groups.members(str(number))) for number in range(10)]
    assert max(sizes) == 3
    assert sizes.count(3) == 9


def test_what_each_is_to_the_others_is_said_in_a_word() -> None:
    groups = Groups()
    for summary in CHAT:
        groups.add(summary)
    outcomes = {"a": Outcome.ERROR}

    def said(name: str) -> dict[str, str]:
        return labels(groups.members(name), groups.identity, outcomes.get)

    assert said("a") == {"a": "", "b": "retry 2", "c": "turn 2", "d": "turn 3"}
    outcomes["a"] = Outcome.COMPLETE
    assert said("a")["b"] == "again 2"
    assert said("f") == {"f": "", "g": "turn 2", "h": "request 3"}
    assert said("e") == {"e": ""}
