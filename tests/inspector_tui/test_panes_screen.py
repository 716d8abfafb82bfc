"""How list and exchange share the screen."""

from __future__ import annotations

from pathlib import Path

from inspector_tui.panes_screen import LEAST_EXCHANGE, LEAST_LIST, STEP
from inspector_tui.tabs import Tab
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import Running, assert_snapshot, inspecting


def widths(running: Running) -> tuple[int, int]:
    """Columns of the list and of the exchange; 0 for one that is not shown."""
    panes = (running.screen.list_pane, running.screen.exchange_pane)
    return (
        panes[0].outer_size.width if panes[0].display else 0,
        panes[1].outer_size.width if panes[1].display else 0,
    )


async def test_a_pane_is_zoomed_and_both_come_back(tmp_path: Path) -> None:
    given.complete(tmp_path)
    async with inspecting(tmp_path, 140, 30) as running:
        both = widths(running)
        await running.press("z")
        assert widths(running) == (140, 0)
        await running.press("enter")
        assert widths(running) == (0, 140)
        assert running.screen.exchange_pane.view.has_focus
        await running.press("escape")
        assert widths(running) == (140, 0)
        await running.press("z")
        assert widths(running) == both


async def test_the_split_moves_within_bounds(tmp_path: Path) -> None:
    given.complete(tmp_path)
    async with inspecting(tmp_path, 140, 30) as running:
        before, _ = widths(running)
        await running.press("greater_than_sign")
        assert widths(running) == (before + STEP, 140 - before - STEP)
        for _ in range(12):
            running.screen.action_split(1)
        await running.tick()
        assert widths(running) == (140 - LEAST_EXCHANGE, LEAST_EXCHANGE)
        await running.press("less_than_sign")
        for _ in range(19):
            running.screen.action_split(-1)
        await running.tick()
        assert widths(running) == (LEAST_LIST, 140 - LEAST_LIST)
        await running.pilot.resize_terminal(80, 24)
        await running.tick()
        assert widths(running) == (80, 0)
        await running.pilot.resize_terminal(140, 30)
        await running.tick(2)
        assert widths(running) == (LEAST_LIST, 140 - LEAST_LIST)


async def test_where_it_is_narrow_there_is_one_pane(tmp_path: Path) -> None:
    given.complete(tmp_path)
    async with inspecting(tmp_path, 80, 24) as running:
        for key in ("z", "less_than_sign"):
            await running.press(key)
            assert widths(running) == (80, 0)
        assert "Below 110 columns" in running.text()


async def test_sixty_columns_show_the_list_and_every_view(tmp_path: Path) -> None:
    script = given.everything(tmp_path)

    async def keep(running: Running, name: str) -> None:
        await running.tick(2)
        assert all(len(row) <= 60 for row in running.rows())
        assert_snapshot(f"{name}-60x20", running.text())

    async with inspecting(tmp_path, 60, 20) as running:
        await keep(running, "list")
        await running.press("end", "enter")
        await running.until(lambda: "complete · end_turn" in running.text())
        for number, tab in enumerate(Tab, 1):
            await running.press(str(number))
            if tab is Tab.DIFF:
                await running.until(lambda: "output tokens" in running.text())
            await keep(running, tab.view_id)
    script.abandon()
