"""What the writer does when the disk takes its files away, runs full or stops confirming."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from captures import capture_file, segment, writer
from captures.loading import load
from captures.quota import Limits
from captures.records import End, Gap, Head, Note
from captures.store import captures_in, read
from tests.captures.failing_disk import FailingDisk
from tests.captures.recording import MakeWriter, begin, chunk, chunk_numbers, end, gaps_in
from tests.captures.waiting import wait_until


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "SYNC_SECONDS", 0.01)
    monkeypatch.setattr(capture_file, "RETRY_SECONDS", 0.01)


def accounted(path: Path) -> list[int]:
    """Sequence numbers that are there or declared lost, in file order."""
    numbers: list[int] = []
    for record in list(read(path))[1:]:
        match record:
            case Gap(first=first, last=last):
                numbers += range(first, last + 1)
            case Head() | Note() | End():
                numbers.append(record.seq)
            case _:
                numbers.append(getattr(record, "seq", -1))
    return numbers


def delete_file(path: Path) -> None:
    path.unlink()


def delete_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


@pytest.mark.parametrize("delete", [delete_file, delete_folder], ids=["F71-file", "F71-folder"])
def test_deleted_capture_is_made_anew_and_the_loss_is_exact(
    make_writer: MakeWriter, delete: Callable[[Path], None]
) -> None:
    target = make_writer()
    recording = begin(target)
    recording.request_chunk(0.0, b"ask")
    recording.head(0.1, "1.1", 200, "OK", (("content-type", "text/event-stream"),))
    for _ in range(20):
        chunk(recording)
    wait_until(lambda: target.status().queued_records == 0)
    delete(recording.path)
    wait_until(lambda: target.status().lost_records == 21)
    wait_until(recording.path.exists)
    for _ in range(5):
        chunk(recording)
    end(recording)

    status = target.close()

    assert accounted(recording.path) == list(range(1, 29))
    assert [(gap.first, gap.last, gap.size) for gap in gaps_in(recording.path)] == [
        (1, 1, 3),
        (3, 22, 200),
    ]
    assert chunk_numbers(recording.path) == list(range(23, 28))
    assert (status.lost_records, status.lost_bytes) == (21, 203)
    assert status.failure == f"{recording.path}: deleted while it was written"
    exchange = load(recording.path)
    assert exchange.is_stream
    assert [finding.rule.code for finding in exchange.findings] == ["NET004", "NET004"]


def test_capture_deleted_just_before_its_end_is_made_anew_as_well(
    make_writer: MakeWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "SYNC_SECONDS", 3600.0)
    target = make_writer()
    recording = begin(target)
    chunk(recording)
    wait_until(lambda: target.status().queued_records == 0)
    recording.path.unlink()
    end(recording)

    status = target.close()

    assert accounted(recording.path) == [1, 2]
    assert (status.lost_records, status.lost_bytes) == (1, 10)


def test_quota_stops_capturing_with_a_note_and_counts_the_rest(make_writer: MakeWriter) -> None:
    target = make_writer(limits=Limits(session_size=1000, reserve_size=0))
    recording = begin(target)
    while not target.quota.reached:
        chunk(recording)
        wait_until(lambda: target.status().queued_records == 0)
    kept = len(chunk_numbers(recording.path))
    for _ in range(7):
        chunk(recording)
    end(recording)
    late = begin(target)
    late.head(0.1, "1.1", 200, "OK", ())
    chunk(late)
    end(late)

    status = target.close()

    note, gap, last = list(read(recording.path))[-3:]
    assert note == Note(kept + 1, 1.0, "quota_reached", target.quota.reached)
    assert isinstance(gap, Gap)
    assert (gap.first, gap.last, gap.size) == (kept + 2, kept + 8, 70)
    assert gap.why == "the quota of 1,000 bytes for captures is reached"
    assert isinstance(last, End)
    assert accounted(recording.path) == list(range(1, kept + 10))
    assert captures_in(recording.path.parent) == [recording.path]
    # The other capture would have held a head, a note, a piece and its end.
    assert (status.lost_records, status.lost_bytes) == (7 + 4, 80)
    assert status.failure == gap.why


def test_low_space_stops_capturing_until_there_is_room_again(
    make_writer: MakeWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [999]
    monkeypatch.setattr(
        os, "statvfs", lambda _folder: SimpleNamespace(f_bavail=free[0], f_frsize=1)
    )
    target = make_writer(limits=Limits(reserve_size=500))
    recording = begin(target)
    chunk(recording)
    free[0] = 499
    wait_until(lambda: target.quota.reached != "")
    chunk(recording)
    free[0] = 999
    wait_until(lambda: target.quota.reached == "")
    chunk(recording)
    end(recording)

    status = target.close()

    assert chunk_numbers(recording.path) == [1, 4]
    assert accounted(recording.path) == [1, 2, 3, 4, 5]
    assert (status.lost_records, status.lost_bytes) == (1, 10)


def test_failing_sync_is_counted_and_told(
    make_writer: MakeWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdatasync", fail)
    target = make_writer()
    recording = begin(target)
    chunk(recording)
    wait_until(lambda: target.status().failed_syncs > 0)
    end(recording)

    status = target.close()

    assert not status.is_complete
    assert status.lost_records == 0
    assert status.failure == f"{recording.path}: Input/output error"


def test_what_is_recorded_after_the_writer_is_closed_is_counted(make_writer: MakeWriter) -> None:
    target = make_writer()
    recording = begin(target)
    chunk(recording)
    assert target.close().is_complete

    chunk(recording, 30)
    end(recording)
    chunk(begin(target), 5)

    status = target.status()
    assert (status.lost_records, status.lost_bytes, status.queued_records) == (3, 35, 0)
    assert status.failure == "recorded after the end"


@pytest.mark.parametrize(
    "number",
    [errno.EROFS, errno.EIO, errno.EDQUOT],
    ids=["F70-read-only", "F70-EIO", "F70-EDQUOT"],
)
def test_failing_disk_is_told_by_its_error(
    make_writer: MakeWriter, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    disk = FailingDisk(monkeypatch, number)
    target = make_writer()
    recording = begin(target)
    chunk(recording)
    wait_until(lambda: target.status().queued_records == 0)
    disk.fail()
    chunk(recording)
    wait_until(lambda: target.status().queued_records == 0)
    disk.mend()
    end(recording)

    status = target.close()

    assert accounted(recording.path) == [1, 2, 3]
    assert status.failure == f"{recording.path}: {os.strerror(number)}"
    assert (status.lost_records, status.lost_bytes) == (1, 10)


def test_f77_capture_begins_when_there_is_a_descriptor_again(
    make_writer: MakeWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, tries = segment._create, list[Path]()

    def attempt(path: Path) -> int:
        tries.append(path)
        if len(tries) < 3:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return create(path)

    monkeypatch.setattr(segment, "_create", attempt)
    target = make_writer()
    recording = begin(target)
    chunk(recording)
    wait_until(recording.path.exists)
    chunk(recording)
    end(recording)

    status = target.close()

    assert accounted(recording.path) == [1, 2, 3]
    assert (status.lost_records, status.lost_bytes) == (1, 10)
    assert "Too many open files" in status.failure


def test_f68_slow_disk_loses_what_the_queue_cannot_hold_and_tells_it_exactly(
    make_writer: MakeWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MAX_QUEUED_BYTES", 2000)
    write, gate = os.write, [0]

    def slowly(descriptor: int, data: memoryview) -> int:
        gate[0] += 1
        wait_until(lambda: sent[0] >= gate[0] * 20 or sent[0] == 2000)
        return write(descriptor, data[:500])

    sent = [0]
    monkeypatch.setattr(os, "write", slowly)
    target = make_writer()
    recording = begin(target)
    for number in range(2000):
        chunk(recording)
        sent[0] = number + 1
    end(recording)

    status = target.close(seconds=20)

    assert accounted(recording.path) == list(range(1, 2002))
    kept = len(chunk_numbers(recording.path))
    assert status.lost_records == 2000 - kept > 0
    assert sum(gap.size for gap in gaps_in(recording.path)) == status.lost_bytes
