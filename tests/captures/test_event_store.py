from __future__ import annotations

import tracemalloc
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures import event_store
from captures.dialects.base import Event, EventKind
from captures.event_store import Events
from captures.findings.rule import Complaint
from captures.findings.sse import OVERSIZED_EVENT
from captures.sse import Frame, FrameKind
from captures.timing import TOKEN_KINDS
from tests.captures.anthropic_stream import HELLO, text
from tests.captures.by_hand import streamed

COMPLAINT = Complaint(OVERSIZED_EVENT, "too long")
WORDS = st.text(max_size=6)
TIMES = st.floats(0, 100)
FRAMES = st.builds(
    Frame,
    st.sampled_from(FrameKind),
    st.integers(0, 2**40),
    st.integers(0, 2**40),
    TIMES,
    TIMES,
    event=WORDS,
    data=WORDS,
    last_event_id=WORDS,
    sets_id=st.booleans(),
    retry=st.none() | st.integers(0, 10**30),
    comments=st.lists(WORDS, max_size=2).map(tuple),
    complaints=st.sampled_from([(), (), (), (COMPLAINT,)]),
    cut=st.sampled_from([None, None, None, COMPLAINT]),
    is_error=st.booleans(),
)
EVENTS = st.lists(
    st.builds(Event, FRAMES, st.sampled_from(EventKind), WORDS, WORDS, st.none() | WORDS),
    max_size=40,
)


def store_of(events: list[Event]) -> Events:
    stored = Events()
    for event in events:
        stored.append(event)
    return stored


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few events are then as many as millions are: packed, open and closed again."""
    monkeypatch.setattr(event_store, "NEWEST_EVENTS", 5)
    monkeypatch.setattr(event_store, "BLOCK_EVENTS", 3)
    monkeypatch.setattr(event_store, "OPEN_BLOCKS", 2)


@given(EVENTS, st.slices(40), st.integers(-50, 50))
def test_it_is_the_list_of_its_events(events: list[Event], some: slice, place: int) -> None:
    stored = store_of(events)

    assert list(stored) == events
    assert list(reversed(stored)) == events[::-1]
    assert stored[some] == events[some]
    assert stored == events
    if -len(events) <= place < len(events):
        assert stored[place] == events[place]
    else:
        with pytest.raises(IndexError):
            stored[place]


@given(EVENTS)
def test_its_arrays_tell_of_every_event_without_opening_a_block(events: list[Event]) -> None:
    stored = store_of(events)

    assert list(stored.starts) == [event.frame.start for event in events]
    assert list(stored.stops) == [event.frame.stop for event in events]
    latest = accumulate((event.frame.last_time for event in events), max)
    assert list(stored.times) == list(latest)
    sizes = (len(event.text) * (event.kind in TOKEN_KINDS) for event in events)
    assert list(stored.written) == list(accumulate(sizes))
    places = range(len(events))
    assert [stored.kind(place) for place in places] == [event.kind for event in events]
    assert [stored.type(place) for place in places] == [event.type for event in events]


@given(EVENTS, st.integers(0, 45), st.integers(0, 45))
def test_what_they_say_is_read_without_making_them(
    events: list[Event], start: int, stop: int
) -> None:
    said = store_of(events).said(start, stop)

    assert said == [
        (each.kind, each.type, each.text, each.stop_reason) for each in events[start:stop]
    ]


def test_what_one_event_makes_different_makes_two_stores_differ() -> None:
    events = list(streamed(HELLO).events)

    assert store_of(events) == store_of(events)
    assert store_of(events) != store_of(events[:-1])
    assert store_of(events) != [*events[:-1], events[0]]
    assert store_of(events) != "events"


def test_large_events_are_packed_although_they_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_store, "NEWEST_SIZE", 250)
    monkeypatch.setattr(event_store, "BLOCK_SIZE", 100)
    stored, events = Events(), []
    for number in range(4):
        frame = Frame(FrameKind.EVENT, 100 * number, 100 * number + 100, 0.0, 0.0, data="x" * 94)
        events.append(Event(frame, EventKind.OTHER, "message"))
        stored.append(events[-1])

    assert stored[-1] is events[-1]
    assert stored[0] is not events[0]
    assert stored == events


def test_an_exchange_of_many_events_is_read_as_one_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    body = [*HELLO[:2], *(text(0, f"word {number} ") for number in range(50)), *HELLO[3:]]
    packed = streamed(body)
    monkeypatch.undo()
    plain = streamed(body)

    assert packed.events == plain.events
    assert packed.findings == plain.findings
    assert packed.message() == plain.message()


def test_fifty_thousand_events_take_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    count = 50_000
    tracemalloc.start()
    try:
        stored = Events()
        for number in range(count):
            time, data = (
                number / 100,
                f'{number} {{"type":"delta","text":"word"}} and {"more" * 12}',
            )
            frame = Frame(FrameKind.EVENT, 120 * number, 120 * number + 120, time, time, data=data)
            stored.append(Event(frame, EventKind.TEXT, "delta", f" word {number}"))
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(stored) == count
    assert size / count < 250, "a list of the same events takes 600 bytes an event"
