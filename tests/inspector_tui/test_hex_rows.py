from __future__ import annotations

from pathlib import Path

from captures.body import Body
from captures.records import Boundary
from inspector_tui.cells import row_text, row_width
from inspector_tui.hex_rows import HexLines, bytes_a_row, hex_header, hex_row
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, lines_text


def test_a_row_has_offset_bytes_and_text() -> None:
    text = row_text(hex_row(b"data: {\n\xff", 16, 16))
    assert text.startswith("      16  64 61 74 61 3a 20 7b 0a ff ")
    assert text.endswith("  data: {··")


def test_a_mark_stands_where_a_chunk_begins() -> None:
    assert "61┃62 63" in row_text(hex_row(b"abc", 7, 8, {8}))


def test_where_it_is_narrow_a_row_has_half_the_bytes() -> None:
    assert (bytes_a_row(78), bytes_a_row(58)) == (16, 8)
    for width in (58, 78):
        assert row_width(hex_row(bytes(bytes_a_row(width)), 0, bytes_a_row(width))) <= width
        assert row_width(hex_header(width)) <= width


def test_the_last_row_grows_until_it_is_full() -> None:
    body = Body()
    lines = HexLines(body)
    assert lines_text(lines, 80) == []
    body.add(0.0, 3, b"abc", Boundary.CHUNK)
    assert lines_text(lines, 80)[0].endswith("abc")
    before = lines.key(0)
    body.add(0.1, 20, b"d" * 20, Boundary.CHUNK)
    assert lines_text(lines, 80)[0].endswith("abcddddddddddddd")
    assert lines.key(0) != before
    assert "┃64" in lines_text(lines, 80)[0]
    assert len(lines) == 2


def test_all_bytes_of_a_hostile_body_are_shown_and_none_reaches_the_terminal(
    tmp_path: Path,
) -> None:
    exchange = exchange_of(given.hostile(tmp_path))
    text = "".join(lines_text(HexLines(exchange.body), 80))
    assert text.isprintable()
    assert "1b 5d 35 32" in text
