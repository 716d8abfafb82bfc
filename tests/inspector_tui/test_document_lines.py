from __future__ import annotations

from pathlib import Path

from rich.segment import Segment

from inspector_tui.cells import Row
from inspector_tui.document_lines import DocumentLines, FindingLines
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, lines_text


def test_rows_are_built_again_only_for_another_width_or_version() -> None:
    built: list[int] = []
    version = [0]

    def build(width: int) -> list[Row]:
        built.append(width)
        return [[Segment("x" * width)]]

    lines = DocumentLines(build, lambda: version[0])
    assert lines_text(lines, 3) == ["xxx"]
    lines.update(3)
    assert built == [3]
    key = lines.key(0)
    version[0] = 1
    lines.update(3)
    lines.update(4)
    assert built == [3, 3, 4]
    assert lines.key(0) != key


def test_the_cursor_tells_the_event_of_a_finding(tmp_path: Path) -> None:
    exchange = exchange_of(given.max_tokens(tmp_path))
    lines = FindingLines(exchange)
    text = lines_text(lines, 80)
    assert lines.has_cursor
    assert "ANT004" in text[0]
    assert lines.event(0) == exchange.findings[0].event
    assert lines.event(99) is None


def test_without_findings_there_is_no_cursor(tmp_path: Path) -> None:
    lines = FindingLines(exchange_of(given.complete(tmp_path)))
    assert lines_text(lines, 80) == [" ✓ nothing was found wrong"]
    assert not lines.has_cursor
