"""Whether a body under another content type is an event stream all the same.

Gateways send event streams as text/plain or application/json, and the SDKs read them regardless:
they look at what they asked for, not at what the answer says it is.
"""

from __future__ import annotations

import re

SNIFFED_SIZE = 4096
"""Bytes of the beginning that are looked at."""

DOUBTFUL_TYPES = frozenset(
    {
        "",
        "text/plain",
        "text/html",
        "application/json",
        "application/octet-stream",
        "binary/octet-stream",
    }
)
"""Content types under which event streams have been met, or that say nothing."""

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_FIELDS = frozenset({b"event", b"id", b"retry", b""})
"""Fields, and comments, that may stand before the first data."""
_DATA = re.compile(rb"data: ?")
_STARTS = tuple(name + b":" for name in (b"data", b"event", b"id", b"retry", b""))


def is_event_stream(beginning: bytes) -> bool | None:
    """Whether a body begins as an event stream whose first data is JSON.

    Conservative: only lines of known fields may stand before a ``data`` field, and its value must
    begin an object or an array, as those of all known protocols do.

    Args:
        beginning: its first bytes, as many as there are, up to SNIFFED_SIZE.

    Returns:
        None while the bytes that have come do not tell.
    """
    if _BYTE_ORDER_MARK.startswith(beginning):
        return None
    start = len(_BYTE_ORDER_MARK) if beginning.startswith(_BYTE_ORDER_MARK) else 0
    while (end := _LINE_END.search(beginning, start)) is not None:
        line = beginning[start : end.start()]
        if data := _DATA.match(line):
            return line[data.end() :].startswith((b"{", b"["))
        name, colon, _ = line.partition(b":")
        if line and (not colon or name not in _OTHER_FIELDS):
            return False
        start = end.end()
    return _in_line(beginning[start:], is_cut=len(beginning) >= SNIFFED_SIZE)


def _in_line(line: bytes, *, is_cut: bool) -> bool | None:
    """What the line tells that has not come whole yet."""
    data = _DATA.match(line)
    if data is not None and data.end() < len(line):
        return line[data.end() :].startswith((b"{", b"["))
    may_be = any(start.startswith(line) or line.startswith(start) for start in _STARTS)
    return None if may_be and not is_cut else False
