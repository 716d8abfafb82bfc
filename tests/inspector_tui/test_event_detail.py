from __future__ import annotations

from pathlib import Path

from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


async def test_enter_opens_the_detail_and_escape_leaves_it(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        detail = running.screen.exchange_pane.detail
        assert not detail.display
        await running.press("j", "j", "j", "enter")
        assert detail.view.has_focus
        assert "event 3 · content_block_delta · text" in running.text()
        assert '"text": "A stream"' in running.text()
        await running.press("G")
        assert "raw" in running.text()
        await running.press("escape")
        assert not detail.display
        assert running.screen.exchange_pane.timeline.has_focus


async def test_with_room_the_detail_is_always_there_and_follows_the_cursor(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path), 120, 50) as running:
        assert "event 0 · message_start" in running.text()
        await running.press("j")
        assert "event 1 · content_block_start" in running.text()
        await running.press("2")
        assert not running.screen.exchange_pane.detail.display


async def test_an_exchange_without_events_has_an_empty_detail(tmp_path: Path) -> None:
    async with inspecting(given.rate_limited(tmp_path), 120, 50) as running:
        await running.press("enter")
        assert "event 0" not in running.text()
