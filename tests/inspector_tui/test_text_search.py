from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.base import Event, EventKind
from captures.event_store import Events
from inspector_tui import text_search
from inspector_tui.text_search import find_words, split_spans
from tests.captures.anthropic_stream import HELLO
from tests.captures.by_hand import streamed


def made(*pieces: tuple[EventKind, str]) -> Events:
    frame = streamed(HELLO).events[0].frame
    events = Events()
    for kind, text in pieces:
        events.append(Event(frame, kind, "delta", text))
    return events


def said(*words: str) -> Events:
    return made(*((EventKind.TEXT, word) for word in words))


def every(events: Events, needle: str, step: int) -> list[int]:
    found = []
    start = 0 if step > 0 else len(events) - 1
    while 0 <= start < len(events):
        index, start = find_words(events, needle, start, step)
        found += [] if index is None else [index]
    return found


def test_words_are_found_in_one_event_and_over_several() -> None:
    events = said("A stream", " can", " e", "nd in", " many")
    assert every(events, "stream", 1) == [0]
    assert every(events, "can end", 1) == [1]
    assert every(events, "a stream can end in many", 1) == [0]
    assert every(events, "n", 1) == [1, 3, 4]
    assert every(events, "delta", 1) == [0, 1, 2, 3, 4]


def test_what_stands_between_two_parts_is_not_run_over() -> None:
    events = made(
        (EventKind.TEXT, "one"), (EventKind.PING, ""), (EventKind.TEXT, "two"),
        (EventKind.STRUCTURE, ""), (EventKind.TEXT, "three"),
    )  # fmt: skip
    assert every(events, "onetwo", 1) == [0]
    assert every(events, "twothree", 1) == []
    assert split_spans(events, 2, "onetwo") == [(0, 3)]
    assert split_spans(events, 2, "twothree") == []


def test_text_and_thinking_are_kept_apart() -> None:
    events = made((EventKind.THINKING, "ab"), (EventKind.TEXT, "xy"), (EventKind.THINKING, "cd"))
    assert every(events, "abcd", 1) == [0]
    assert every(events, "abxy", 1) == []


@given(
    st.lists(st.text("xy", max_size=4), min_size=1, max_size=30),
    st.text("xy", min_size=1, max_size=5),
    st.integers(1, 7),
)
def test_slices_and_directions_do_not_matter(words: list[str], needle: str, size: int) -> None:
    events = said(*words)
    text = "".join(words)
    starts = [sum(map(len, words[:index])) for index in range(len(words))]
    begins = {at for at in range(len(text)) if text.startswith(needle, at)}
    expected = [
        index for index, start in enumerate(starts)
        if any(start <= at < start + len(words[index]) for at in begins)
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_search, "SEARCH_SLICE", size)
        assert every(events, needle, 1) == expected
        assert every(events, needle, -1) == expected[::-1]


def test_the_parts_of_split_words_are_told_for_each_event() -> None:
    events = said("A stre", "am", " can")
    assert [split_spans(events, index, "stream c") for index in range(3)] == [
        [(2, 6)], [(0, 2)], [(0, 2)],
    ]  # fmt: skip
    assert split_spans(events, 0, "stre") == []


def test_nothing_is_found_outside_or_without_words() -> None:
    events = said("a")
    assert find_words(events, "a", -1, -1) == (None, -1)
    assert find_words(events, "a", 1, 1) == (None, 1)
    assert find_words(events, "", 0, 1) == (None, 0)
