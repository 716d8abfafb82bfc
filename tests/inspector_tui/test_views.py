from __future__ import annotations

from pathlib import Path

from inspector_tui.diff_lines import DiffLines
from inspector_tui.tabs import Tab
from inspector_tui.views import Views
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, lines_text


def test_every_tab_has_rows(tmp_path: Path) -> None:
    views = Views(exchange_of(given.complete(tmp_path)), DiffLines("nothing"))
    for tab in Tab:
        assert lines_text(views.lines(tab), 78), tab


def test_the_body_is_shown_as_lines_or_as_bytes(tmp_path: Path) -> None:
    views = Views(exchange_of(given.complete(tmp_path)), DiffLines("nothing"))
    assert views.lines(Tab.RAW, as_hex=True) is views.hex
    assert views.lines(Tab.RAW) is views.raw


def test_the_message_is_shown_as_it_is_or_as_it_was(tmp_path: Path) -> None:
    views = Views(exchange_of(given.complete(tmp_path)), DiffLines("nothing"))
    assert views.lines(Tab.MESSAGE, at_moment=True) is views.moment
    assert views.lines(Tab.MESSAGE) is not views.moment
