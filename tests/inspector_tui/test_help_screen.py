from __future__ import annotations

from pathlib import Path

import pytest

from captures.verdict import SIGNS
from inspector_tui.cells import row_width
from inspector_tui.help_screen import HelpScreen, help_rows
from inspector_tui.keymap import View, bindings
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import assert_snapshot, inspecting, texts


def words(view: View, width: int, **changed: str) -> str:
    return "\n".join(texts(help_rows(bindings(changed), view, width)))


@pytest.mark.parametrize("view", View)
def test_every_sign_of_a_verdict_is_explained(view: View) -> None:
    assert all(sign in words(view, 100) for sign in SIGNS.values())


@pytest.mark.parametrize("width", [40, 76, 100])
@pytest.mark.parametrize("view", View)
def test_every_key_of_the_view_is_told_and_no_other(view: View, width: int) -> None:
    rows = help_rows(bindings(), view, width)
    assert all(row_width(row) <= width for row in rows)
    text = "\n".join(texts(rows))
    for bound in bindings():
        assert (f" {bound.text}" in text) or view not in bound.views
    assert ("Sort by the next column" in text) is (view is View.LIST)
    assert ("Time cursor" in text) is (view is View.EXCHANGE)


def test_a_changed_key_is_told() -> None:
    assert "f9  " in words(View.LIST, 100, follow="f9")


async def test_help_lies_over_the_screen_until_a_key_closes_it(tmp_path: Path) -> None:
    given.complete(tmp_path)
    async with inspecting(tmp_path) as running:
        for key in ("escape", "q", "question_mark"):
            await running.press("question_mark")
            assert isinstance(running.app.screen, HelpScreen)
            assert "Keys in the list" in running.text()
            await running.press(key)
            assert len(running.app.screen_stack) == 1
        await running.press("enter", "question_mark")
        assert "Keys in the exchange" in running.text()
        assert_snapshot("help-exchange-80x24", running.text())
