from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from inspector_tui.exchange_lines import ExchangeLines
from inspector_tui.library import Library
from inspector_tui.list_filter import parse
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import NOW, library_of, lines_text, read_all


def test_the_newest_is_on_top_and_places_are_known(tmp_path: Path) -> None:
    paths = [given.complete(tmp_path), given.max_tokens(tmp_path)]
    library = library_of(tmp_path)
    read_all(library)
    lines = ExchangeLines(library)
    text = lines_text(lines, 79)
    assert "max_tokens" in text[0]
    assert "end_turn" in text[1]
    assert lines.path(0) == paths[1]
    assert lines.path(5) is None
    assert lines.place(paths[0]) == 1
    assert lines.place(None) is None


def test_a_filter_keeps_what_has_the_words(tmp_path: Path) -> None:
    given.complete(tmp_path)
    given.tool_use(tmp_path)
    given.rate_limited(tmp_path)
    library = library_of(tmp_path)
    read_all(library)
    lines = ExchangeLines(library)
    for needle, count in (("OPUS", 1), ("429", 1), ("post", 3), ("nothing", 0), ("", 3)):
        lines.filter = parse(needle)
        assert len(lines_text(lines, 79)) == count


def test_captures_of_another_day_show_their_date(tmp_path: Path) -> None:
    given.complete(tmp_path)
    tomorrow = (NOW + timedelta(days=1)).timestamp()
    library = Library(tmp_path, wall_clock=lambda: tomorrow)
    read_all(library)
    assert "11-23 14:01" in lines_text(ExchangeLines(library), 79)[0]
