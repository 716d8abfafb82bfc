from __future__ import annotations

from dataclasses import replace

import pytest

from captures.dialects.base import Event, EventKind
from captures.repetition import is_repeated
from captures.sse import Frame, FrameKind
from tests.captures.anthropic_stream import HELLO, PING, text
from tests.captures.by_hand import streamed

FRAME = Frame(FrameKind.EVENT, 0, 9, 1.0, 1.0, event="message", data="{}")
LATER = replace(FRAME, start=9, stop=18, first_time=2.0, last_time=2.0)


@pytest.mark.parametrize(
    "kind", [EventKind.START, EventKind.STRUCTURE, EventKind.STOP_REASON, EventKind.TERMINAL]
)
def test_an_event_that_opens_or_closes_something_comes_once(kind: EventKind) -> None:
    before, event = Event(FRAME, kind, "one"), Event(LATER, kind, "one")

    assert is_repeated(before, event)
    assert not is_repeated(before, replace(event, frame=replace(LATER, data="{} ")))
    assert not is_repeated(before, replace(event, frame=replace(LATER, event="other")))


@pytest.mark.parametrize("kind", [EventKind.TEXT, EventKind.PING, EventKind.OTHER])
def test_texts_pings_and_what_nobody_knows_may_come_again(kind: EventKind) -> None:
    assert not is_repeated(Event(FRAME, kind, "one"), Event(LATER, kind, "one"))


def test_it_is_told_of_the_second_event() -> None:
    at = next(number for number, piece in enumerate(HELLO) if b"message_delta" in piece)

    [finding] = streamed([*HELLO[: at + 1], HELLO[at], *HELLO[at + 1 :]]).findings

    assert (finding.event, finding.detail) == (at + 1, "message_delta")


def test_a_stream_with_pings_and_a_stutter_is_healthy() -> None:
    stutter = [text(0, "ha"), text(0, "ha"), PING, PING]

    assert streamed([*HELLO[:3], *stutter, *HELLO[3:]]).findings == []
