"""What a network cut falls into: the places where parsers of event streams break."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from enum import StrEnum


class CutKind(StrEnum):
    """What a cut inside an event tears apart, the most treacherous first."""

    CODE_POINT = "code point"
    """The bytes of one UTF-8 character."""
    CR_LF = "CR LF"
    """A CR and the LF that belongs to it."""
    FIELD = "field name"
    """A field's name, its colon or the space behind it, such as ``data: ``."""
    JSON_STRING = "JSON string"
    """A string of the payload, its quotes included."""
    LINES = "lines of an event"
    """Nothing, but a blank line or a further field is still to come."""
    OTHER = "rest of a line"


_LINE_END = re.compile(rb"\r\n|\n|\r")
_FIELD = re.compile(rb"(?:\xef\xbb\xbf)?(?:data|event|id|retry)?: ?")
_JSON_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_LONGEST_CODE_POINT = 4


def kinds_of_cuts(block: bytes, places: Sequence[int], *, is_text: bool = True) -> list[CutKind]:
    """What each cut of one event tears apart.

    Args:
        block: the bytes of the event.
        places: offsets in it before which it is cut, ascending, each inside it.
        is_text: whether it is UTF-8 text; of binary messages nothing is told.
    """
    if not is_text:
        return [CutKind.OTHER] * len(places)
    kinds: list[CutKind] = []
    for start, content_stop, stop in _lines(block):
        cuts = places[len(kinds) : bisect_left(places, stop)]
        if cuts:
            kinds += _kinds_in_line(block, cuts, (start, content_stop))
    return kinds


def _lines(block: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each line starts, where its line end begins, and where the next line starts."""
    start = 0
    for end in _LINE_END.finditer(block):
        yield start, end.start(), end.end()
        start = end.end()
    if start < len(block):
        yield start, len(block), len(block)


def _kinds_in_line(block: bytes, cuts: Sequence[int], line: tuple[int, int]) -> Iterator[CutKind]:
    start, stop = line
    field = _FIELD.match(block, start, stop)
    value = field.end() if field else start
    strings = _JSON_STRING.finditer(block, value, stop)
    string = next(strings, None)
    for cut in cuts:
        while string is not None and string.end() <= cut:
            string = next(strings, None)
        if cut == start:
            yield CutKind.LINES
        elif cut > stop:
            yield CutKind.CR_LF
        elif _is_in_code_point(block, cut):
            yield CutKind.CODE_POINT
        elif cut < value or (field and cut == value):
            yield CutKind.FIELD
        elif string is not None and string.start() < cut:
            yield CutKind.JSON_STRING
        else:
            yield CutKind.OTHER


def _is_in_code_point(block: bytes, cut: int) -> bool:
    """Whether the bytes on both sides of a cut are one character (RFC 3629, section 3)."""
    for start in range(cut - 1, max(-1, cut - _LONGEST_CODE_POINT), -1):
        if not _is_continuation(block[start]):
            stop = start + _code_point_size(block[start])
            return stop > cut and all(map(_is_continuation, block[start + 1 : stop]))
    return False


def _is_continuation(byte: int) -> bool:
    return byte & 0xC0 == 0x80


def _code_point_size(lead: int) -> int:
    if lead >= 0xF0:
        return 4
    if lead >= 0xE0:
        return 3
    return 2 if lead >= 0xC0 else 1
