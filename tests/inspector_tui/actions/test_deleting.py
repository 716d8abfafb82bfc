from __future__ import annotations

from pathlib import Path

from captures.annotation import annotation_path
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


async def test_an_exchange_is_deleted_after_asking_and_the_cursor_goes_to_its_neighbour(
    tmp_path: Path,
) -> None:
    oldest, middle, _ = (given.complete(tmp_path, number) for number in (1, 2, 3))
    annotation_path(middle).write_text("mine")
    async with inspecting(tmp_path) as running:
        await running.press("j", "D")
        await running.eventually(lambda: "Delete this capture?" in running.text())
        assert f"{middle.name}.note.txt" in running.text()
        await running.press("escape")
        assert middle.exists()
        await running.press("enter", "D")
        await running.eventually(lambda: "Delete this capture?" in running.text())
        await running.press("enter")
        await running.eventually(lambda: running.screen.list_pane.view.has_focus)
        assert "Deleted 2 files" in running.told()
        assert not middle.exists()
        assert not annotation_path(middle).exists()
        assert running.screen.list_pane.selected == oldest
        assert "2 exchanges" in running.rows()[0]


async def test_what_is_being_recorded_or_is_no_capture_stays(tmp_path: Path) -> None:
    script = given.live(tmp_path)
    foreign = given.foreign(tmp_path, 1)
    async with inspecting(tmp_path) as running:
        await running.press("D")
        await running.eventually(lambda: "It is being recorded" in running.told())
        await running.press("end", "D")
        await running.eventually(lambda: "is no capture, and is left alone" in running.told())
        assert foreign.exists()
    script.abandon()


async def test_with_the_only_capture_the_inspector_ends(tmp_path: Path) -> None:
    path = given.complete(tmp_path)
    async with inspecting(path) as running:
        await running.press("D")
        await running.eventually(lambda: "which shows nothing else" in running.text())
        await running.press("enter")
        await running.eventually(lambda: not running.app.is_running)
    assert not path.exists()
