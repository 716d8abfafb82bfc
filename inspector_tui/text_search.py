"""Finds words in a stream: in one event, or in what several deltas say together. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from captures.dialects.base import Event, EventKind
from captures.event_store import Events, Said
from captures.stalls import SIGNS_OF_LIFE
from captures.timing import TOKEN_KINDS

SEARCH_SLICE = 5000
"""Events looked at in one step of a search: a few milliseconds of work."""

_NEIGHBOURS = 64
"""Events on each side among which the rest of a word is looked for when a row is drawn."""

_PART_END = "\x00"
"""Between two parts of a message, so that no word is found across them."""


@dataclass(slots=True)
class _Written:
    """What the events of one kind say together. Mutable while it is put together."""

    pieces: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)
    size: int = 0

    def add(self, index: int, piece: str) -> None:
        self.starts.append(self.size)
        self.indices.append(index)
        self.pieces.append(piece)
        self.size += len(piece)

    def event_at(self, offset: int) -> int:
        return self.indices[bisect_right(self.starts, offset) - 1]


def find_words(events: Events, needle: str, start: int, step: int) -> tuple[int | None, int]:
    """Looks for the next event that has these words or begins them, letter case ignored.

    Args:
        events: the events of a stream.
        needle: the words, in lower case.
        start: the first event to look at; it may lie outside, then nothing is found.
        step: 1 to look forwards, -1 backwards.

    Returns:
        The event found, if any in the bounded number that was looked at, and where to go on.
    """
    if not needle or not 0 <= start < len(events):
        return None, start
    if step > 0:
        window = range(start, min(len(events), start + SEARCH_SLICE))
    else:
        window = range(max(0, start - SEARCH_SLICE + 1), start + 1)
    said = events.said(window.start, window.stop + _NEIGHBOURS)
    if _may_have(said, needle):
        found = list(_in_one_event(said[: len(window)], needle, step))
        found += _over_several(said, needle, len(window), step)
        if found:
            best = window.start + (min(found) if step > 0 else max(found))
            return best, best + step
    return None, window.stop if step > 0 else window.start - 1


def split_spans(events: Sequence[Event], index: int, needle: str) -> list[tuple[int, int]]:
    """The parts of one event's text that belong to words which several deltas say together.

    Args:
        events: the events of a stream.
        index: the event.
        needle: the words, in lower case.
    """
    event = events[index]
    own = event.text.lower()
    if event.kind not in TOKEN_KINDS or len(needle) < 2 or len(own) != len(event.text):
        return []
    before = _neighbours(events, event.kind, range(index - 1, index - 1 - _NEIGHBOURS, -1), needle)
    after = _neighbours(events, event.kind, range(index + 1, index + 1 + _NEIGHBOURS), needle)
    head = "".join(reversed(before))
    together = head + own + "".join(after)
    start, stop = len(head), len(head) + len(own)
    spans: list[tuple[int, int]] = []
    place = together.find(needle)
    while 0 <= place < stop:
        end = place + len(needle)
        inside = place >= start and end <= stop
        if end > start and not inside:
            begin = max(place, start, spans[-1][1] + start if spans else 0)
            spans.append((begin - start, max(begin, min(end, stop)) - start))
        place = together.find(needle, place + 1)
    return spans


def _may_have(said: list[Said], needle: str) -> bool:
    """Whether a thorough look is worth its time: false only where the words cannot be found."""
    if needle in _PART_END.join(map(_line, said)).lower():
        return True
    kinds = {each.kind for each in said} & TOKEN_KINDS
    return any(
        needle in "".join([each.text for each in said if each.kind is kind]).lower()
        for kind in kinds
    )


def _line(each: Said) -> str:
    return f"{each.type} {each.text} {each.stop_reason or ''}"


def _in_one_event(said: list[Said], needle: str, step: int) -> Iterator[int]:
    places = range(len(said))
    for place in places if step > 0 else reversed(places):
        if needle in _line(said[place]).lower():
            yield place
            return


def _over_several(said: list[Said], needle: str, count: int, step: int) -> Iterator[int]:
    """Where words begin in the first so many events that may go on behind them."""
    for written in _written(said, needle, count).values():
        text = "".join(written.pieces)
        first_behind = bisect_left(written.indices, count)
        limit = written.starts[first_behind] if first_behind < len(written.starts) else len(text)
        stop = limit + len(needle) - 1
        place = text.find(needle, 0, stop) if step > 0 else text.rfind(needle, 0, stop)
        if place >= 0:
            yield written.event_at(place)


def _written(said: list[Said], needle: str, count: int) -> dict[EventKind, _Written]:
    """What the first events of each kind say, and so much behind them that a word ends."""
    found = {kind: _Written() for kind in TOKEN_KINDS}
    behind = dict.fromkeys(TOKEN_KINDS, 0)
    for place, each in enumerate(said):
        if each.kind in found:
            if place >= count:
                behind[each.kind] += len(each.text)
            found[each.kind].add(place, each.text.lower())
        elif each.kind not in SIGNS_OF_LIFE:
            for written in found.values():
                written.add(place, _PART_END)
        if place >= count and min(behind.values()) >= len(needle):
            break
    return found


def _neighbours(events: Sequence[Event], kind: EventKind, places: range, needle: str) -> list[str]:
    """What the events beside one say in the same part, as much as a word may need."""
    pieces: list[str] = []
    size = 0
    for index in places:
        if not 0 <= index < len(events) or size >= len(needle) - 1:
            break
        event = events[index]
        if event.kind is kind:
            pieces.append(event.text.lower())
            size += len(event.text)
        elif event.kind not in SIGNS_OF_LIFE and event.kind not in TOKEN_KINDS:
            break
    return pieces
