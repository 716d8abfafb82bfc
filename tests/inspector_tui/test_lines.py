from __future__ import annotations

from rich.segment import Segment

from inspector_tui.lines import FixedLines, Lines


def test_fixed_lines_are_a_source_that_never_changes() -> None:
    rows = [[Segment("a")], [Segment("b")]]
    lines: Lines = FixedLines(rows, has_cursor=True)
    lines.update(10)
    assert len(lines) == 2
    assert lines.row(1) == rows[1]
    assert lines.key(1) == 1
    assert lines.has_cursor
