"""JSON as indented, coloured and wrapped rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.segment import Segment
from rich.style import Style

from inspector_tui import palette
from inspector_tui.cells import Row, wrapped
from inspector_tui.json_text import indented
from inspector_tui.safe import safe_text

MAX_PRETTY_SIZE = 512 * 1024
"""Characters of JSON that are parsed and indented; more is shown as it stands."""

_LINE = re.compile(r'(\s*)("(?:[^"\\]|\\.)*": )?(.*?)(,?)$', re.DOTALL)


def json_rows(text: str, width: int) -> list[Row] | None:
    """The rows of a JSON text, or None if it is none, or too long to be indented."""
    if len(text) > MAX_PRETTY_SIZE:
        return None
    try:
        pretty = indented(text)
    except ValueError:
        return None
    return [row for line in pretty.split("\n") for row in _rows_of_line(line, width)]


def text_rows(text: str, width: int, style: Style = palette.PLAIN) -> list[Row]:
    """The rows of any text, made safe and wrapped."""
    shown = safe_text(text, newline="\n", tab="    ")
    return [[Segment(row, style)] for row in wrapped(shown, width)]


def _rows_of_line(line: str, width: int) -> Iterator[Row]:
    found = _LINE.match(line)
    indent, name, value, comma = found.groups(default="") if found else ("", "", line, "")
    indent, name = indent[: width // 2], safe_text(name)
    style = _value_style(value)
    rows = wrapped(f"{name}{safe_text(value)}{comma}", max(8, width - len(indent) - 2))
    left_of_name = len(name)
    for number, row in enumerate(rows):
        of_name, left_of_name = row[:left_of_name], max(0, left_of_name - len(row))
        yield [
            Segment(indent if number == 0 else f"{indent}  "),
            Segment(of_name, palette.JSON_NAME),
            Segment(row[len(of_name) :], style),
        ]


def _value_style(value: str) -> Style:
    if value.startswith('"'):
        return palette.JSON_STRING
    if value[:1] in "{}[]":
        return palette.DIM
    return palette.JSON_WORD if value in {"true", "false", "null"} else palette.JSON_NUMBER
