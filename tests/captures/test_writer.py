from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from captures import writer
from captures.records import Boundary, Chunk, End, Ending, Head, Note, Request, RequestChunk
from captures.store import Follower, captures_in, read
from tests.captures.by_hand import tally
from tests.captures.failing_disk import FailingDisk, HungDisk
from tests.captures.recording import (
    MakeWriter,
    begin,
    chunk,
    chunk_numbers,
    end,
    gaps_in,
    line_count,
)
from tests.captures.waiting import wait_until


@pytest.fixture
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Sets a limit of the queue; how many chunks of ten bytes it lets in."""
    limit, value, chunk_count = request.param
    monkeypatch.setattr(writer, limit, value)
    return int(chunk_count)


def test_everything_recorded_is_in_the_file(make_writer: MakeWriter) -> None:
    target = make_writer()
    recording = begin(target)
    recording.request_chunk(0.1, b"ask")
    recording.note(0.2, "retried", "once")
    recording.head(0.3, "1.1", 200, "OK", (("a", "b"),))
    recording.chunk(0.4, b"answer", Boundary.READ)
    end(recording)

    status = target.close()

    request, *records = read(recording.path)
    assert isinstance(request, Request)
    assert (request.id, request.path) == (recording.id, "/v1/messages")
    assert records == [
        RequestChunk(1, 0.1, b"ask"),
        Note(2, 0.2, "retried", "once"),
        Head(3, 0.3, "1.1", 200, "OK", (("a", "b"),)),
        Chunk(4, 0.4, b"answer", Boundary.READ),
        End(5, 9.0, Ending.COMPLETE, "", tally(b"up"), tally(b"up")),
    ]
    assert (status.queued_records, status.queued_bytes) == (0, 0)
    assert (status.lost_records, status.lost_bytes, status.failure) == (0, 0, "")


def test_name_is_the_time_a_run_and_a_count_and_nothing_a_peer_sent(
    make_writer: MakeWriter, tmp_path: Path
) -> None:
    target = make_writer()

    first, second = begin(target, path="/../../etc/passwd"), begin(target)

    assert re.fullmatch(r"20260301T120000\.007Z-[0-9a-f]{6}-000001", first.id)
    assert second.id.endswith("-000002")
    assert first.path == tmp_path / f"{first.id}.jsonl"


def test_started_is_utc_with_milliseconds(make_writer: MakeWriter) -> None:
    target = make_writer()
    recording = begin(target)
    target.close()

    [request] = read(recording.path)

    assert isinstance(request, Request)
    assert request.started == "2026-03-01T12:00:00.007Z"


def test_capture_is_on_disk_while_the_exchange_runs(make_writer: MakeWriter) -> None:
    recording = begin(make_writer())
    recording.head(0.3, "1.1", 200, "OK", ())

    wait_until(lambda: line_count(recording) == 2)
    chunk(recording)
    wait_until(lambda: chunk_numbers(recording.path) == [2])


def test_many_recordings_at_once_are_each_whole(make_writer: MakeWriter, tmp_path: Path) -> None:
    target = make_writer()
    recordings = [begin(target) for _ in range(40)]
    for number in range(50):
        for recording in recordings:
            recording.chunk(float(number), f"{recording.id} {number}".encode(), Boundary.CHUNK)
    for recording in recordings:
        end(recording)

    target.close()

    assert captures_in(tmp_path) == sorted(recording.path for recording in recordings)
    for recording in recordings:
        data = [record.data for record in read(recording.path) if isinstance(record, Chunk)]
        assert data == [f"{recording.id} {number}".encode() for number in range(50)]


def test_capture_is_let_go_of_when_it_ends_and_not_before(make_writer: MakeWriter) -> None:
    target = make_writer()
    recording = begin(target)
    wait_until(lambda: line_count(recording) == 1)
    with Follower(recording.path) as follower:
        assert follower.is_being_written()

        end(recording)

        wait_until(lambda: not follower.is_being_written())


def test_recording_without_an_end_is_closed_without_one(make_writer: MakeWriter) -> None:
    target = make_writer()
    recording = begin(target)
    chunk(recording)

    target.close()

    assert [type(record) for record in read(recording.path)] == [Request, Chunk]


def test_full_disk_is_an_exact_gap_and_the_recording_goes_on(
    make_writer: MakeWriter, disk: FailingDisk
) -> None:
    target = make_writer()
    recording = begin(target)
    for _ in range(20):
        chunk(recording)
    wait_until(lambda: target.status().queued_records == 0)
    disk.fail(room=25)
    for _ in range(20):
        chunk(recording)
    wait_until(lambda: target.status().queued_records == 0)
    disk.mend()
    wait_until(lambda: gaps_in(recording.path) != [])
    for _ in range(20):
        chunk(recording)
    end(recording)

    status = target.close()

    [gap] = gaps_in(recording.path)
    assert (gap.first, gap.last, gap.size) == (21, 40, 200)
    assert chunk_numbers(recording.path) == [*range(1, 21), *range(41, 61)]
    assert isinstance(list(read(recording.path))[-1], End)
    assert (status.lost_records, status.lost_bytes) == (20, 200)
    assert status.failure == f"{recording.path}: No space left on device"


def test_ended_recording_waits_for_the_disk_and_closes_when_it_works_again(
    make_writer: MakeWriter, disk: FailingDisk
) -> None:
    target = make_writer()
    disk.fail()
    recording = begin(target)
    end(recording)
    wait_until(lambda: disk.failures > 2)

    disk.mend()

    wait_until(lambda: line_count(recording) == 2)
    assert target.close().lost_records == 0


def test_close_counts_what_a_full_disk_never_took(
    make_writer: MakeWriter, disk: FailingDisk
) -> None:
    target = make_writer()
    disk.fail()
    recording = begin(target)
    recording.head(0.1, "1.1", 200, "OK", ())
    chunk(recording, 100)
    end(recording)

    status = target.close()

    assert (status.queued_records, status.lost_records, status.lost_bytes) == (0, 3, 100)


def test_full_disk_of_one_capture_leaves_the_others_alone(
    make_writer: MakeWriter, tmp_path: Path
) -> None:
    target = make_writer()
    broken = begin(target)
    broken_path = broken.path
    wait_until(broken_path.exists)
    blocked = tmp_path / f"{broken.id[:-1]}2.jsonl"
    blocked.mkdir()
    lost, healthy = begin(target), begin(target)
    assert lost.path == blocked

    for recording in (lost, healthy):
        chunk(recording)
        end(recording)
    status = target.close()

    assert chunk_numbers(healthy.path) == [1]
    assert (status.lost_records, status.lost_bytes) == (2, 10)


class TestHungDisk:
    def test_recording_methods_return_and_nothing_is_lost_when_it_answers_again(
        self, make_writer: MakeWriter, hung_disk: HungDisk
    ) -> None:
        hung_disk.hang()
        target = make_writer()
        recording = begin(target)
        assert hung_disk.is_hung.wait(20)

        for _ in range(500):
            chunk(recording)
        end(recording)
        assert (target.status().queued_records, target.status().queued_bytes) == (501, 5000)

        hung_disk.release()
        assert target.close().lost_records == 0
        assert chunk_numbers(recording.path) == list(range(1, 501))

    def test_what_is_being_written_still_counts_as_queued(
        self, make_writer: MakeWriter, hung_disk: HungDisk
    ) -> None:
        target = make_writer()
        recording = begin(target)
        wait_until(lambda: line_count(recording) == 1)
        hung_disk.hang()
        chunk(recording, 7)
        assert hung_disk.is_hung.wait(20)
        end(recording)

        status = target.close(seconds=0.01)

        assert (status.queued_records, status.queued_bytes) == (2, 7)

    @pytest.mark.parametrize(
        "kept",
        [
            ("MAX_QUEUED_BYTES", 100, 10),
            ("MAX_QUEUED_BYTES_A_CAPTURE", 50, 5),
            ("MAX_QUEUED_RECORDS", 8, 8),
        ],
        indirect=True,
    )
    def test_queue_is_bounded_and_what_it_drops_is_an_exact_gap(
        self, make_writer: MakeWriter, hung_disk: HungDisk, kept: int
    ) -> None:
        hung_disk.hang()
        target = make_writer()
        recording = begin(target)
        assert hung_disk.is_hung.wait(20)

        for _ in range(30):
            chunk(recording)
        end(recording)
        status = target.status()
        hung_disk.release()
        target.close()

        lost = 30 - kept
        assert (status.lost_records, status.lost_bytes) == (lost, lost * 10)
        assert status.failure == "queue full"
        assert chunk_numbers(recording.path) == list(range(1, kept + 1))
        [gap] = gaps_in(recording.path)
        assert (gap.first, gap.last, gap.size) == (kept + 1, 30, lost * 10)
        assert gap.why == "queue full"
        assert isinstance(list(read(recording.path))[-1], End)

    def test_recording_goes_on_after_the_queue_was_full(
        self, make_writer: MakeWriter, hung_disk: HungDisk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer, "MAX_QUEUED_BYTES", 20)
        hung_disk.hang()
        target = make_writer()
        recording = begin(target)
        assert hung_disk.is_hung.wait(20)
        for _ in range(3):
            chunk(recording)
        hung_disk.release()
        wait_until(lambda: target.status().queued_bytes == 0)

        chunk(recording)
        target.close()

        assert chunk_numbers(recording.path) == [1, 2, 4]
        [gap] = gaps_in(recording.path)
        assert (gap.first, gap.last, gap.size) == (3, 3, 10)

    def test_flood_of_one_capture_leaves_room_for_another(
        self, make_writer: MakeWriter, hung_disk: HungDisk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer, "MAX_QUEUED_BYTES_A_CAPTURE", 50)
        hung_disk.hang()
        target = make_writer()
        flood, other = begin(target), begin(target)
        assert hung_disk.is_hung.wait(20)
        for _ in range(30):
            chunk(flood)

        chunk(other)
        hung_disk.release()
        target.close()

        assert chunk_numbers(other.path) == [1]
        assert gaps_in(other.path) == []


def test_thread_ends_when_the_writer_is_closed(make_writer: MakeWriter) -> None:
    before = threading.active_count()
    target = make_writer()
    assert threading.active_count() == before + 1

    target.close()

    assert threading.active_count() == before
