from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from captures.store import CaptureFolderError, captures_in, prepare_folder


class TestListing:
    def test_only_regular_capture_files_are_listed_by_name(self, tmp_path: Path) -> None:
        for name in ("b.jsonl", "a.jsonl", ".fingerprint-key", "notes.txt"):
            (tmp_path / name).touch()
        (tmp_path / "folder.jsonl").mkdir()
        (tmp_path / "link.jsonl").symlink_to(tmp_path / "a.jsonl")
        (tmp_path / "dangling.jsonl").symlink_to(tmp_path / "nowhere")
        os.mkfifo(tmp_path / "fifo.jsonl")

        assert captures_in(tmp_path) == [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]

    def test_missing_folder_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(CaptureFolderError, match=r"cannot list .*: No such file"):
            captures_in(tmp_path / "nowhere")


class TestPreparing:
    def test_folder_is_made_for_its_owner_alone_whatever_the_umask(self, tmp_path: Path) -> None:
        before = os.umask(0)
        try:
            prepare_folder(tmp_path / "new")
        finally:
            os.umask(before)

        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
        assert [path.name for path in (tmp_path / "new").iterdir()] == [".fingerprint-key"]
        assert stat.S_IMODE((tmp_path / "new/.fingerprint-key").stat().st_mode) == 0o600

    def test_key_stays_and_another_folder_has_another(self, tmp_path: Path) -> None:
        key = prepare_folder(tmp_path / "a")

        assert len(key) == 32
        assert prepare_folder(tmp_path / "a") == key
        assert prepare_folder(tmp_path / "b") != key

    def test_all_who_race_for_the_key_get_the_same(self, tmp_path: Path) -> None:
        folder = tmp_path / "new"
        barrier = threading.Barrier(8)
        keys: list[bytes] = []

        def prepare() -> None:
            barrier.wait()
            keys.append(prepare_folder(folder))

        threads = [threading.Thread(target=prepare) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(keys) == 8
        assert len(set(keys)) == 1
        assert [path.name for path in folder.iterdir()] == [".fingerprint-key"]

    def test_damaged_key_is_told_and_not_used(self, tmp_path: Path) -> None:
        prepare_folder(tmp_path / "a")
        (tmp_path / "a/.fingerprint-key").write_bytes(b"short")

        with pytest.raises(CaptureFolderError, match=r"5 bytes instead of 32.*remove"):
            prepare_folder(tmp_path / "a")

    def test_file_in_the_way_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "x").touch()

        with pytest.raises(CaptureFolderError, match="is a file; captures need a folder"):
            prepare_folder(tmp_path / "x")
        with pytest.raises(CaptureFolderError, match=r"cannot make .*: Not a directory"):
            prepare_folder(tmp_path / "x" / "y")

    @pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
    def test_folder_that_others_can_write_in_is_refused(self, tmp_path: Path, mode: int) -> None:
        tmp_path.chmod(mode)

        with pytest.raises(CaptureFolderError, match=f"mode {mode:04o}.*run chmod 700"):
            prepare_folder(tmp_path)

    @pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
    def test_folder_that_cannot_be_written_in_is_told(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)

        with pytest.raises(CaptureFolderError, match=r"cannot write in .*: Permission denied"):
            prepare_folder(tmp_path)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give a folder away")
    def test_folder_of_another_user_is_refused(self, tmp_path: Path) -> None:
        os.chown(tmp_path, 12345, -1)

        with pytest.raises(CaptureFolderError, match="belongs to another user"):
            prepare_folder(tmp_path)

    def test_failed_key_leaves_nothing_behind(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(source: Path, target: Path) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", refuse)

        with pytest.raises(CaptureFolderError, match=r"cannot write in .*: Operation not perm"):
            prepare_folder(tmp_path / "new")
        assert list((tmp_path / "new").iterdir()) == []
