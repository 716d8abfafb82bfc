from __future__ import annotations

import os
from pathlib import Path

import pytest

from captures.exchange import Exchange
from captures.records import Boundary
from captures.verdict import Outcome
from captures.writer import Writer
from inspector_tui import library as module
from inspector_tui.library import Counts, Library
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import library_of, paths_of, read_all


def outcomes(library: Library) -> list[Outcome | None]:
    """The outcome of each capture, oldest first."""
    verdicts = [library.summary(path).verdict for path in paths_of(library)]
    return [verdict.outcome if verdict else None for verdict in verdicts]


def test_every_kind_of_capture_is_listed_with_its_verdict(tmp_path: Path) -> None:
    script = given.everything(tmp_path)
    library = library_of(tmp_path)
    read_all(library)
    assert outcomes(library) == [
        Outcome.COMPLETE,
        Outcome.CUT_OFF,
        Outcome.CLIENT_LEFT,
        Outcome.BROKEN,
        Outcome.COMPLETE,
        Outcome.INCOMPLETE,
        Outcome.BROKEN,
        None,
        Outcome.ERROR,
        Outcome.COMPLETE,
        Outcome.LIVE,
    ]
    assert "not a capture" in library.summary(paths_of(library)[7]).problem
    assert library.counts() == Counts(exchanges=11, live=1, with_findings=6, unread=0)
    library.close()
    script.abandon()


def test_the_listing_is_there_before_anything_is_read(tmp_path: Path) -> None:
    for number in range(1, 6):
        given.max_tokens(tmp_path, number)
    library = library_of(tmp_path)
    assert library.advance(0.0)
    assert library.counts() == Counts(exchanges=5, unread=5)
    library.close()


def test_the_newest_captures_are_read_first(tmp_path: Path) -> None:
    for number in range(1, 4):
        given.max_tokens(tmp_path, number)
    times = iter(range(1000))
    library = Library(tmp_path, clock=lambda: float(next(times)))
    while library.counts().unread in {0, 3}:
        library.advance(4)
    assert outcomes(library)[-1] is Outcome.CUT_OFF
    assert outcomes(library)[0] is None
    library.close()


def test_files_of_ended_captures_are_closed(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0  # noqa: PTH208 - descriptors, not files
    for number in range(1, 20):
        given.complete(tmp_path, number)
    library = library_of(tmp_path)
    read_all(library)
    after = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0  # noqa: PTH208
    assert after <= before
    assert all(library.exchange(path) is None for path in paths_of(library))


def test_an_opened_capture_is_read_again_and_a_few_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_KEPT_EXCHANGES", 2)
    for number in range(1, 5):
        given.max_tokens(tmp_path, number)
    library = library_of(tmp_path)
    read_all(library)
    for path in paths_of(library)[:3]:
        library.open(path)
        assert library.is_reading(path)
        read_all(library)
        assert not library.is_reading(path)
        exchange = library.exchange(path)
        assert exchange is not None
        assert exchange.message().stop_reason == "max_tokens"
    kept = [library.exchange(path) is not None for path in paths_of(library)]
    assert kept == [False, True, True, False]
    library.open(paths_of(library)[1])
    assert library.exchange(paths_of(library)[1]) is not None


def test_a_large_capture_is_opened_in_slices(tmp_path: Path) -> None:
    path = given.stream(tmp_path, 1, given.answer(("word ",) * 3000)).finish()
    library = library_of(tmp_path)
    library.advance(0.0)
    library.open(path)
    library.advance(0.004)
    exchange = library.exchange(path)
    assert exchange is not None
    assert 0 < len(exchange.events) < 3000
    assert library.is_reading(path)
    read_all(library)
    assert len(exchange.events) > 3000
    assert library.exchange(path) is exchange
    library.close()


def test_a_running_capture_is_followed_to_its_end(tmp_path: Path) -> None:
    script = given.live(tmp_path)
    library = library_of(tmp_path)
    read_all(library)
    (path,) = paths_of(library)
    library.open(path)
    changes = library.changes()
    script.send(given.text_deltas([" more"])[0])
    read_all(library)
    assert changes == {path.name}
    exchange = library.exchange(path)
    assert exchange is not None
    assert exchange.events[-1].text == " more"
    for data in (given.block_stop(), *given.ending()):
        script.send(data)
    script.finish()
    read_all(library)
    assert outcomes(library) == [Outcome.COMPLETE]
    assert library.exchange(path) is exchange


def test_new_captures_of_a_real_writer_show_up(tmp_path: Path) -> None:
    now = [0.0]
    library = Library(tmp_path, clock=lambda: now[0])
    library.advance(1)
    assert paths_of(library) == []
    writer = Writer(tmp_path)
    recording = writer.record(
        upstream="https://api.anthropic.com", method="POST", path="/v1/messages",
        version="1.1", headers=(),
    )  # fmt: skip
    recording.head(0.1, "1.1", 200, "OK", given.STREAM_HEADERS)
    recording.chunk(0.2, given.start(), Boundary.CHUNK)
    while not library.counts().live:
        now[0] += 1
        library.advance(1)
    assert outcomes(library) == [Outcome.LIVE]
    writer.close()
    library.close()


def test_captures_that_were_removed_leave_the_list(tmp_path: Path) -> None:
    now = [0.0]
    paths = [given.complete(tmp_path, number) for number in (1, 2)]
    library = Library(tmp_path, clock=lambda: now[0])
    library.advance(1)
    changes = library.changes()
    paths[0].unlink()
    now[0] += 1
    library.advance(1)
    assert paths_of(library) == paths[1:]
    assert paths[0].name not in library
    assert paths[0].name in changes
    library.close()


def test_a_folder_that_vanishes_is_said_and_its_captures_stay_listed(tmp_path: Path) -> None:
    now = [0.0]
    folder = tmp_path / "captures"
    folder.mkdir()
    path = given.complete(folder)
    library = Library(folder, clock=lambda: now[0])
    read_all(library)
    path.unlink()
    folder.rmdir()
    now[0] += 1
    library.advance(1)
    assert "cannot list" in library.problem
    assert paths_of(library) == [path]
    folder.mkdir()
    now[0] += 1
    library.advance(1)
    assert library.problem == ""
    assert paths_of(library) == []


def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    library = library_of(tmp_path / "later")
    library.advance(0.01)
    assert "No such file" in library.problem


def test_a_single_file_is_its_own_library(tmp_path: Path) -> None:
    path = given.complete(tmp_path)
    given.max_tokens(tmp_path)
    library = library_of(path)
    read_all(library)
    assert library.single
    assert paths_of(library) == [path]


def test_running_captures_are_not_starved_by_a_backlog(tmp_path: Path) -> None:
    for number in range(12, 40):
        given.complete(tmp_path, number)
    script = given.live(tmp_path, 11)
    library = library_of(tmp_path)
    read_all(library)
    script.send(given.text_deltas([" more"])[0])
    library.advance(0.0)
    assert library.summary(script.file.path).events == 15
    library.close()
    script.abandon()


def test_large_bodies_are_let_go_with_their_exchanges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Exchange] = []

    def close(exchange: Exchange) -> None:
        closed.append(exchange)

    monkeypatch.setattr(module, "MAX_KEPT_EXCHANGES", 1)
    monkeypatch.setattr(Exchange, "close", close)
    opened = [given.complete(tmp_path, 1), given.max_tokens(tmp_path, 2)]
    library = library_of(tmp_path)
    for path in opened:
        library.open(path)
        read_all(library)
    first, last = library.exchange(opened[0]), library.exchange(opened[1])

    assert first is None
    assert last is not None
    assert last not in closed
    assert closed
    library.close()
    assert last in closed
