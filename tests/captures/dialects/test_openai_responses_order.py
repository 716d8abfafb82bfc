from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.openai_responses import OpenAIResponsesDialect
from captures.dialects.openai_responses_order import MAX_GAPS, SequenceNumbers
from captures.findings.openai_responses import (
    RESPONSE_EVENT_AGAIN,
    RESPONSE_EVENT_LATE,
    RESPONSE_SEQUENCE_GAP,
)
from captures.findings.rule import Rule
from tests.captures.dialects.folding import fold, rules
from tests.captures.openai_responses_stream import HELLO, numbered


def seen(*numbers: int) -> list[Rule]:
    counting = SequenceNumbers()
    found = [counting.see(number, "response.x") for number in numbers]
    return [complaint.rule for complaint in (*found, counting.finish()) if complaint is not None]


@pytest.mark.parametrize(
    ("numbers", "rules_broken"),
    [
        ((0, 1, 2, 3), []),
        ((7, 8, 9), []),
        ((0, 1, 4, 5), [RESPONSE_SEQUENCE_GAP]),
        ((0, 1, 4), [RESPONSE_SEQUENCE_GAP]),
        ((0, 1, 4, 9), [RESPONSE_SEQUENCE_GAP, RESPONSE_SEQUENCE_GAP]),
        ((0, 1, 1, 2), [RESPONSE_EVENT_AGAIN]),
        ((0, 1, 2, 3, 1), [RESPONSE_EVENT_AGAIN]),
        ((0, 2, 1, 3), [RESPONSE_EVENT_LATE]),
        ((0, 2, 3, 1), [RESPONSE_SEQUENCE_GAP, RESPONSE_EVENT_LATE]),
        ((1, 0, 2), [RESPONSE_EVENT_LATE]),
    ],
)
def test_numbers_tell_what_became_of_the_events(
    numbers: tuple[int, ...], rules_broken: list[Rule]
) -> None:
    assert seen(*numbers) == rules_broken


def test_gap_names_what_is_missing() -> None:
    counting = SequenceNumbers()
    for number in (0, 1, 5):
        assert counting.see(number, "response.x") is None
    complaint = counting.see(6, "response.y")

    assert complaint is not None
    assert complaint.detail == "response.x is number 5: events 2 to 4 are missing"


@pytest.mark.parametrize("lost", range(1, len(HELLO) - 1))
def test_lost_event_is_told_by_its_number_alone(lost: int) -> None:
    pieces = numbered(HELLO)
    dialect = OpenAIResponsesDialect()

    _, complaints = fold(dialect, [*pieces[:lost], *pieces[lost + 1 :]])

    assert rules([*complaints, *dialect.finish()]) == [RESPONSE_SEQUENCE_GAP]


@pytest.mark.parametrize("place", range(1, len(HELLO) - 2))
def test_two_events_that_changed_places_are_told_once(place: int) -> None:
    pieces = numbered(HELLO)
    pieces[place], pieces[place + 1] = pieces[place + 1], pieces[place]
    dialect = OpenAIResponsesDialect()

    _, complaints = fold(dialect, pieces)

    assert rules(complaints) == [RESPONSE_EVENT_LATE]


@pytest.mark.parametrize("place", range(1, len(HELLO) - 1))
def test_event_that_comes_twice_is_told_once(place: int) -> None:
    pieces = numbered(HELLO)
    dialect = OpenAIResponsesDialect()

    _, complaints = fold(dialect, [*pieces[: place + 1], *pieces[place:]])

    assert rules(complaints) == [RESPONSE_EVENT_AGAIN]


@given(st.lists(st.integers(0, 2**63), max_size=3 * MAX_GAPS))
def test_any_numbers_are_taken(numbers: list[int]) -> None:
    counting = SequenceNumbers()
    for number in numbers:
        counting.see(number, "response.x")

    assert counting.last == max(numbers, default=None)
    assert len(counting._gaps) <= MAX_GAPS
