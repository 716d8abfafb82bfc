from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from captures.whole_files import write_whole


def test_a_file_is_there_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_whole(tmp_path / "file", [b"one", b"two"])
    finally:
        os.umask(before)
    assert (tmp_path / "file").read_bytes() == b"onetwo"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
    assert len(list(tmp_path.iterdir())) == 1


def test_what_is_there_stays_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "file", [b"new"])
    assert (tmp_path / "file").read_text() == "mine"
    write_whole(tmp_path / "file", [b"new"], replacing=True)
    assert (tmp_path / "file").read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "link", [b"new"])
    write_whole(tmp_path / "link", [b"new"], replacing=True)
    assert (tmp_path / "victim").read_text() == "mine"


def test_nothing_is_left_of_one_that_cannot_be_written(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - its own
        write_whole(tmp_path / "file", pieces())
    assert list(tmp_path.iterdir()) == []
