"""Every action by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector_tui.command_palette import NOTHING_FITS, CommandPalette, commands_of
from inspector_tui.keymap import View, bindings
from inspector_tui.tabs import Tab
from inspector_tui.themes import theme_names
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


async def test_it_offers_every_key_of_the_view_and_every_theme(tmp_path: Path) -> None:
    given.complete(tmp_path)
    async with inspecting(tmp_path) as running:
        for view in View:
            commands = commands_of(running.screen, bindings())
            offered = {(command.section, command.words) for command in commands}
            assert {("Theme", name) for name in theme_names()} <= offered
            assert {
                (bound.section, bound.words)
                for bound in bindings()
                if view in bound.views and bound.id != "palette"
                if bound.section != "Along the stream" or bound.id == "time"
            } <= offered
            assert (("The list", "Mark, or unmark") in offered) is (view is View.LIST)
            await running.press("enter")


@pytest.mark.parametrize("key", ["ctrl+p", "colon"])
async def test_what_is_typed_is_looked_for_and_enter_does_it(tmp_path: Path, key: str) -> None:
    given.complete(tmp_path)
    async with inspecting(tmp_path) as running:
        await running.press(key, *"mess")
        assert isinstance(running.app.screen, CommandPalette)
        await running.press("enter")
        await running.until(lambda: len(running.app.screen_stack) == 1)
        await running.until(lambda: running.screen.exchange_pane.tab is Tab.MESSAGE)


async def test_the_cursor_chooses_and_the_action_is_that_of_its_pane(tmp_path: Path) -> None:
    given.complete(tmp_path)
    given.max_tokens(tmp_path)
    async with inspecting(tmp_path) as running:
        await running.press("colon", *"mark", "down", "up", "enter")
        await running.until(lambda: len(running.screen.list_pane.marked) == 1)


async def test_a_theme_is_changed(tmp_path: Path) -> None:
    async with inspecting(tmp_path) as running:
        await running.press("colon", *"zed-l", "enter")
        await running.until(lambda: running.app.theme == "solarized-light")


async def test_nothing_is_done_where_nothing_fits_or_escape_closes(tmp_path: Path) -> None:
    given.complete(tmp_path)
    async with inspecting(tmp_path) as running:
        await running.press("colon", *"[/bold]")
        assert NOTHING_FITS in running.text()
        await running.press("enter")
        assert len(running.app.screen_stack) == 2
        await running.press("escape")
        assert len(running.app.screen_stack) == 1
        assert running.screen.list_pane.view.has_focus
