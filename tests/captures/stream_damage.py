"""Ways in which streams are damaged on their way, applied to recordings of healthy ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from captures.dialects.base import EventKind
from captures.exchange import Exchange
from captures.findings.rule import Level
from captures.records import Ending
from tests.captures.by_hand import recorded
from tests.captures.shared_material import Recording, recordings

MOST_PLACES = 4
"""Places at which a mutation of one event is tried in one recording; the ends always among them."""
MOST_CUTS = 8
"""Places at which a recording is cut."""
LONG_EVENTS = 400
"""Events from which on a recording counts as long, and fewer places are tried."""
SHORT_PLACES = 2

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LINE_SEPARATOR = "\u2028".encode()

_STOP_REASON = re.compile(
    rb'"(stop_reason|finish_reason|finishReason|done_reason|stopReason)"(\s*:\s*)"[^"]+"'
)


@dataclass(frozen=True, slots=True)
class Place:
    """One event of a specimen."""

    raw: bytes
    kind: EventKind
    type: str
    text: str
    stop_reason: str | None


@dataclass(frozen=True, slots=True)
class Specimen:
    """A healthy recording, cut into its events."""

    recording: Recording
    dialect: str
    places: tuple[Place, ...]

    @property
    def is_sse(self) -> bool:
        """Whether its events are framed as server-sent ones."""
        return self.recording.path.suffix == ".sse"

    @property
    def pieces(self) -> list[bytes]:
        """The bytes of its events."""
        return [place.raw for place in self.places]

    def some(self, count: int, most: int) -> list[int]:
        """Up to ``most`` of the numbers below ``count``, the same ones each time, and both ends."""
        if len(self.places) > LONG_EVENTS:
            most = min(most, SHORT_PLACES)
        if count <= most:
            return list(range(count))
        random = Random(self.recording.name)  # noqa: S311 -- which places are tried is no secret
        return sorted({0, count - 1, *random.sample(range(count), most - 2)})


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged stream."""

    pieces: list[bytes]
    touched: tuple[Place, ...] = ()
    """The events that were damaged; those that were lost, where the stream was cut."""
    how: Ending = Ending.COMPLETE


Mutation = Callable[[Specimen, Specimen], Iterator[Mutant]]
"""Damages the first specimen; the second is another of the same dialect."""


@cache
def specimens() -> dict[str, tuple[Specimen, ...]]:
    """The healthy recordings of each dialect, by its name."""
    found: dict[str, list[Specimen]] = {}
    for recording in recordings():
        exchange = recorded(recording, [recording.body])
        healthy = all(finding.rule.level is Level.INFO for finding in exchange.findings)
        if healthy and exchange.dialect is not None and exchange.events:
            specimen = Specimen(recording, exchange.dialect.name, _places(exchange))
            found.setdefault(exchange.dialect.name, []).append(specimen)
    return {name: tuple(entries) for name, entries in sorted(found.items())}


def _places(exchange: Exchange) -> tuple[Place, ...]:
    return tuple(
        Place(exchange.raw(event.frame), event.kind, event.type, event.text, event.stop_reason)
        for event in exchange.events
    )


def drop_terminal(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """Everything that says that the stream has ended is lost, and the rest is there."""
    lost = [place for place in specimen.places if _is_end(place)]
    if lost:
        kept = [place.raw for place in specimen.places if not _is_end(place)]
        yield Mutant(kept, tuple(lost))


def drop_stop_reason(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """The event with the stop reason is lost, what comes after it is there."""
    lost = [place for place in specimen.places if place.stop_reason is not None]
    if lost:
        kept = [place.raw for place in specimen.places if place.stop_reason is None]
        yield Mutant(kept, tuple(lost))


def blank_stop_reason(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """The stop reason is null wherever it stood."""
    yield from _rewritten(specimen, lambda raw: _STOP_REASON.sub(rb'"\1"\2null', raw))


def empty_stop_reason(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """The stop reason is an empty text wherever it stood."""
    yield from _rewritten(specimen, lambda raw: _STOP_REASON.sub(rb'"\1"\2""', raw))


def cut_after_event(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """The stream ends cleanly behind an event."""
    pieces = specimen.pieces
    for index in specimen.some(len(pieces) - 1, MOST_CUTS):
        yield Mutant(pieces[: index + 1], specimen.places[index + 1 :])


def cut_in_event(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """The stream ends cleanly in the middle of an event."""
    pieces = specimen.pieces
    for index in specimen.some(len(pieces), MOST_PLACES):
        half = pieces[index][: max(1, len(pieces[index]) // 2)]
        yield Mutant([*pieces[:index], half], specimen.places[index:])


def drop_event(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """One event is lost."""
    pieces = specimen.pieces
    for index in specimen.some(len(pieces), MOST_PLACES):
        kept = pieces[:index] + pieces[index + 1 :]
        yield Mutant(kept, (specimen.places[index],))


def duplicate_event(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """One event comes twice."""
    pieces = specimen.pieces
    for index in specimen.some(len(pieces), MOST_PLACES):
        yield Mutant(pieces[: index + 1] + pieces[index:], (specimen.places[index],))


def swap_events(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """Two neighbours change places."""
    pieces = specimen.pieces
    for index in specimen.some(len(pieces) - 1, MOST_PLACES):
        pair = pieces[index], pieces[index + 1]
        if pair[0] != pair[1]:
            swapped = [*pieces[:index], pair[1], pair[0], *pieces[index + 2 :]]
            yield Mutant(swapped, specimen.places[index : index + 2])


def splice_another(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """Another answer of the same protocol begins in the middle of this one, and is whole."""
    if specimen is not other:
        half = len(specimen.places) // 2
        yield Mutant(specimen.pieces[:half] + other.pieces, specimen.places[half:])


def append_another(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """Another answer of the same protocol follows this one."""
    if specimen is not other:
        yield Mutant(specimen.pieces + other.pieces, other.places)


def run_events_together(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """The blank line between two events is missing."""
    for index in _dispatched(specimen, but_for_the_last=True):
        pieces = specimen.pieces
        if _is_event(pieces[index + 1]):
            joined = re.sub(rb"(\r\n|\n|\r)(\r\n|\n|\r)$", rb"\1", pieces[index])
            pieces[index] = joined
            yield Mutant(pieces, specimen.places[index : index + 2])


def misspell_data(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """The data field of an event has another case."""
    yield from _each_changed(specimen, lambda raw: _DATA.sub(rb"Data:", raw, count=1))


def error_in_a_field(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """An error comes as a field of its own in place of the rest."""
    half = len(specimen.places) // 2
    line = b'error: {"message":"out of memory"}'
    yield Mutant([*specimen.pieces[:half], line, _line_end(specimen) * 2], specimen.places[half:])


def insert_retry(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """A gateway says at once when to come back."""
    yield Mutant([b"retry: 3000" + _line_end(specimen) * 2, *specimen.pieces])


def insert_comment(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """A gateway keeps the connection alive."""
    half = len(specimen.places) // 2
    ping = b": ping" + _line_end(specimen) * 2
    yield Mutant([*specimen.pieces[:half], ping, *specimen.pieces[half:]])


def insert_byte_order_mark(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """The stream begins with U+FEFF."""
    yield Mutant([BYTE_ORDER_MARK, *specimen.pieces])


def byte_order_mark_in_event(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """A later event begins with U+FEFF."""
    for index in _dispatched(specimen)[1:]:
        pieces = specimen.pieces
        pieces[index] = BYTE_ORDER_MARK + pieces[index]
        yield Mutant(pieces, (specimen.places[index],))


def line_separator_in_data(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """A text holds U+2028."""
    yield from _each_changed(specimen, lambda raw: _in_a_value(raw, LINE_SEPARATOR))


def invalid_utf8(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """A text holds a byte that is not UTF-8."""
    yield from _each_changed(specimen, lambda raw: _in_a_value(raw, b"\xff"))


def line_end_in_data(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """A line end in the JSON text was not escaped."""
    yield from _each_changed(specimen, lambda raw: _in_a_value(raw, _line_end(specimen)))


def lone_cr(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """Every line ends in CR."""
    yield Mutant([re.sub(rb"\r\n|\n", b"\r", piece) for piece in specimen.pieces])


def mixed_line_ends(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """Half of the stream ends its lines otherwise."""
    half = len(specimen.places) // 2
    if not half:
        return
    usual = _line_end(specimen)
    other_end = b"\r\n" if usual == b"\n" else b"\n"
    changed = [piece.replace(usual, other_end) for piece in specimen.pieces[half:]]
    yield Mutant(specimen.pieces[:half] + changed)


def strip_event_fields(specimen: Specimen, other: Specimen) -> Iterator[Mutant]:
    """A gateway passes the data lines on alone."""
    stripped = [re.sub(rb"(?m)^event:.*?(\r\n|\n)", b"", piece) for piece in specimen.pieces]
    if stripped != specimen.pieces:
        yield Mutant(stripped)


_DATA = re.compile(rb"(?m)^data:")
_VALUE = re.compile(rb'(?m)^data: .*:\s*"')


def _is_end(place: Place) -> bool:
    return place.kind is EventKind.TERMINAL or place.stop_reason is not None


def _is_event(raw: bytes) -> bool:
    return _DATA.search(raw) is not None


def _line_end(specimen: Specimen) -> bytes:
    return b"\r\n" if specimen.pieces[0].endswith(b"\r\n") else b"\n"


def _in_a_value(raw: bytes, what: bytes) -> bytes:
    """The event with this inside the last JSON text of its data; the same if it has none."""
    found = _VALUE.search(raw)
    return raw if found is None else raw[: found.end()] + what + raw[found.end() :]


def _dispatched(specimen: Specimen, *, but_for_the_last: bool = False) -> list[int]:
    """Some of the events with data."""
    count = len(specimen.places) - but_for_the_last
    events = [index for index in range(count) if _is_event(specimen.places[index].raw)]
    return [events[number] for number in specimen.some(len(events), MOST_PLACES)]


def _rewritten(specimen: Specimen, change: Callable[[bytes], bytes]) -> Iterator[Mutant]:
    """The whole stream with every event changed that the change changes."""
    changed = [change(piece) for piece in specimen.pieces]
    touched = [
        place for place, piece in zip(specimen.places, changed, strict=True) if place.raw != piece
    ]
    if touched:
        yield Mutant(changed, tuple(touched))


def _each_changed(specimen: Specimen, change: Callable[[bytes], bytes]) -> Iterator[Mutant]:
    """The stream with one event changed, for some of them."""
    for index in _dispatched(specimen):
        pieces = specimen.pieces
        pieces[index] = change(pieces[index])
        if pieces[index] != specimen.places[index].raw:
            yield Mutant(pieces, (specimen.places[index],))


ANY_FRAMING: tuple[Mutation, ...] = (
    drop_terminal,
    drop_stop_reason,
    blank_stop_reason,
    empty_stop_reason,
    cut_after_event,
    cut_in_event,
    drop_event,
    duplicate_event,
    swap_events,
    splice_another,
    append_another,
)
SSE_ALONE: tuple[Mutation, ...] = (
    run_events_together,
    misspell_data,
    error_in_a_field,
    line_end_in_data,
    invalid_utf8,
    byte_order_mark_in_event,
    insert_byte_order_mark,
    insert_retry,
    insert_comment,
    line_separator_in_data,
    lone_cr,
    mixed_line_ends,
    strip_event_fields,
)


def mutants_of(specimen: Specimen) -> Iterator[tuple[str, Mutant]]:
    """Every mutant of a recording with the name of its mutation."""
    family = specimens()[specimen.dialect]
    other = family[(family.index(specimen) + 1) % len(family)]
    for mutation in (*ANY_FRAMING, *(SSE_ALONE if specimen.is_sse else ())):
        for mutant in mutation(specimen, other):
            yield mutation.__name__, mutant
