"""Finds secrets by their shapes in bytes, and writes over them without changing any length.

A model spells out a key in many small deltas, so text is looked at twice: as the bytes stand,
and as the values of equally named JSON strings follow one another from line to line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from captures.secret_shapes import SHAPES, Shape

_STRING_FIELD = re.compile(rb'"(\w{1,64})"\s*:\s*"((?:[^"\\\n]|\\.)*)"')
_INDEX_FIELD = re.compile(rb'"\w*index"\s*:\s*\d+')
_KEPT_OR_FILLED = re.compile(
    rb'(?P<kept>\\+(?:u[0-9A-Fa-f]{0,4}|["/bfnrt])?|["\r\n]|(?<=\n)data:)|[^\\"\r\n]', re.DOTALL
)

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret found in bytes."""

    name: str
    """Of its shape."""
    offset: int
    """Of its first byte that is not public."""
    ranges: Ranges
    """Where it stands: several ranges if the text it is in comes in several pieces."""


@dataclass(slots=True)
class _Lane:
    """The values of one JSON string as they follow one another. Mutable while it is gathered."""

    starts: list[int] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)

    def ranges(self, start: int, stop: int, offsets: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Where a stretch of the joined values stands in the data."""
        index = bisect_right(offsets, start) - 1
        while start < stop:
            piece_stop = min(stop, offsets[index] + len(self.pieces[index]))
            if start < piece_stop:
                place = self.starts[index] + start - offsets[index]
                yield place, place + piece_stop - start
                start = piece_stop
            index += 1


def find(data: bytes, shapes: Iterable[Shape] = SHAPES) -> list[Secret]:
    """The secrets in these bytes, by their offset. What is already written over is none.

    A secret that shares bytes with one of an earlier shape is that secret, and is told once.
    """
    lanes = [(lane, *_joined(lane)) for lane in _lanes(data) if len(lane.pieces) > 1]
    found: list[Secret] = []
    for shape in shapes:
        of_shape = [
            (tuple(lane.ranges(start, stop, offsets)))
            for lane, offsets, joined in lanes
            for start, stop in _matches(joined, shape)
        ]
        of_shape += [((start, stop),) for start, stop in _matches(data, shape)]
        found += [
            Secret(shape.name, ranges[0][0], ranges)
            for ranges in of_shape
            if _written_over(data, ranges) != _bytes_of(data, ranges)
        ]
    return sorted(_merged(found), key=lambda secret: secret.offset)


def mask(data: bytes, shapes: Sequence[Shape] = SHAPES) -> tuple[bytes, list[Secret]]:
    """The same bytes with every secret written over, and the secrets that were there.

    The length stays, and so does what a JSON string or an event stream is made of: quotes,
    escapes and line ends.
    """
    masked = bytearray(data)
    secrets: list[Secret] = []
    # What was written over may leave a secret of another shape that only now stands alone.
    while found := find(bytes(masked), shapes):
        secrets += found
        for secret in found:
            pieces = _written_over(bytes(masked), secret.ranges)
            for (start, stop), piece in zip(secret.ranges, pieces, strict=True):
                masked[start:stop] = piece
    return bytes(masked), secrets


def _matches(data: bytes, shape: Shape) -> Iterator[tuple[int, int]]:
    group = 1 if shape.pattern.groups else 0
    for match in shape.pattern.finditer(data):
        start, stop = match.span(group)
        if start < stop:
            yield _whole_code_points(data, start, stop)


def _whole_code_points(data: bytes, start: int, stop: int) -> tuple[int, int]:
    while start > 0 and data[start] & 0xC0 == 0x80:
        start -= 1
    while stop < len(data) and data[stop] & 0xC0 == 0x80:
        stop += 1
    return start, stop


def _bytes_of(data: bytes, ranges: Ranges) -> list[bytes]:
    return [data[start:stop] for start, stop in ranges]


def _written_over(data: bytes, ranges: Ranges) -> list[bytes]:
    """What stands in the place of a secret, each piece as long as it was."""
    # A JSON number has to stay one.
    is_number = b"".join(_bytes_of(data, ranges)).isdigit()
    return [_filled(data, start, stop, b"9" if is_number else b"x") for start, stop in ranges]


def _filled(data: bytes, start: int, stop: int, fill: bytes) -> bytes:
    begin = start
    # An escape may have begun before.
    while begin > 0 and data[begin - 1 : begin] == b"\\":
        begin -= 1
    # The byte before tells whether a line begins here.
    before = max(0, begin - 1)

    def shown(match: re.Match[bytes]) -> bytes:
        return match.group() if match.lastgroup == "kept" else fill

    return _KEPT_OR_FILLED.sub(shown, data[before:stop])[start - before :]


def _lanes(data: bytes) -> Iterable[_Lane]:
    lanes: dict[tuple[bytes, ...], _Lane] = defaultdict(_Lane)
    offset = 0
    for line in data.split(b"\n"):
        if b'"' in line:
            indices = tuple(_INDEX_FIELD.findall(line))
            for match in _STRING_FIELD.finditer(line):
                lane = lanes[match[1], *indices]
                lane.starts.append(offset + match.start(2))
                lane.pieces.append(match[2])
        offset += len(line) + 1
    return lanes.values()


def _joined(lane: _Lane) -> tuple[list[int], bytes]:
    return list(accumulate(map(len, lane.pieces[:-1]), initial=0)), b"".join(lane.pieces)


def _merged(found: Sequence[Secret]) -> Iterator[Secret]:
    """Each stretch of bytes once: what overlaps belongs to the secret of the earliest shape."""
    parents = list(range(len(found)))

    def root(place: int) -> int:
        while parents[place] != place:
            place = parents[place]
        return place

    reach, reaching = 0, 0
    for start, stop, place in sorted(
        (start, stop, place) for place, secret in enumerate(found) for start, stop in secret.ranges
    ):
        if start < reach:
            first, second = sorted((root(reaching), root(place)))
            parents[second] = first
        if stop > reach:
            reach, reaching = stop, place
    groups: dict[int, list[Secret]] = defaultdict(list)
    for place, secret in enumerate(found):
        groups[root(place)].append(secret)
    for place, members in groups.items():
        ranges = tuple(sorted({span for member in members for span in member.ranges}))
        yield Secret(found[place].name, ranges[0][0], ranges)
