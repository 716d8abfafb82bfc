from __future__ import annotations

from pathlib import Path

from inspector_tui.exchange_head import NOTHING_SELECTED
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


async def test_verdict_summary_and_tabs(tmp_path: Path) -> None:
    path = given.complete(tmp_path)
    async with inspecting(path, 100, 36) as running:
        rows = running.rows()
        assert rows[1].startswith(" ✓  complete · end_turn")
        assert rows[2].startswith(" claude-sonnet-4-5-20250929")
        assert rows[3].startswith(" first head")
        assert rows[4].startswith(" total")
        assert rows[5].startswith(" = same 5,695 bytes")
        assert rows[6].startswith("1 Timeline")


async def test_a_short_screen_keeps_three_rows_of_summary(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        assert running.rows()[5].startswith("1 Timeline")


async def test_a_short_screen_has_the_proof_beside_the_verdict(tmp_path: Path) -> None:
    async with inspecting(given.complete(tmp_path), 80, 24) as running:
        assert running.rows()[1].endswith("= same 5.7 kB")
    async with inspecting(given.client_left(tmp_path), 108, 24) as running:
        assert running.rows()[1].endswith("≠ other bytes")


async def test_without_an_exchange_it_says_what_to_do(tmp_path: Path) -> None:
    async with inspecting(tmp_path, 120, 30) as running:
        assert NOTHING_SELECTED in running.text()


async def test_a_foreign_file_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    async with inspecting(given.foreign(tmp_path), 120, 30) as running:
        assert running.rows()[1].startswith(" ✗  not a capture: its first line is not a ssescope")
