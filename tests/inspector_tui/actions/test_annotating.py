from __future__ import annotations

from pathlib import Path

from captures.annotation import annotation_path, read_annotation, write_annotation
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


async def test_a_note_is_kept_shown_found_changed_and_deleted(tmp_path: Path) -> None:
    given.complete(tmp_path, 1)
    path = given.max_tokens(tmp_path, 2)
    async with inspecting(tmp_path, 160, 30) as running:
        await running.press("a", *"A [b]", "enter")
        await running.eventually(lambda: "The note is kept" in running.told())
        assert read_annotation(path) == "A [b]"
        assert running.text().count("✎") == 2
        assert "✎ A [b]" in running.text()
        await running.press("slash", *"[b]", "enter")
        assert running.screen.list_pane.selected == path
        await running.press("escape", "a", *"!", "escape")
        assert read_annotation(path) == "A [b]"
        await running.press("a", "ctrl+u", "enter")
        await running.eventually(lambda: "The note is deleted" in running.told())
        assert not annotation_path(path).exists()
        assert "✎" not in running.text()


async def test_a_note_is_there_when_a_capture_is_read_and_a_strange_one_is_left(
    tmp_path: Path,
) -> None:
    path = given.complete(tmp_path)
    write_annotation(path, "\x1b]0;x\x07 first\nsecond")
    async with inspecting(tmp_path, 160, 30) as running:
        assert "✎ ␛]0;x␇ first↵second" in running.text()
        # Several lines are for the editor, which a test without a terminal has not.
        await running.press("a")
        await running.until(lambda: "The terminal cannot" in running.told())
        annotation_path(path).write_bytes(b" " * 70_000)
        await running.press("a")
        await running.until(lambda: "is no note that can" in running.told())
