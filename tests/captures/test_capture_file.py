from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from captures import capture_file
from captures.capture_file import RETRY_SECONDS, CaptureFile
from captures.losses import Losses
from captures.record_lines import encode, encode_request
from captures.records import Chunk, Damage, End, Gap, Note, Record, Request, RequestChunk
from captures.store import read
from tests.captures.by_hand import a_head, a_request, an_end
from tests.captures.failing_disk import FailingDisk, write_half


@pytest.fixture
def losses() -> Losses:
    return Losses()


@pytest.fixture
def file(tmp_path: Path, losses: Losses) -> Iterator[CaptureFile]:
    file = CaptureFile(tmp_path / "one.jsonl", encode_request(a_request()), losses)
    yield file
    file.close()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FailingDisk:
    return FailingDisk(monkeypatch)


def chunk(seq: int, size: int = 10) -> Chunk:
    return Chunk(seq, seq / 10, b"x" * size)


def recorded(file: CaptureFile) -> list[Record | Damage]:
    request, *records = read(file.path)
    assert isinstance(request, Request)
    return [record for record in records if not isinstance(record, Request)]


def accounted(records: list[Record | Damage]) -> list[int]:
    """Sequence numbers of the records that are there or declared lost, in file order."""
    numbers: list[int] = []
    for record in records:
        assert not isinstance(record, Damage)
        numbers += range(record.first, record.last + 1) if isinstance(record, Gap) else [record.seq]
    return numbers


def test_file_holds_the_header_and_the_records_as_they_come(file: CaptureFile) -> None:
    file.append([], now=0.0)
    assert file.path.read_bytes() == encode_request(a_request())

    file.append([chunk(1), chunk(2)], now=0.1)
    assert file.path.read_bytes() == encode_request(a_request()) + encode(chunk(1)) + encode(
        chunk(2)
    )


def test_nothing_is_made_before_something_is_appended(file: CaptureFile) -> None:
    assert not file.path.exists()
    assert not file.is_settled


def test_file_is_readable_by_its_owner_alone_whatever_the_umask(file: CaptureFile) -> None:
    before = os.umask(0)
    try:
        file.append([], now=0.0)
    finally:
        os.umask(before)

    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["file", "link", "dangling link", "fifo", "folder"])
def test_what_is_in_the_way_stays_untouched(
    file: CaptureFile, losses: Losses, tmp_path: Path, kind: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    match kind:
        case "file":
            file.path.write_text("precious")
        case "link":
            file.path.symlink_to(victim)
        case "dangling link":
            file.path.symlink_to(tmp_path / "nowhere")
        case "fifo":
            os.mkfifo(file.path)
        case _:
            file.path.mkdir()
    before = file.path.lstat()

    file.append([chunk(1)], now=0.0)

    assert file.path.lstat() == before
    assert victim.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()
    assert losses.why == f"{file.path}: File exists"
    assert (losses.records, losses.size) == (1, 10)


def test_capture_begins_late_when_its_folder_could_not_be_synced_at_first(
    file: CaptureFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)
        file.append([a_head()], now=0.0)
    assert not file.path.exists()

    assert file.settle(now=RETRY_SECONDS)
    assert recorded(file) == [a_head()]


@pytest.mark.parametrize("room", [0, 1, 30, 100])
def test_full_disk_leaves_an_exact_gap_and_no_torn_line(
    file: CaptureFile, losses: Losses, disk: FailingDisk, room: int
) -> None:
    file.append([chunk(1), chunk(2)], now=0.0)
    disk.fail(room)
    file.append([chunk(3), chunk(4, 100)], now=0.1)
    file.append([chunk(5)], now=0.2)
    assert [record.seq for record in recorded(file) if not isinstance(record, Damage)] == [1, 2]

    disk.mend()
    file.append([chunk(6)], now=0.1 + RETRY_SECONDS)

    gap = recorded(file)[2]
    assert isinstance(gap, Gap)
    assert (gap.first, gap.last, gap.size) == (3, 5, 120)
    assert gap.why == f"{file.path}: No space left on device"
    assert accounted(recorded(file)) == [1, 2, 3, 4, 5, 6]
    assert (losses.records, losses.size) == (3, 120)


def test_failing_disk_is_tried_again_after_a_pause_and_not_before(
    file: CaptureFile, disk: FailingDisk
) -> None:
    disk.fail()
    for tenth in range(10):
        file.append([chunk(tenth + 1)], now=tenth / 10)
    assert disk.failures == 1

    file.append([chunk(11)], now=RETRY_SECONDS)
    assert disk.failures == 2


def test_small_records_wait_for_the_disk_and_come_in_their_order(
    file: CaptureFile, losses: Losses, disk: FailingDisk
) -> None:
    disk.fail()
    sent: list[Record] = [
        RequestChunk(1, 0.0, b"ask"),
        replace(a_head(), seq=2),
        chunk(3),
        Note(4, 0.4, "a", "b"),
        chunk(5),
        chunk(6),
    ]
    file.append(sent, now=0.0)
    file.append([replace(an_end(), seq=7)], now=0.1)
    assert not file.settle(now=0.2)

    disk.mend()
    assert file.settle(now=RETRY_SECONDS)

    records = recorded(file)
    assert accounted(records) == [1, 2, 3, 4, 5, 6, 7]
    assert [type(record).__name__ for record in records] == [
        "Gap",
        "Head",
        "Gap",
        "Note",
        "Gap",
        "End",
    ]
    assert [record.size for record in records if isinstance(record, Gap)] == [3, 10, 20]
    assert losses.records == 4


def test_waiting_records_are_bounded_and_the_end_is_kept_all_the_same(
    file: CaptureFile, losses: Losses, disk: FailingDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture_file, "MAX_WAITING_LINES", 3)
    disk.fail()
    file.append([Note(seq, 0.0, "a", "b") for seq in range(1, 11)], now=0.0)
    file.append([replace(an_end(), seq=11)], now=0.1)

    disk.mend()
    assert file.settle(now=RETRY_SECONDS)

    records = recorded(file)
    assert accounted(records) == list(range(1, 12))
    assert isinstance(records[-1], End)
    assert len(records) == 5
    assert (losses.records, losses.size) == (7, 0)


def test_gap_of_the_queue_is_not_counted_again_when_the_disk_fails_too(
    file: CaptureFile, losses: Losses, disk: FailingDisk
) -> None:
    disk.fail()
    file.append([chunk(1), Gap(4, 0.4, 2, 4, 300, "queue full"), chunk(5)], now=0.0)

    disk.mend()
    file.append([chunk(6)], now=RETRY_SECONDS)

    gap = recorded(file)[0]
    assert isinstance(gap, Gap)
    assert (gap.first, gap.last, gap.size) == (1, 5, 320)
    assert (losses.records, losses.size) == (2, 20)


def test_what_still_waits_when_the_file_closes_is_counted(
    file: CaptureFile, losses: Losses, disk: FailingDisk
) -> None:
    disk.fail()
    file.append([a_head(), chunk(2), an_end()], now=0.0)

    file.close()

    assert (losses.records, losses.size) == (3, 10)


def test_short_writes_are_completed(file: CaptureFile, monkeypatch: pytest.MonkeyPatch) -> None:
    write_half(monkeypatch)

    file.append([chunk(seq, 1000) for seq in range(1, 20)], now=0.0)

    assert recorded(file) == [chunk(seq, 1000) for seq in range(1, 20)]


def test_sync_asks_the_disk_only_when_there_is_something_new(
    file: CaptureFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(os, "fdatasync", asked.append)
    file.append([chunk(1)], now=0.0)

    file.sync(now=0.0)
    file.sync(now=0.0)

    assert len(asked) == 1
