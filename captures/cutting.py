"""Other network chunks for the same bytes: pure transforms over pieces of a body.

A client must not care where the network cuts. Recorded cuts nearly always fall between events;
these put them where parsers break. No transform changes, drops or adds a byte.

Lines end as the HTML standard says of event streams (section 9.2.5): at CR LF, LF or CR. This
scan knows nothing else of events, so that whoever may not parse a stream may cut it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import pairwise, repeat
from random import Random
from typing import NamedTuple

MAX_HELD_SIZE = 16 * 1024 * 1024
"""Bytes that are held back to find the end of a line, an event or a piece; longer ones are cut."""
MAX_RANDOM_SIZE = 256
"""Bytes of the longest piece that random cutting makes."""
_FRAGMENT_COST = 128
"""Bytes that a held fragment takes beside its data, so that a million of them are a limit too."""


class Piece(NamedTuple):
    """Bytes of a body that are sent as one network chunk."""

    time: float
    """Seconds since the recorded request at which the last of them was there."""
    data: bytes


Cut = Callable[[Iterable[Piece]], Iterator[Piece]]
"""Other pieces of the same bytes, made as they are taken."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way of cutting that has a name."""

    name: str
    does: str
    """What the chunks are then, in a few words."""
    cut: Cut
    reads_text: bool = True
    """Whether it looks for places in the text, which a compressed body does not show."""


def as_recorded(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The recorded pieces, without empty ones."""
    return (piece for piece in pieces if piece.data)


def of_sizes(pieces: Iterable[Piece], sizes: Iterator[int]) -> Iterator[Piece]:
    """Pieces of these sizes, one after the other; the last may be shorter."""
    held = bytearray()
    latest = 0.0
    size = next(sizes)
    for time, data in pieces:
        latest = time if data else latest
        held += data
        start = 0
        while len(held) - start >= size:
            yield Piece(time, bytes(held[start : start + size]))
            start += size
            size = next(sizes)
        del held[:start]
    if held:
        yield Piece(latest, bytes(held))


def whole(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Everything in one piece at the end."""
    return of_sizes(pieces, repeat(MAX_HELD_SIZE))


def by_line(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """A line a piece, with its line end."""
    return (_joined(fragments) for fragments in _lines(pieces))


def by_event(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """An event a piece: lines up to and with the blank one."""
    held: list[Piece] = []
    size = 0
    for line in by_line(pieces):
        held.append(line)
        size += len(line.data) + _FRAGMENT_COST
        if line.data in _LINE_ENDS or size >= MAX_HELD_SIZE:
            yield _joined(held)
            held, size = [], 0
    if held:
        yield _joined(held)


def with_cuts(places: Callable[[bytes], Iterable[int]], pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The recorded pieces, cut once more wherever a line has such a place.

    Args:
        places: offsets within a line, rising, before which it is cut. The line is given with
            its end.
        pieces: of the body.
    """
    begun = bytearray()
    for fragments in _lines(pieces):
        cuts = [*places(b"".join(fragment.data for fragment in fragments))]
        start = 0
        for time, data, ends_piece in fragments:
            stop = start + len(data)
            inside = [cut - start for cut in cuts if start < cut < stop]
            for begin, end in pairwise([0, *inside, len(data)]):
                begun += data[begin:end]
                if end < len(data) or ends_piece or stop in cuts:
                    yield Piece(time, bytes(begun))
                    begun.clear()
            start = stop


def inside_code_points(line: bytes) -> Iterator[int]:
    """Behind the first byte of every UTF-8 sequence of several."""
    return (match.end() for match in _LEADING_BYTE.finditer(line))


def inside_line_end(line: bytes) -> Iterator[int]:
    """Between CR and LF."""
    if line.endswith(b"\r\n"):
        yield len(line) - 1


def inside_field_name(line: bytes) -> Iterator[int]:
    """Within the name of a ``data`` field."""
    if found := _DATA.match(line):
        yield found.end() - len(b"ta:")


def inside_json_strings(line: bytes) -> Iterator[int]:
    """In the middle of every JSON string of a ``data`` field that has something in it."""
    if found := _DATA.match(line):
        for match in _JSON_STRING.finditer(line, found.end()):
            start, stop = match.span(1)
            if stop == start or not match.group(2):
                continue
            middle = (start + stop) // 2
            while middle > start and line[middle] & 0xC0 == 0x80:
                middle -= 1  # code points are cut by a way of their own
            yield middle


_LINE_ENDS = (b"\n", b"\r\n", b"\r")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_LEADING_BYTE = re.compile(rb"[\xc2-\xf4](?=[\x80-\xbf])")
_DATA = re.compile(rb"(?:\xef\xbb\xbf)?data:")
# A string that is never closed is passed over whole, or the scan would begin again at each of
# its quotation marks.
_JSON_STRING = re.compile(rb'"((?:[^"\\]++|\\.?)*+)("|\Z)', re.DOTALL)

WAYS: tuple[Way, ...] = (
    Way("recorded", "as recorded", as_recorded, reads_text=False),
    Way("event", "one event each", by_event),
    Way("line", "one line each", by_line),
    Way("whole", "all in one", whole, reads_text=False),
    Way("code-point", "cut inside every code point", partial(with_cuts, inside_code_points)),
    Way("crlf", "cut inside every CR LF", partial(with_cuts, inside_line_end)),
    Way("field", "cut inside every `data:`", partial(with_cuts, inside_field_name)),
    Way("json-string", "cut inside JSON strings", partial(with_cuts, inside_json_strings)),
)
RECORDED = WAYS[0]


def parse_way(text: str) -> Way:
    """The way of cutting that a user names: one of `WAYS`, ``N`` bytes, or ``random:SEED``.

    Several names with commas between them are applied one after the other.

    Raises:
        ValueError: there is none of this name; the message lists those that are known.
    """
    ways = [_parse_one(name.strip()) for name in text.split(",")]
    if len(ways) == 1:
        return ways[0]
    cuts = [way.cut for way in ways]
    return Way(
        ",".join(way.name for way in ways),
        ", then ".join(way.does for way in ways),
        lambda pieces: iter(reduce(lambda made, cut: cut(made), cuts, pieces)),
        reads_text=any(way.reads_text for way in ways),
    )


def _parse_one(name: str) -> Way:
    for way in WAYS:
        if name == way.name:
            return way
    if (found := re.fullmatch(r"[0-9]{1,9}", name)) and 0 < int(name) <= MAX_HELD_SIZE:
        size = int(name)
        does = f"{size} byte{'' if size == 1 else 's'} each"
        return Way(name, does, lambda pieces: of_sizes(pieces, repeat(size)), reads_text=False)
    if found := re.fullmatch(r"random:([0-9]{1,18})", name):
        seed = int(found[1])
        does = f"of 1 to {MAX_RANDOM_SIZE} bytes at random"
        return Way(
            name, does, lambda pieces: of_sizes(pieces, _random_sizes(seed)), reads_text=False
        )
    known = ", ".join(way.name for way in WAYS)
    raise ValueError(
        f"no chunks named {name!r}; expected {known}, "
        f"a number of bytes from 1 to {MAX_HELD_SIZE}, or random:SEED such as random:7"
    )


class _Fragment(NamedTuple):
    """A part of a line that came in one piece."""

    time: float
    data: bytes
    ends_piece: bool
    """Whether the piece it came in ends with it."""


def _lines(pieces: Iterable[Piece]) -> Iterator[list[_Fragment]]:
    """The lines of a body, each as the fragments in which it came, its end with it."""
    line: list[_Fragment] = []
    size = 0
    for time, data in pieces:
        start = 0
        if line and line[-1].data.endswith(b"\r") and data:
            # Only now is it known whether an LF belongs to that line end.
            if data.startswith(b"\n"):
                line.append(_Fragment(time, b"\n", len(data) == 1))
                start = 1
            yield line
            line, size = [], 0
        for match in _LINE_END.finditer(data, start):
            stop = match.end()
            if stop == len(data) and match.group() == b"\r":
                break
            yield [*line, _Fragment(time, data[start:stop], stop == len(data))]
            line, size, start = [], 0, stop
        if start < len(data):
            line.append(_Fragment(time, data[start:], ends_piece=True))
            size += len(data) - start + _FRAGMENT_COST
        if size >= MAX_HELD_SIZE:
            yield line
            line, size = [], 0
    if line:
        yield line


def _joined(fragments: Sequence[_Fragment | Piece]) -> Piece:
    return Piece(fragments[-1].time, b"".join(fragment.data for fragment in fragments))


def _random_sizes(seed: int) -> Iterator[int]:
    """Sizes of which the small ones are as likely as the large ones on a logarithmic scale."""
    random = Random(seed)  # noqa: S311 - where a replay cuts is no secret
    while True:
        yield max(1, round(MAX_RANDOM_SIZE ** random.random()))
