from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from captures.records import Ending
from captures.store import CaptureError, CaptureFolderError, captures_in
from captures.writer import Writer
from proxy import replay_library
from proxy.replay import serve_replay
from proxy.replay_library import Library
from proxy.replay_source import load_capture
from tests.proxy.recorded import EVENT_STREAM, Recorded, tally, write_captures
from tests.proxy.replaying import AT_ONCE, ask, library_of
from tests.proxy.wire import DEADLINE, until


class Clock:
    """Time that passes when it is told to. Mutable."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def targets(library: Library) -> list[str]:
    return [exchange.target for exchange in library.shelf.exchanges]


def test_a_folder_is_served_in_recorded_order_without_what_cannot_be(tmp_path: Path) -> None:
    first, _ = write_captures(tmp_path, Recorded(target="/1"), Recorded(target="/2"))
    (tmp_path / "notes.txt").write_text("no capture")
    (tmp_path / "broken\x1b[2J.jsonl").write_text("[]\n")
    (tmp_path / "link.jsonl").symlink_to(first)
    library = Library((tmp_path,))
    (warning,) = library.load()
    assert targets(library) == ["/1", "/2"]
    assert warning.startswith("left out: ")
    assert "broken\\x1b[2J.jsonl is not a capture" in warning


def test_files_and_folders_are_served_in_the_order_given_and_once(tmp_path: Path) -> None:
    write_captures(tmp_path / "a", Recorded(target="/1"), Recorded(target="/2"))
    (third,) = write_captures(tmp_path / "b", Recorded(target="/3"))
    (tmp_path / "b/x.sse").write_text("data: 1\n\n")
    library = Library((third, tmp_path / "a", tmp_path / "b"))
    assert library.load() == ()
    assert targets(library) == ["/3", "/1", "/2"]
    assert [stream.id for stream in library.shelf.streams] == ["x.sse"]


def test_what_cannot_be_served_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=rf"nothing that can be replayed in {tmp_path}: no"):
        library_of(tmp_path)
    with pytest.raises(CaptureError, match="missing: no such file or folder"):
        library_of(tmp_path / "missing")
    with pytest.raises(CaptureError, match="no such file or folder"):
        library_of(tmp_path / ("x" * 300))
    broken = tmp_path / "x.jsonl"
    broken.write_text("[]\n")
    with pytest.raises(CaptureError, match=r"x\.jsonl is not a capture"):
        library_of(broken)
    with pytest.raises(CaptureError, match=r"nothing that can be replayed in .*; left out: "):
        library_of(tmp_path)
    link = tmp_path / "link.sse"
    link.symlink_to(broken)
    with pytest.raises(CaptureError, match="it is a link"):
        library_of(link)


def test_one_broken_file_that_was_named_is_refused_beside_good_ones(tmp_path: Path) -> None:
    (good,) = write_captures(tmp_path, Recorded())
    (tmp_path / "x.jsonl").write_text("[]\n")
    with pytest.raises(CaptureError, match=r"x\.jsonl is not a capture"):
        Library((good, tmp_path / "x.jsonl")).load()


def test_a_library_may_be_empty_where_that_is_wanted(tmp_path: Path) -> None:
    library = Library((tmp_path,))
    assert library.load(may_be_empty=True) == ()
    assert targets(library) == []


async def test_what_comes_and_goes_is_seen_once_a_second(tmp_path: Path) -> None:
    clock = Clock()
    (first,) = write_captures(tmp_path, Recorded(target="/1"))
    library = Library((tmp_path,), clock=clock)
    library.load()
    write_captures(tmp_path, Recorded(target="/2"))
    clock.now += 0.9
    assert await library.look_again() == ()
    assert targets(library) == ["/1"]
    clock.now += 0.2
    await library.look_again()
    assert targets(library) == ["/1", "/2"]
    first.unlink()
    (tmp_path / "broken.jsonl").write_text("?")
    await library.look_again()
    assert targets(library) == ["/1", "/2"]
    (told,) = await library.look_again(at_once=True)
    assert "broken.jsonl is not a capture" in told
    assert targets(library) == ["/2"]
    assert await library.look_again(at_once=True) == ()


async def test_only_files_that_are_new_or_have_changed_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counted(path: Path, ignored: tuple[tuple[str, ...], ...]) -> object:
        read.append(path.name)
        return load_capture(path, ignored)

    monkeypatch.setattr(replay_library, "load_capture", counted)
    one, _ = write_captures(tmp_path, Recorded(target="/1"), Recorded(target="/2"))
    library = library_of(tmp_path)
    await library.look_again(at_once=True)
    assert len(read) == 2
    one.write_bytes(one.read_bytes().replace(b'"/1"', b'"/one"'))
    await library.look_again(at_once=True)
    assert read[2:] == [one.name]
    assert targets(library) == ["/one", "/2"]


async def test_nothing_is_served_of_a_folder_that_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    write_captures(folder, Recorded(target="/1"))
    library = library_of(folder)
    folder.rename(tmp_path / "elsewhere")
    assert await library.look_again(at_once=True) == ()
    assert targets(library) == []


async def test_a_folder_that_cannot_be_listed_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_captures(tmp_path, Recorded(target="/1"))
    library = library_of(tmp_path)

    def refuse(path: Path) -> None:
        raise CaptureFolderError(f"cannot list {path}: disk on fire")

    monkeypatch.setattr(replay_library, "file_states", refuse)
    assert await library.look_again(at_once=True) == (f"cannot list {tmp_path}: disk on fire",)
    assert targets(library) == ["/1"]


@contextmanager
def being_recorded(folder: Path, target: str) -> Iterator[None]:
    """A capture that ends with the block."""
    folder.mkdir(mode=0o700, exist_ok=True)
    writer = Writer(folder)
    recording = writer.record(
        upstream="https://api.example", method="POST", path=target, version="1.1", headers=()
    )
    recording.request_chunk(0.0, b"{}")
    recording.head(0.1, "1.1", 200, "", (EVENT_STREAM,))
    try:
        deadline = time.monotonic() + DEADLINE
        while not any(path.stat().st_size for path in captures_in(folder)):
            assert time.monotonic() < deadline
            time.sleep(0.001)
        yield
        recording.end(0.2, Ending.COMPLETE, "", tally([]), tally([]))
    finally:
        writer.close()


async def test_a_capture_is_served_once_it_has_ended(tmp_path: Path) -> None:
    with being_recorded(tmp_path, "/live"):
        library = library_of(tmp_path)
        assert targets(library) == []
        assert [path.suffix for path in library.unfinished] == [".jsonl"]
        await library.look_again(at_once=True)
        assert targets(library) == []
    await library.look_again(at_once=True)
    assert targets(library) == ["/live"]
    assert not library.unfinished


async def test_what_is_left_out_is_not_served(tmp_path: Path) -> None:
    one, _ = write_captures(tmp_path, Recorded(target="/1"), Recorded(target="/2"))
    library = library_of(tmp_path)
    library.leave_out(one.stem)
    await library.look_again(at_once=True)
    assert targets(library) == ["/2"]


async def test_a_running_replay_serves_what_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_library, "LOOK_SECONDS", 0.0)
    write_captures(tmp_path, Recorded((b"1st",)))
    async with serve_replay(library_of(tmp_path), manner=AT_ONCE) as server:
        assert (await ask(server.port)).body == b"1st"
        assert (await ask(server.port, "/new")).status == 404
        write_captures(tmp_path, Recorded((b"2nd",)), Recorded((b"3rd",), target="/new"))
        assert (await ask(server.port, "/new")).body == b"3rd"
        assert (await ask(server.port)).body == b"2nd"


async def test_who_has_an_answer_does_not_wait_for_new_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_library, "LOOK_SECONDS", 0.0)
    write_captures(tmp_path, Recorded((b"1st",)))
    library = library_of(tmp_path)
    read = threading.Event()

    def slow_load(*_: object) -> None:
        read.wait(DEADLINE)
        raise CaptureError("too late")

    monkeypatch.setattr(replay_library, "load_capture", slow_load)
    async with serve_replay(library, manner=AT_ONCE) as server:
        write_captures(tmp_path, Recorded((b"2nd",), target="/new"))
        missing = asyncio.create_task(ask(server.port, "/new"))
        try:
            await until(lambda: library.is_looking)
            for _ in range(2):
                assert (await ask(server.port)).body == b"1st"
        finally:
            read.set()
        assert (await missing).status == 404
