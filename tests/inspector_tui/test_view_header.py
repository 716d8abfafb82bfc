from __future__ import annotations

from pathlib import Path

import pytest

from captures import body
from inspector_tui.cells import row_text, row_width
from inspector_tui.diff_lines import DiffLines
from inspector_tui.tabs import Tab
from inspector_tui.time_cursor import TimeCursor
from inspector_tui.view_header import detail_lines, header_rows, time_row
from inspector_tui.views import Views
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, lines_text


@pytest.mark.parametrize("width", [58, 78, 140])
def test_every_view_has_a_header_that_fits(tmp_path: Path, width: int) -> None:
    exchange = exchange_of(given.complete(tmp_path))
    views = Views(exchange, DiffLines(""))
    heights = {}
    for tab in Tab:
        rows = header_rows(tab, exchange, views, 1, width, as_hex=True)
        heights[tab] = len(rows)
        assert all(row_width(row) <= width for row in rows)
    assert (heights[Tab.TIMELINE], heights[Tab.CHUNKS], heights[Tab.MESSAGE]) == (1, 4, 0)


def test_the_time_row_tells_the_moment_and_its_keys(tmp_path: Path) -> None:
    views = Views(exchange_of(given.complete(tmp_path)), DiffLines(""))
    time = TimeCursor()
    text = row_text(time_row(time, views, 3, 120))
    assert text.startswith(" ‖ paused 1x  0.315 of 2.952 s  event 3 of 45  ← → step")
    time.play(0.0, 0.0)
    assert row_text(time_row(time, views, 3, 120)).startswith(" ▶ playing 1x")
    assert row_width(time_row(time, views, 3, 40)) <= 40
    assert row_text(time_row(time, views, 3, 80)).endswith("Esc now")


def test_the_detail_is_of_the_event_or_of_the_chunk(tmp_path: Path) -> None:
    exchange = exchange_of(given.complete(tmp_path))
    assert lines_text(detail_lines(Tab.TIMELINE, exchange, 2), 78)[0] == " event 2 · ping · ping"
    assert lines_text(detail_lines(Tab.CHUNKS, exchange, 2), 78)[0].startswith(" network chunk 2")


def test_a_body_that_is_not_kept_whole_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "MAX_KEPT_SIZE", 1000)
    exchange = exchange_of(given.complete(tmp_path))
    views = Views(exchange, DiffLines(""))
    first = row_text(header_rows(Tab.RAW, exchange, views, 0, 100, as_hex=True)[0])
    assert first.startswith(" shows 1.0 kB of 5.7 kB")
    assert "ssescope cat" in first
