from __future__ import annotations

from pathlib import Path

from captures.comparison import compare
from inspector_tui.diff_lines import DiffLines
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, lines_text


def test_words_give_way_to_what_differs_and_come_back(tmp_path: Path) -> None:
    lines = DiffLines("nothing yet")
    assert lines_text(lines, 80) == [" nothing yet"]
    exchange = exchange_of(given.complete(tmp_path))
    lines.take(exchange, exchange, compare(exchange, exchange))
    assert lines_text(lines, 80)[0].startswith(" − 2025")
    lines.tell("reading")
    assert lines_text(lines, 80) == [" reading"]
