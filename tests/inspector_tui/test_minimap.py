from __future__ import annotations

from pathlib import Path

import pytest

from inspector_tui import palette
from inspector_tui.cells import Row, row_text, row_width
from inspector_tui.density import Density
from inspector_tui.minimap import Window, minimap_rows
from inspector_tui.tabs import Tab
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, inspecting


def density_of(path: Path) -> Density:
    return Density(exchange_of(path))


def test_rate_stall_and_window_are_drawn_in_their_places(tmp_path: Path) -> None:
    density = density_of(given.complete(tmp_path))
    window = Window(0.0, density.stop / 2, density.stop / 4)
    above, below = minimap_rows(density, window, 80, two_rows=True)
    assert row_width(above) == row_width(below) == 79
    assert any(segment.text in "▃▄▅▆▇█" for segment in above)
    stalled = [segment for segment in above if segment.style and segment.text == "╌"]
    assert any(segment.style.color == palette.ALARM.color for segment in stalled if segment.style)
    assert row_text(below).index("▲") in (20, 21)
    assert row_text(below).rstrip().count("─") in (38, 39)


def test_a_finding_has_its_sign_in_either_form(tmp_path: Path) -> None:
    density = density_of(given.max_tokens(tmp_path))
    assert "!" in row_text(minimap_rows(density, None, 80, two_rows=True)[1])
    (only,) = minimap_rows(density, None, 80, two_rows=False)
    assert "!" in row_text(only)


def test_in_one_row_the_cursor_stands_in_the_rate(tmp_path: Path) -> None:
    density = density_of(given.complete(tmp_path))
    window = Window(0.0, 1.0, 0.5)
    (only,) = minimap_rows(density, window, 80, two_rows=False)
    assert row_text(only).count("┃") == 1


@pytest.mark.parametrize("two_rows", [True, False])
def test_without_events_or_room_there_is_no_map(tmp_path: Path, *, two_rows: bool) -> None:
    nothing: list[Row] = [[], []] if two_rows else [[]]
    empty = density_of(given.rate_limited(tmp_path))
    assert minimap_rows(empty, None, 80, two_rows=two_rows) == nothing
    some = density_of(given.complete(tmp_path))
    assert minimap_rows(some, None, 10, two_rows=two_rows) == nothing


async def test_a_click_goes_to_its_moment(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        pane = running.screen.exchange_pane
        await running.pilot.click("#minimap", offset=(78, 0))
        await running.tick()
        assert pane.event >= 43
        assert "paused" not in running.text()
        await running.press("2")
        await running.pilot.click("#minimap", offset=(20, 0))
        await running.until(lambda: "still due" in running.text())
        assert pane.tab is Tab.MESSAGE
        assert "‖ paused" in running.text()
        assert pane.event < 23
