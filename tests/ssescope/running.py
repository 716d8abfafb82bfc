"""The commands as a user runs them: in a process of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEADLINE = 30


def environment(**extra: str) -> dict[str, str]:
    """The environment of a user without settings of their own."""
    left_out = ("SSESCOPE", "COLUMNS", "LINES")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**kept, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **extra}


def ssescope(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "ssescope", *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        stdin=subprocess.DEVNULL,
        env=environment(**extra),
        check=False,
    )


class Running:
    """A command that runs until it is told to stop."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.talk: list[str] = []
        self._reader = threading.Thread(target=self._read_talk, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def pasted(self) -> str:
        """The base URL in the next line it prints to be pasted."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().partition("=")[2].partition(" ")[0].strip()

    def wait_for(self, words: str) -> None:
        """Waits until it has said these words on stderr."""
        deadline = time.monotonic() + DEADLINE
        while words not in "".join(self.talk):
            assert time.monotonic() < deadline, self.talk
            time.sleep(0.005)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Sends a signal and returns the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(DEADLINE)
        self._reader.join(DEADLINE)
        return code

    def _read_talk(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.talk.append(line)


@contextmanager
def running(*arguments: str, code: str | None = None, **extra: str) -> Iterator[Running]:
    """Starts a server command, by other code if need be; kills it in the end if it still runs."""
    start = ["-m", "ssescope"] if code is None else ["-c", code]
    process = subprocess.Popen(
        [sys.executable, *start, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**extra),
    )
    command = Running(process)
    try:
        yield command
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(DEADLINE)
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()
