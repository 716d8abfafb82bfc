"""The events of one exchange: a sequence that grows, lean enough for a million of them.

The newest events are objects. Older ones stand in compressed blocks, from which an event is made
anew when somebody asks for it. What the faces ask of all events at once - when, where, which
kind, how much was written - stands in arrays beside them, so that no block is opened for it.
"""

from __future__ import annotations

import marshal
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple, overload

import zstandard

from captures.dialects.base import Event, EventKind
from captures.sse import Frame, FrameKind
from captures.timing import TOKEN_KINDS

NEWEST_EVENTS = 4096
"""Events that stay as objects, about: an exchange that has no more is never compressed."""

NEWEST_SIZE = 8 * 1024 * 1024
"""Bytes of the stream whose events stay as objects at most, but for the newest event."""

BLOCK_EVENTS = 1024
"""Events in a block at most."""

BLOCK_SIZE = 512 * 1024
"""Bytes of the stream from which on a block takes no further event."""

OPEN_BLOCKS = 8
"""Blocks that stay decompressed because somebody asked for an event of theirs."""

_LEVEL = 1
"""Of compression: higher levels gain a tenth in size and cost twice the time."""

_FRAME_KINDS, _KINDS = tuple(FrameKind), tuple(EventKind)
_FRAME_KIND_NUMBERS = {kind: number for number, kind in enumerate(_FRAME_KINDS)}
_KIND_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}

_Row = tuple[Any, ...]
"""What no array tells of an event; None where the event itself is kept, because it is rare."""


_TEXT, _STOP_REASON = 9, 10
"""Where these stand in a row."""


class Said(NamedTuple):
    """What an event says, without its frame."""

    kind: EventKind
    type: str
    text: str
    stop_reason: str | None


class Events(Sequence[Event]):
    """The events in their order. Mutable: it only grows. Reading it in other threads is safe.

    Its arrays have one entry an event. They are for reading.
    """

    def __init__(self) -> None:
        self.starts = array("Q")
        """The offset in the decoded body at which each begins."""
        self.stops = array("Q")
        """The offset behind the last byte of each."""
        self.times = array("d")
        """When each had arrived, in seconds since the request. They never fall, even where a
        clock stepped back in a damaged capture."""
        self.written = array("Q")
        """Characters that the model had written once each had arrived."""
        self._kinds = array("B")
        self._types = array("I")
        self._type_numbers: dict[str, int] = {}
        self._type_names: list[str] = []
        self._blocks: list[bytes] = []
        self._firsts = array("Q")
        self._rare: dict[int, Event] = {}
        self._rows: Callable[[int], list[_Row | None]]
        self._rows = lru_cache(OPEN_BLOCKS)(partial(_opened, self._blocks))
        self._newest: tuple[int, list[Event]] = (0, [])
        self._newest_size = 0

    def append(self, event: Event) -> None:
        """Takes the next event."""
        frame = event.frame
        is_first = not self.times
        written = 0 if is_first else self.written[-1]
        late = is_first or frame.last_time >= self.times[-1]
        self.starts.append(frame.start)
        self.stops.append(frame.stop)
        self.times.append(frame.last_time if late else self.times[-1])
        self.written.append(written + len(event.text) if event.kind in TOKEN_KINDS else written)
        self._kinds.append(_KIND_NUMBERS[event.kind])
        self._types.append(self._type_number(event.type))
        newest = self._newest[1]
        newest.append(event)
        self._newest_size += frame.stop - frame.start
        while len(newest) >= NEWEST_EVENTS + BLOCK_EVENTS or (
            self._newest_size > NEWEST_SIZE and len(newest) > 1
        ):
            newest = self._pack()

    def __len__(self) -> int:
        first, newest = self._newest
        return first + len(newest)

    @overload
    def __getitem__(self, place: int) -> Event: ...

    @overload
    def __getitem__(self, place: slice) -> list[Event]: ...

    def __getitem__(self, place: int | slice) -> Event | list[Event]:
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(len(self)))]
        first, newest = self._newest
        index = place + first + len(newest) if place < 0 else place
        if index >= first:
            return newest[index - first]
        if index < 0:
            raise IndexError("there is no such event")
        return self._packed(index)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Events | list):
            return NotImplemented
        return len(self) == len(other) and all(map(Event.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment] # It grows, as a list does.

    def kind(self, index: int) -> EventKind:
        """What the event at this place is."""
        return _KINDS[self._kinds[index]]

    def said(self, start: int, stop: int) -> list[Said]:
        """What the events of a span say, read without making them: for a search through all."""
        found = []
        while start < min(stop, self._newest[0]):
            block = bisect_right(self._firsts, start) - 1
            first, rows = self._firsts[block], self._rows(block)
            behind = min(stop, first + len(rows))
            found += [self._said(index, rows[index - first]) for index in range(start, behind)]
            start = behind
        rest = self[start:stop]
        return found + [Said(each.kind, each.type, each.text, each.stop_reason) for each in rest]

    def type(self, index: int) -> str:
        """The type of the event at this place."""
        return self._type_names[self._types[index]]

    def _type_number(self, name: str) -> int:
        number = self._type_numbers.get(name)
        if number is None:
            number = self._type_numbers[name] = len(self._type_names)
            self._type_names.append(name)
        return number

    def _pack(self) -> list[Event]:
        """Compresses the oldest events that are still objects; returns those that stay."""
        first, newest = self._newest
        size = count = 0
        rows: list[_Row | None] = []
        while count < min(BLOCK_EVENTS, len(newest) - 1) and size < BLOCK_SIZE:
            event = newest[count]
            rows.append(self._row(first + count, event))
            size += event.frame.size
            count += 1
        self._blocks.append(zstandard.compress(marshal.dumps(rows), _LEVEL))
        self._firsts.append(first)
        self._newest_size -= size
        # Replaced as a whole: a thread that reads sees either both as before or both as now.
        self._newest = (first + count, newest[count:])
        return self._newest[1]

    def _row(self, index: int, event: Event) -> _Row | None:
        frame = event.frame
        if frame.complaints or frame.cut is not None or frame.last_time != self.times[index]:
            self._rare[index] = event
            return None
        return (
            _FRAME_KIND_NUMBERS[frame.kind],
            None if frame.first_time == frame.last_time else frame.first_time,
            frame.event,
            frame.data,
            frame.last_event_id,
            frame.sets_id,
            frame.retry,
            frame.comments,
            frame.is_error,
            event.text,
            event.stop_reason,
        )

    def _said(self, index: int, row: _Row | None) -> Said:
        if row is None:
            event = self._rare[index]
            return Said(event.kind, event.type, event.text, event.stop_reason)
        return Said(self.kind(index), self.type(index), row[_TEXT], row[_STOP_REASON])

    def _packed(self, index: int) -> Event:
        block = bisect_right(self._firsts, index) - 1
        row = self._rows(block)[index - self._firsts[block]]
        if row is None:
            return self._rare[index]
        (kind, first_time, name, data, id_, sets_id, retry, comments, is_error, text, reason) = row
        time = self.times[index]
        frame = Frame(
            _FRAME_KINDS[kind],
            self.starts[index],
            self.stops[index],
            time if first_time is None else first_time,
            time,
            event=name,
            data=data,
            last_event_id=id_,
            sets_id=sets_id,
            retry=retry,
            comments=comments,
            is_error=is_error,
        )
        return Event(frame, self.kind(index), self.type(index), text, reason)


def _opened(blocks: list[bytes], number: int) -> list[_Row | None]:
    rows: list[_Row | None] = marshal.loads(zstandard.decompress(blocks[number]))  # noqa: S302 - our own bytes
    return rows
