"""What lies in a capture folder, and taking captures out of it."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from captures.folder import EMPTY_IS_OVER_SECONDS, CaptureFolder, Survey
from captures.prune import Entry
from captures.store import CaptureFolderError, segment_path
from captures.writer import Writer
from tests.captures.small_capture import SMALL_CAPTURE
from tests.captures.waiting import wait_until

NOW = 2_000_000_000.0
FIRST = "20260301T120000.250Z-4f1d02-000001"
SECOND = "20260301T120000.250Z-4f1d02-000002"


def put(folder: Path, *names: str, data: bytes = SMALL_CAPTURE) -> None:
    for name in names:
        (folder / name).write_bytes(data)


def survey(folder: Path, now: float = NOW) -> Survey:
    with CaptureFolder(folder) as opened:
        return opened.survey(now)


def only(folder: Path) -> Entry:
    (entry,) = survey(folder).entries
    return entry


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[CaptureFolder]:
    with CaptureFolder(tmp_path) as folder:
        yield folder


def test_a_capture_is_its_segments_and_every_file_that_bears_its_id(tmp_path: Path) -> None:
    mine = [f"{FIRST}.jsonl", *(f"{FIRST}.jsonl.{number}" for number in range(2, 12))]
    beside = [f"{FIRST}.sse", f"{FIRST}.jsonl.notes", f".{FIRST}.jsonl.0123456789ab"]
    put(tmp_path, *mine, *beside, f"{SECOND}.jsonl", f"{SECOND}.jsonl.2")
    first, second = survey(tmp_path).entries
    assert sorted(first.files) == sorted([*mine, *beside])
    assert first.size == len(SMALL_CAPTURE) * len(first.files)
    in_order = [file for file in first.files if file in mine]
    assert in_order == mine
    assert second.files == (f"{SECOND}.jsonl", f"{SECOND}.jsonl.2")


def test_one_capture_is_looked_up_by_its_file(tmp_path: Path, opened: CaptureFolder) -> None:
    put(tmp_path, f"{FIRST}.jsonl", f"{FIRST}.jsonl.2", f"{SECOND}.jsonl")
    put(tmp_path, "foreign.jsonl", data=b"{}")
    entry = opened.entry(f"{FIRST}.jsonl", NOW)
    assert entry is not None
    assert entry == survey(tmp_path).entries[0]
    for name in ("foreign.jsonl", f"{FIRST}.jsonl.2", "missing.jsonl"):
        assert opened.entry(name, NOW) is None


def test_of_a_name_of_ones_own_only_what_goes_on_from_the_whole_name_belongs(
    tmp_path: Path,
) -> None:
    put(tmp_path, "mine.jsonl", "mine.jsonl.2", "mine.txt", "mine", "mine.more.jsonl")
    assert [entry.files for entry in survey(tmp_path).entries] == [
        ("mine.jsonl", "mine.jsonl.2"),
        ("mine.more.jsonl",),
    ]


def test_the_time_is_that_of_the_id_and_of_the_newest_file_elsewhere(tmp_path: Path) -> None:
    put(
        tmp_path, f"{FIRST}.jsonl", f"{FIRST}.jsonl.2", "mine.jsonl", "20269901T120000.250Z-a.jsonl"
    )
    for name, time in ((f"{FIRST}.jsonl", 100), (f"{FIRST}.jsonl.2", 300), ("mine.jsonl", 200)):
        os.utime(tmp_path / name, (time, time))
    first, _, mine = survey(tmp_path).entries
    assert first.began == datetime(2026, 3, 1, 12, 0, 0, 250_000, UTC).timestamp()
    assert (first.changed, mine.began, mine.changed) == (300, 200, 200)


def test_nothing_but_captures_is_taken_for_one(tmp_path: Path) -> None:
    put(tmp_path, "data.jsonl", f"{FIRST}.jsonl", data=b'{"rows": 1}\n')
    put(tmp_path, "empty.jsonl", data=b"")
    put(tmp_path, ".fingerprint-key", "notes.txt", "data.jsonl.2", "other.jsonl.2")
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "notes.txt")
    os.mkfifo(tmp_path / "fifo.jsonl")
    found = survey(tmp_path)
    assert found.entries == ()
    assert sorted(found.foreign) == [f"{FIRST}.jsonl", "data.jsonl", "empty.jsonl"]


def test_what_a_full_disk_left_of_a_capture_is_one_once_it_is_surely_over(tmp_path: Path) -> None:
    put(tmp_path, f"{FIRST}.jsonl", f"{SECOND}.jsonl.2", data=b"")
    changed = (tmp_path / f"{FIRST}.jsonl").stat().st_mtime
    assert survey(tmp_path, changed).entries == ()
    entries = survey(tmp_path, changed + EMPTY_IS_OVER_SECONDS + 1).entries
    assert [entry.files[0] for entry in entries] == [f"{FIRST}.jsonl", f"{SECOND}.jsonl.2"]


def test_a_capture_that_is_being_recorded_is_running_until_its_end(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    recording = writer.record(upstream="u", method="GET", path="/", version="1.1", headers=())
    recording.head(0.1, "1.1", 200, "OK", ())
    wait_until(lambda: recording.path.exists() and recording.path.stat().st_size > 0)
    assert only(tmp_path).running
    writer.close()
    assert not only(tmp_path).running


def test_what_is_removed_is_gone_with_its_bytes_and_nothing_else(
    tmp_path: Path, opened: CaptureFolder
) -> None:
    put(tmp_path, f"{FIRST}.jsonl", f"{FIRST}.jsonl.2", f"{FIRST}.sse")
    entry = only(tmp_path)
    put(tmp_path, f"{SECOND}.jsonl", "notes.txt")
    removal = opened.remove(entry)
    assert (sorted(removal.files), removal.freed) == (sorted(entry.files), entry.size)
    assert (removal.left_because, removal.failed) == ("", False)
    assert left(tmp_path) == [f"{SECOND}.jsonl", "notes.txt"]


@pytest.mark.parametrize("number", [1, 2])
def test_a_recorder_that_begins_after_the_listing_keeps_every_file(
    number: int, tmp_path: Path, opened: CaptureFolder
) -> None:
    path = tmp_path / f"{FIRST}.jsonl"
    put(tmp_path, path.name, f"{path.name}.2", f"{FIRST}.sse")
    entry = only(tmp_path)
    with segment_path(path, number).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        removal = opened.remove(entry)
        assert (removal.files, removal.freed) == ((), 0)
        assert (removal.left_because, removal.failed) == ("it is being recorded", False)
    assert len(left(tmp_path)) == 3
    assert len(opened.remove(entry).files) == 3


def test_the_locks_are_let_go_of(tmp_path: Path, opened: CaptureFolder) -> None:
    put(tmp_path, f"{FIRST}.jsonl")
    entry = only(tmp_path)
    with (tmp_path / f"{FIRST}.jsonl").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert opened.remove(entry).left_because
        fcntl.flock(file, fcntl.LOCK_UN)
        assert opened.remove(entry).files
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("name", [f"{FIRST}.jsonl", f"{FIRST}.jsonl.2", f"{FIRST}.sse"])
@pytest.mark.parametrize("what", ["link", "folder", "fifo"])
def test_what_was_put_in_the_place_of_a_file_stays(
    what: str, name: str, tmp_path: Path, opened: CaptureFolder
) -> None:
    victim, replaced = tmp_path / "victim", tmp_path / name
    put(tmp_path, f"{FIRST}.jsonl", f"{FIRST}.jsonl.2", f"{FIRST}.sse", victim.name)
    entry = only(tmp_path)
    replaced.unlink()
    match what:
        case "link":
            replaced.symlink_to(victim)
        case "folder":
            replaced.mkdir()
        case _:
            os.mkfifo(replaced)
    assert name not in opened.remove(entry).files
    assert victim.read_bytes() == SMALL_CAPTURE
    assert left(tmp_path) == sorted([name, victim.name])


def test_a_file_that_takes_the_place_of_the_one_that_was_locked_stays(
    tmp_path: Path, opened: CaptureFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, f"{FIRST}.jsonl")
    entry = only(tmp_path)
    lock = fcntl.flock

    def lock_and_replace(descriptor: int, how: int) -> None:
        lock(descriptor, how)
        (tmp_path / f"{FIRST}.jsonl").unlink()
        put(tmp_path, f"{FIRST}.jsonl", data=b"new")

    monkeypatch.setattr(fcntl, "flock", lock_and_replace)
    assert opened.remove(entry).files == ()
    assert (tmp_path / f"{FIRST}.jsonl").read_bytes() == b"new"


def test_a_file_that_is_no_capture_any_more_stays(tmp_path: Path, opened: CaptureFolder) -> None:
    put(tmp_path, f"{FIRST}.jsonl")
    entry = only(tmp_path)
    put(tmp_path, f"{FIRST}.jsonl", data=b"something else\n")
    assert opened.remove(entry).files == ()
    assert left(tmp_path) == [f"{FIRST}.jsonl"]


def test_a_folder_that_is_replaced_by_a_link_leads_nowhere(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    put(folder, f"{FIRST}.jsonl")
    put(elsewhere, f"{FIRST}.jsonl")
    with CaptureFolder(folder) as opened:
        (entry,) = opened.survey(NOW).entries
        folder.rename(tmp_path / "moved")
        folder.symlink_to(elsewhere)
        assert opened.remove(entry).files
    assert left(tmp_path / "moved") == []
    assert left(elsewhere) == [f"{FIRST}.jsonl"]


def test_what_has_vanished_is_told_and_no_failure(tmp_path: Path, opened: CaptureFolder) -> None:
    put(tmp_path, f"{FIRST}.jsonl")
    entry = only(tmp_path)
    (tmp_path / f"{FIRST}.jsonl").unlink()
    removal = opened.remove(entry)
    assert (removal.left_because, removal.failed) == ("it has vanished meanwhile", False)


def test_a_refusal_is_told_with_what_was_done_before(
    tmp_path: Path, opened: CaptureFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, f"{FIRST}.jsonl", f"{FIRST}.jsonl.2")
    entry = only(tmp_path)
    unlink = os.unlink

    def refuse(name: str, *, dir_fd: int) -> None:
        if name == f"{FIRST}.jsonl":
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        unlink(name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", refuse)
    removal = opened.remove(entry)
    assert (removal.left_because, removal.failed) == ("Permission denied", True)
    assert (removal.files, removal.freed) == ((f"{FIRST}.jsonl.2",), len(SMALL_CAPTURE))
    assert left(tmp_path) == [f"{FIRST}.jsonl"]


def test_a_file_that_cannot_be_looked_at_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, f"{FIRST}.jsonl", f"{SECOND}.jsonl")
    lock = fcntl.flock
    seen: list[int] = []

    def refuse_once(descriptor: int, how: int) -> None:
        seen.append(how)
        if len(seen) == 1:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", refuse_once)
    found = survey(tmp_path)
    assert found.unreadable == ((f"{FIRST}.jsonl", "No locks available"),)
    assert [entry.name for entry in found.entries] == [SECOND]


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name, why in (("nowhere", "No such file"), ("file", "Not a directory")):
        with pytest.raises(CaptureFolderError, match=f"cannot list .*{name}: {why}"):
            CaptureFolder(tmp_path / name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give a folder away")
def test_a_folder_of_another_user_is_not_ones_own(tmp_path: Path) -> None:
    with CaptureFolder(tmp_path) as folder:
        folder.require_own()
        os.chown(tmp_path, 12345, -1)
        with pytest.raises(CaptureFolderError, match="belongs to another user"):
            folder.require_own()
