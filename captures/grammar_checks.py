"""What can be wrong with one block of an event stream: pure functions, a row each.

After the grammar of the WHATWG HTML standard, section 9.2.5. A check gives what it found, in
one line, or an empty text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import orjson

from captures.findings.rule import Rule
from captures.findings.sse import (
    BYTE_ORDER_MARK_FIRST,
    BYTE_ORDER_MARK_INSIDE,
    ERROR_FIELD,
    EVENTS_RUN_TOGETHER,
    JSON_IN_LINES,
    LINE_SEPARATOR,
    LONE_CR,
    LONG_LINE,
    MISSPELT_FIELD,
    MIXED_LINE_ENDS,
    NO_SPACE,
    NOT_A_FIELD,
    NOT_UTF8,
    NUL_IN_ID,
    RETRY_NOT_DIGITS,
    UNKNOWN_FIELD,
)

MAX_LINE_SIZE = 64 * 1024
"""Bytes of a line up to which every known client reads it (Go's bufio.MaxScanTokenSize)."""

FIELDS = frozenset({"data", "event", "id", "retry"})

_LINE_END = re.compile(r"\r\n|\n|\r")
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_DIGITS = re.compile(r"[0-9]+")
# What str.splitlines() splits at beside CR and LF, and httpx's LineDecoder with it.
_LINE_SEPARATORS = re.compile(r"[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_BYTE_ORDER_MARK = "\ufeff"
_MAX_QUOTED = 80


class LineEnd(StrEnum):
    """What a line ends in."""

    LF = "LF"
    CRLF = "CR LF"
    CR = "CR"


BYTES_OF = {LineEnd.LF: b"\n", LineEnd.CRLF: b"\r\n", LineEnd.CR: b"\r"}


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a stream, as far as its lines are whole."""

    raw: bytes
    at_start: bool
    """Whether the stream begins with it."""
    line_end: LineEnd | None
    """What the lines before it end in; None where none is known."""
    text: str
    """What is not UTF-8 replaced, and without the byte order mark that the standard skips."""
    fields: tuple[tuple[str, str, str], ...]
    """Name, colon and value of each line that is no comment, the value with its leading space."""

    @classmethod
    def of(cls, raw: bytes, *, at_start: bool, line_end: LineEnd | None) -> Block:
        """The block of these bytes."""
        text = raw.decode("utf-8", "replace")
        if at_start:
            text = text.removeprefix(_BYTE_ORDER_MARK)
        lines = (line for line in _LINE_END.split(text) if line and line[0] != ":")
        fields = tuple(line.partition(":") for line in lines)
        return cls(raw, at_start, line_end, text, fields)

    def values_of(self, field: str) -> list[str]:
        """The values of every field of this name."""
        return [value.removeprefix(" ") for name, _, value in self.fields if name == field]


def last_line_end(raw: bytes) -> LineEnd | None:
    """What a block's last line ends in; None if no line is whole.

    It is the blank line that ends the block, which no data can hold by accident.
    """
    ends = (end for end in (LineEnd.CRLF, LineEnd.LF, LineEnd.CR) if raw.endswith(BYTES_OF[end]))
    return next(ends, None)


def error_field(block: Block) -> str:
    """gpustack sends its errors as ``error: {…}``, a field that the standard ignores."""
    for name, colon, value in block.fields:
        if colon and name.strip().lower() == "error":
            return _quoted(f"{name}{colon}{value}")
    return ""


def misspelt_field(block: Block) -> str:
    """Field names are compared literally: ``Data``, blank before or behind, all are unknown."""
    for name, colon, value in block.fields:
        if name not in FIELDS and name.strip().lower() in FIELDS:
            return _quoted(f"{name}{colon}{value}")
    return ""


def unknown_field(block: Block) -> str:
    """ "Otherwise: the field is ignored." """
    for name, colon, value in block.fields:
        known = name.lower() in {*FIELDS, "error"}
        if colon and not known and _FIELD_NAME.fullmatch(name):
            return _quoted(f"{name}{colon}{value}")
    return ""


def not_a_field(block: Block) -> str:
    """A line whose name is no word, or that has no colon and is no field of the standard."""
    for number, (name, colon, _) in enumerate(block.fields):
        if name.strip().lower() in {*FIELDS, "error"} or name.startswith(_BYTE_ORDER_MARK):
            continue
        if not colon or not _FIELD_NAME.fullmatch(name):
            # Of pretty-printed JSON the first line alone would say nothing.
            rest = " ".join("".join(field) for field in block.fields[number : number + 8])
            return _quoted(" ".join(rest.split()))
    return ""


def byte_order_mark_first(block: Block) -> str:
    """The standard skips one; the Python SDKs take it for a part of the first field's name."""
    marked = block.at_start and block.raw.startswith(_BYTE_ORDER_MARK.encode())
    return "U+FEFF before the first line" if marked else ""


def byte_order_mark_inside(block: Block) -> str:
    """Whoever joins two streams, or writes each event with a UTF-8-SIG encoder, sends it."""
    for name, colon, value in block.fields:
        if name.startswith(_BYTE_ORDER_MARK):
            return f"U+FEFF before {_quoted(f'{name[1:]}{colon}{value}')}"
    return ""


def lone_cr(block: Block) -> str:
    """Allowed by the standard, and split by few: Go's bufio.ScanLines looks for LF."""
    begins_in_cr = block.line_end is None and last_line_end(block.raw) is LineEnd.CR
    return "the first block ends in CR" if begins_in_cr else ""


def mixed_line_ends(block: Block) -> str:
    """anthropic-py delivers at LF LF, CR CR or CR LF CR LF alone, and holds back all else."""
    usual = block.line_end or last_line_end(block.raw)
    crlf = block.raw.count(b"\r\n")
    counts = {
        LineEnd.LF: block.raw.count(b"\n") - crlf,
        LineEnd.CRLF: crlf,
        LineEnd.CR: block.raw.count(b"\r") - crlf,
    }
    other = [end for end, count in counts.items() if count and end is not usual]
    return f"{other[0]} here, {usual} elsewhere" if other else ""


def line_separator(block: Block) -> str:
    """Ordinary characters for the standard, line ends for ``str.splitlines``."""
    found = _LINE_SEPARATORS.findall(block.text)
    return f"U+{ord(found[0]):04X}, {len(found):,} in this event" if found else ""


def no_space(block: Block) -> str:
    """One space may stand behind the colon; google-genai looks for ``data: ``."""
    for name, colon, value in block.fields:
        if name in FIELDS and colon and value and value[0] != " ":
            return _quoted(f"{name}{colon}{value}")
    return ""


def not_utf8(block: Block) -> str:
    """Event streams are always UTF-8. The SDKs of OpenAI and Anthropic in Python raise."""
    try:
        block.raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"byte 0x{block.raw[error.start]:02x} at {error.start:,} of the event"
    return ""


def retry_not_digits(block: Block) -> str:
    """ "If the field value consists of only ASCII digits": int() takes ``+5`` and ``1_0`` too."""
    for value in block.values_of("retry"):
        if not _DIGITS.fullmatch(value):
            return f"retry: {_quoted(value)}"
    return ""


def nul_in_id(block: Block) -> str:
    """ "If the field value does not contain U+0000 NULL […] Otherwise, ignore the field." """
    for value in block.values_of("id"):
        if "\0" in value:
            return f"id: {_quoted(value)}"
    return ""


def events_run_together(block: Block) -> str:
    """Two event fields, or data lines that are each a whole event."""
    names = block.values_of("event")
    if len(names) > 1:
        return f"{len(names):,} event fields, the second: {_quoted(names[1])}"
    values = block.values_of("data")
    if len(values) < 2 or not all(_is_whole_event(value) for value in values):
        return ""
    return f"{len(values):,} whole events, the second: {_quoted(values[1])}"


def json_in_lines(block: Block) -> str:
    """JSON with line ends in it, as pretty-printers write it."""
    values = block.values_of("data")
    spread = len(values) > 1 and _is_json("\n".join(values))
    return f"{len(values):,} data lines" if spread else ""


def long_line(block: Block) -> str:
    """Clients that read by line have a limit on its length."""
    if len(block.raw) <= MAX_LINE_SIZE:
        return ""
    longest = max(len(line.encode()) for line in _LINE_END.split(block.text))
    return f"{longest:,} bytes" if longest > MAX_LINE_SIZE else ""


CHECKS: tuple[tuple[Rule, Callable[[Block], str]], ...] = (
    (ERROR_FIELD, error_field),
    (MISSPELT_FIELD, misspelt_field),
    (UNKNOWN_FIELD, unknown_field),
    (NOT_A_FIELD, not_a_field),
    (BYTE_ORDER_MARK_FIRST, byte_order_mark_first),
    (BYTE_ORDER_MARK_INSIDE, byte_order_mark_inside),
    (LONE_CR, lone_cr),
    (MIXED_LINE_ENDS, mixed_line_ends),
    (LINE_SEPARATOR, line_separator),
    (NO_SPACE, no_space),
    (NOT_UTF8, not_utf8),
    (RETRY_NOT_DIGITS, retry_not_digits),
    (NUL_IN_ID, nul_in_id),
    (EVENTS_RUN_TOGETHER, events_run_together),
    (JSON_IN_LINES, json_in_lines),
    (LONG_LINE, long_line),
)


def _is_whole_event(value: str) -> bool:
    return value == "[DONE]" or _is_json(value)


def _is_json(text: str) -> bool:
    """Whether it is a JSON object or array."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _quoted(text: str) -> str:
    return text if len(text) <= _MAX_QUOTED else f"{text[:_MAX_QUOTED]}…"
