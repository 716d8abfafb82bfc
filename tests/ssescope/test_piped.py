"""Streams that come in by themselves: from a pipe while they run, and saved bodies."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from captures.exchange import Exchange
from captures.loading import load
from ssescope import piped
from ssescope.piped import recorded
from tests.captures.waiting import wait_until
from tests.ssescope.running import DEADLINE, environment, ssescope
from tests.ssescope.saved import answer
from tests.ssescope.terminal import in_a_terminal

PIPE_INTO_INSPECT = """
import os, sys, subprocess
source = subprocess.Popen(["cat", sys.argv[1]], stdout=subprocess.PIPE)
os.dup2(source.stdout.fileno(), 0)
os.execv(sys.executable, [sys.executable, "-m", "ssescope", "inspect", "-"])
"""


def read_until(capture: Path, events: int) -> Exchange:
    """The exchange once so many events of it have been kept."""
    wait_until(lambda: len(load(capture).events) >= events)
    return load(capture)


def test_what_comes_from_a_pipe_is_kept_as_it_comes() -> None:
    reading, writing = os.pipe()
    pieces = answer()
    with recorded(reading, "standard input") as capture:
        assert capture.parent.stat().st_mode & 0o777 == 0o700
        for number, piece in enumerate(pieces, 1):
            os.write(writing, piece)
            exchange = read_until(capture, number)
            assert len(exchange.body.chunks) == number
        assert exchange.end is None
        times = [chunk.time for chunk in exchange.body.chunks]
        assert times == sorted(times)
        assert times[0] > 0
        os.close(writing)
        wait_until(lambda: load(capture).end is not None)
        exchange = load(capture)
        assert exchange.end is not None
        assert exchange.end.upstream.size == len(b"".join(pieces))
        assert exchange.dialect is not None
    assert not capture.parent.exists()


def test_nobody_waits_for_a_pipe_that_says_nothing() -> None:
    reading, writing = os.pipe()
    with recorded(reading, "standard input") as capture:
        assert load(capture).head is None
    os.close(writing)
    assert not capture.parent.exists()


@pytest.mark.parametrize("body", [b"", b"".join(answer()), b'[{"candidates": []}]'])
def test_a_saved_body_is_whole_and_has_no_times(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "answer.sse"
    path.write_bytes(body)
    saved = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    with recorded(os.open(path, os.O_RDONLY), path.name, saved) as capture:
        wait_until(lambda: load(capture).end is not None)
        exchange = load(capture)
        assert exchange.end is not None
        assert exchange.request.started == "2025-01-02T03:04:05.000Z"
        assert exchange.request.upstream == ""
        assert exchange.body.size == len(body)
        assert {chunk.time for chunk in exchange.body.chunks} <= {0.0}


def test_a_full_disk_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(piped, "OPEN_SECONDS", 0.2)
    monkeypatch.setattr(piped, "_is_begun", lambda _path: False)
    reading, writing = os.pipe()
    with pytest.raises(SystemExit) as ended, recorded(reading, "standard input"):
        pass
    os.close(writing)
    assert ended.value.code == 4
    assert "cannot keep standard input" in capsys.readouterr().err


def test_a_pipe_is_shown_while_it_runs_and_the_keys_come_from_the_terminal(
    tmp_path: Path,
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with in_a_terminal(str(fifo), code=PIPE_INTO_INSPECT) as screen:
        with fifo.open("wb", buffering=0) as source:
            source.write(answer()[0])
            screen.wait_for("message_start")
            screen.wait_for("streaming")
            source.write(b"".join(answer()[1:]))
            screen.wait_for("message_stop")
        screen.wait_for("complete · end_turn")
        screen.type_until("2", "Hello")
        screen.type("q")
        assert screen.exit_code() == 0


def test_a_saved_body_is_shown_in_the_inspector(tmp_path: Path) -> None:
    path = tmp_path / "answer.sse"
    path.write_bytes(b"".join(answer()))
    with in_a_terminal("inspect", str(path)) as screen:
        screen.wait_for("complete · end_turn")
        screen.wait_for("message_stop")
        screen.type_until("4", "Timing")
        screen.type("q")
        assert screen.exit_code() == 0


def test_without_a_terminal_a_pipe_is_shown_as_plain_text() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ssescope", "inspect", "-"],
        input=b"".join(answer()),
        capture_output=True,
        timeout=DEADLINE,
        env=environment(),
        start_new_session=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"complete" in done.stdout
    assert b"Hello" in done.stdout


def test_a_pipe_is_needed_and_web_takes_none(tmp_path: Path) -> None:
    with in_a_terminal("inspect", "-") as screen:
        assert screen.exit_code() == 2
        assert "takes a stream from a pipe" in screen.text
    done = ssescope("inspect", "-", "--web", SSESCOPE_CAPTURES=str(tmp_path))
    assert done.returncode == 2
