from __future__ import annotations

import errno
import gzip
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from captures import store
from captures.capture_file import CaptureFile
from captures.findings.network import CAPTURE_DAMAGED
from captures.loading import load
from captures.record_lines import encode
from captures.records import Chunk, Damage, Note, Record, Request, Unknown
from captures.store import CaptureError, Follower, read, segments_of
from tests.captures.by_hand import a_head, a_request
from tests.captures.small_capture import END, HEADER, RECORDS, SMALL_CAPTURE, Put
from tests.captures.waiting import wait_until

RECORD_FOR_EVER = """
import sys, threading
from pathlib import Path
from captures.records import Boundary
from captures.writer import Writer

recording = Writer(Path(sys.argv[1])).record(
    upstream="https://api.example.com", method="GET", path="/", version="1.1", headers=()
)
recording.chunk(1.0, b"data: x", Boundary.CHUNK)
print(recording.path, flush=True)
threading.Event().wait()
"""


def records_of(path: Path) -> list[Record | Damage]:
    request, *records = read(path)
    assert request == a_request()
    return [record for record in records if not isinstance(record, Request)]


def poll_to_the_end(follower: Follower, size: int) -> list[Record | Damage]:
    found: list[Record | Damage] = []
    while not follower.at_end():
        found += follower.poll(size)
    return found


class TestReading:
    def test_capture_reads_whole(self, put: Put) -> None:
        assert records_of(put(SMALL_CAPTURE)) == [*RECORDS, END]

    def test_prefix_without_a_whole_header_is_no_capture(self, put: Put) -> None:
        for size in range(len(HEADER)):
            path = put(SMALL_CAPTURE[:size])
            with pytest.raises(CaptureError, match=r"is empty|hold no whole line"):
                list(read(path))

    def test_any_other_prefix_reads_as_far_as_it_goes(self, put: Put) -> None:
        for size in range(len(HEADER), len(SMALL_CAPTURE)):
            *whole_lines, torn = SMALL_CAPTURE[:size].split(b"\n")
            records = [*RECORDS, END][: len(whole_lines) - 1]
            why = f"a torn record of {len(torn)} bytes"
            tail = [Damage(len(whole_lines) + 1, len(torn), why)] if torn else []

            assert records_of(put(SMALL_CAPTURE[:size])) == [*records, *tail]

    def test_bad_line_concerns_itself_alone(self, put: Put) -> None:
        path = put(HEADER + b"{not json\n" + encode(RECORDS[0]) + b'[2,1,"trailer",0]\n')

        damage, *others = records_of(path)

        assert isinstance(damage, Damage)
        assert (damage.line, damage.size) == (2, 10)
        assert others == [RECORDS[0], Unknown(2, 1.0, "trailer", 0)]

    @pytest.mark.parametrize("poll_size", [1, 7, 1_000_000])
    def test_line_over_the_limit_is_passed_over_with_its_exact_size(
        self, put: Put, monkeypatch: pytest.MonkeyPatch, poll_size: int
    ) -> None:
        monkeypatch.setattr(store, "MAX_LINE_SIZE", 400)
        long_line = encode(Note(1, 0.0, "a", "x" * 1000))
        path = put(HEADER + long_line + encode(RECORDS[0]))

        with Follower(path) as follower:
            found = poll_to_the_end(follower, poll_size)

        why = f"a line of {len(long_line) - 1} bytes; the limit is 400"
        assert found == [Damage(2, len(long_line), why), RECORDS[0]]

    @pytest.mark.parametrize("poll_size", [1, 1_000_000])
    def test_first_line_over_the_limit_is_no_capture(
        self, put: Put, monkeypatch: pytest.MonkeyPatch, poll_size: int
    ) -> None:
        monkeypatch.setattr(store, "MAX_LINE_SIZE", 100)
        with Follower(put(SMALL_CAPTURE)) as follower:
            with pytest.raises(CaptureError, match="its first line is too long"):
                poll_to_the_end(follower, poll_size)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "it is empty"),
            (b"ssescope", "its 8 bytes hold no whole line"),
            (b"\x7fELF\x00\n\xff\n", "not JSON"),
            (gzip.compress(SMALL_CAPTURE * 50), "is not a capture: its"),
            (b'{"version": 2, "width": 80}\n', "its first line is not a ssescope header"),
            (b"[1,2,3]\n", "its first line is not a ssescope header"),
            (b'{"ssescope":2}\n', "it has format version 2, and this program reads 1"),
        ],
    )
    def test_other_content_is_refused_with_the_path_and_the_reason(
        self, put: Put, content: bytes, message: str
    ) -> None:
        path = put(content)
        for reader in (lambda path: list(read(path)), load):
            with pytest.raises(CaptureError) as caught:
                reader(path)
            assert str(caught.value).startswith(f"{path} is not a capture: ")
            assert message in str(caught.value)

    @pytest.mark.parametrize(
        ("kind", "message"),
        [
            ("missing", "No such file or directory"),
            ("link", "it is a link"),
            ("fifo", "is not a regular file"),
            ("folder", "is not a regular file"),
            ("socket", "cannot open"),
            ("device", "is not a regular file"),
            ("NUL in the name", "null"),
        ],
    )
    def test_other_kinds_of_path_are_refused_and_not_waited_for(
        self, tmp_path: Path, kind: str, message: str
    ) -> None:
        path = tmp_path / "x"
        match kind:
            case "link":
                (tmp_path / "real.jsonl").write_bytes(SMALL_CAPTURE)
                path.symlink_to(tmp_path / "real.jsonl")
            case "fifo":
                os.mkfifo(path)
            case "folder":
                path.mkdir()
            case "socket":
                with socket.socket(socket.AF_UNIX) as listening:
                    listening.bind(str(path))
            case "device":
                path = Path("/dev/zero")
            case "NUL in the name":
                path = tmp_path / "x\0y"
            case _:
                pass
        with pytest.raises(CaptureError, match=message):
            list(read(path))

    def test_file_that_cannot_be_read_on_is_damage_once(
        self, put: Put, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = put(SMALL_CAPTURE)
        real_read = os.read

        def fail_after_the_header(descriptor: int, size: int) -> bytes:
            if os.lseek(descriptor, 0, os.SEEK_CUR) == 0:
                return real_read(descriptor, len(HEADER))
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr(os, "read", fail_after_the_header)

        assert records_of(path) == [Damage(2, 0, "cannot be read: Input/output error")]
        assert [finding.rule for finding in load(path).findings][:1] == [CAPTURE_DAMAGED]


class TestFollowing:
    def test_records_come_as_they_are_written(self, open_file: CaptureFile) -> None:
        with Follower(open_file.path) as follower:
            assert follower.poll() == [a_head()]
            assert follower.request == a_request()
            assert follower.poll() == []

            for number in range(2, 30):
                open_file.append([Chunk(number, 1.0, b"x")], now=0.0)
                assert follower.poll() == [Chunk(number, 1.0, b"x")]
                assert follower.at_end()

    def test_half_a_line_waits_for_its_other_half(self, put: Put) -> None:
        path = put(HEADER)
        line = encode(RECORDS[0])
        with Follower(path) as follower, path.open("ab", buffering=0) as file:
            follower.poll()
            for index in range(len(line) - 1):
                file.write(line[index : index + 1])
                assert follower.poll() == []
            tail = follower.torn_tail()
            assert tail is not None
            assert tail.size == len(line) - 1

            file.write(b"\n")
            assert follower.poll() == [RECORDS[0]]
            assert follower.torn_tail() is None

    def test_poll_is_bounded(self, put: Put) -> None:
        with Follower(put(SMALL_CAPTURE)) as follower:
            follower.poll(len(HEADER) + 10)

            assert follower.request is not None
            assert not follower.at_end()

    def test_closing_twice_is_harmless(self, put: Put) -> None:
        follower = Follower(put(SMALL_CAPTURE))

        follower.close()
        follower.close()

    def test_open_capture_is_being_written_and_a_closed_one_is_not(
        self, open_file: CaptureFile
    ) -> None:
        with Follower(open_file.path) as follower:
            assert follower.is_being_written()
            assert follower.is_being_written()

            open_file.close()

            assert not follower.is_being_written()

    def test_killed_recorder_leaves_a_readable_capture_that_nobody_writes(
        self, tmp_path: Path
    ) -> None:
        recorder = subprocess.Popen(
            [sys.executable, "-c", RECORD_FOR_EVER, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        try:
            assert recorder.stdout is not None
            path = Path(recorder.stdout.readline().strip())
            wait_until(lambda: path.exists() and path.read_bytes().count(b"\n") == 2)
            assert load(path).live
        finally:
            recorder.kill()
            recorder.communicate()

        with Follower(path) as follower:
            assert not follower.is_being_written()
        exchange = load(path)
        assert exchange.interrupted
        assert exchange.body.size == 7


def test_a_capture_with_the_longest_name_there_is_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / f"{'x' * 249}.jsonl"
    path.write_bytes(SMALL_CAPTURE)
    assert segments_of(path) == [path]
    assert len(list(read(path))) == 5
    with pytest.raises(CaptureError, match="File name too long"):
        Follower(tmp_path / f"{'x' * 250}.jsonl")
