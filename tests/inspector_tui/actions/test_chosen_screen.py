from __future__ import annotations

from pathlib import Path

from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


async def test_the_opened_exchange_is_chosen_and_else_the_one_under_the_cursor(
    tmp_path: Path,
) -> None:
    first, second = given.complete(tmp_path, 1), given.max_tokens(tmp_path, 2)
    async with inspecting(tmp_path) as running:
        screen = running.screen
        assert screen.chosen == second
        await running.press("j")
        assert screen.chosen == first
        await running.press("enter")
        assert screen.chosen == screen.exchange_pane.path == first


async def test_what_cannot_be_read_or_is_left_meanwhile_is_said(tmp_path: Path) -> None:
    first = given.complete(tmp_path, 1)
    given.foreign(tmp_path, 2)
    async with inspecting(tmp_path) as running:
        assert await running.screen.read() is None
        await running.until(lambda: "not a capture" in running.told())
        await running.press("j")
        reading = running.screen.run_worker(running.screen.read())
        await running.until(lambda: running.screen.exchange_pane.path == first)
        running.screen.exchange_pane.open(None)
        assert await reading.wait() is None
        await running.until(lambda: "Another exchange was chosen" in running.told())
