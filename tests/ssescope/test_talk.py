"""What a running server says on stderr."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from captures.loading import load
from captures.store import captures_in
from captures.verdict import verdict_of
from ssescope.talk import MOST_WAITING_LINES, hand_out, say, without_waiting
from tests.ssescope.asking import ask
from tests.ssescope.running import DEADLINE, environment, running


def test_a_line_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say("words")
    assert capsys.readouterr() == ("", "words\n")


def test_a_line_of_data_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    hand_out("data")
    assert capsys.readouterr() == ("data\n", "")


def test_lines_said_without_waiting_keep_their_order(capfd: pytest.CaptureFixture[str]) -> None:
    with without_waiting():
        for number in range(500):
            say(f"line {number}")
    assert capfd.readouterr().err.split("\n")[:-1] == [f"line {number}" for number in range(500)]


def test_what_nobody_reads_is_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    with os.fdopen(writing, "w") as stderr, os.fdopen(reading) as reader:
        monkeypatch.setattr("sys.stderr", stderr)
        with without_waiting():
            for number in range(3 * MOST_WAITING_LINES):
                say(f"{number:060}")
            # The end of the block waits a moment for the reader, who comes now.
            lines = iter(reader.readline, "")
            said = [next(lines) for _ in range(MOST_WAITING_LINES)]
    assert said[0] == f"{0:060}\n"
    assert [int(line) for line in said] == list(range(MOST_WAITING_LINES))


@contextmanager
def proxy_in_front_of_a_sandbox(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A proxy whose lines this process reads or not, and its origin."""
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        command = ["proxy", sandbox.pasted(), "--port", "0", "--captures", str(folder)]
        with subprocess.Popen(
            [sys.executable, "-m", "ssescope", *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        ) as proxy:
            assert proxy.stdout is not None
            origin = proxy.stdout.readline().partition("=")[2].partition(" ")[0]
            try:
                yield proxy, origin
            finally:
                proxy.kill()


def verdicts(folder: Path) -> list[str]:
    return [verdict_of(load(capture)).headline for capture in captures_in(folder)]


def test_a_proxy_whose_lines_nobody_reads_forwards_all_the_same(tmp_path: Path) -> None:
    with proxy_in_front_of_a_sandbox(tmp_path) as (proxy, origin):
        assert proxy.stderr is not None
        fcntl.fcntl(proxy.stderr, fcntl.F_SETPIPE_SZ, 4096)
        for _ in range(65):
            assert ask(origin).endswith(b'data: {"type":"message_stop"}\n\n')
        proxy.terminate()
        assert proxy.wait(DEADLINE) == 0
    assert verdicts(tmp_path) == ["complete · end_turn"] * 65


def test_a_proxy_whose_stderr_is_gone_forwards_and_records_as_before(tmp_path: Path) -> None:
    with proxy_in_front_of_a_sandbox(tmp_path) as (proxy, origin):
        assert proxy.stderr is not None
        proxy.stderr.close()
        for _ in range(3):
            assert ask(origin).endswith(b'data: {"type":"message_stop"}\n\n')
        proxy.terminate()
        assert proxy.wait(DEADLINE) == 0
    assert verdicts(tmp_path) == ["complete · end_turn"] * 3
