from __future__ import annotations

import os
from pathlib import Path

import pytest

from captures.store import CaptureFolderError
from proxy.replay_files import file_states, is_folder


def names(path: Path) -> list[str]:
    return [state.path.name for state in file_states(path)]


def test_captures_and_event_streams_of_a_folder_come_by_name(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.sse", "c.jsonl", "c.jsonl.2", "notes.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "b.jsonl")
    os.mkfifo(tmp_path / "pipe.sse")
    assert names(tmp_path) == ["a.sse", "b.jsonl", "c.jsonl"]


def test_a_file_is_itself_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    assert names(tmp_path / "notes.txt") == ["notes.txt"]
    assert names(tmp_path / "missing") == []
    assert names(tmp_path / ("x" * 300)) == []
    assert not is_folder(tmp_path / ("x" * 300))


def test_another_state_tells_of_a_change(tmp_path: Path) -> None:
    path = tmp_path / "a.sse"
    path.write_text("1")
    before = file_states(path)
    assert file_states(path) == before
    path.write_text("22")
    assert file_states(path) != before


def test_a_folder_that_cannot_be_listed_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(CaptureFolderError, match=r"cannot list .*: Permission denied"):
        file_states(tmp_path)
