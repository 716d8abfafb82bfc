"""A command in a real pseudo-terminal, and what it has drawn there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.ssescope.running import DEADLINE, environment

_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_=>])")


def _text(output: bytes) -> str:
    return _SEQUENCE.sub("", output.decode("utf-8", "replace"))


class Terminal:
    """The master side of a pseudo-terminal."""

    def __init__(self, pid: int, master: int) -> None:
        self.pid = pid
        self.output = b""
        """Everything written to the terminal, raw."""
        self._master = master
        self._code: int | None = None

    @property
    def text(self) -> str:
        """What was written, its control sequences taken out."""
        return _text(self.output)

    def type(self, keys: str) -> None:
        """Types keys."""
        os.write(self._master, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Gives the terminal another size, which its program is told by a signal."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type_until(self, keys: str, pattern: str) -> None:
        """Types keys, and reads until what is drawn after that matches a pattern."""
        drawn = len(self.output)
        self.type(keys)
        self._wait(pattern, drawn)

    def wait_for(self, words: str) -> None:
        """Reads until these words have been drawn."""
        self._wait(re.escape(words), 0)

    def found(self, pattern: str) -> str:
        """The first match of a pattern in what was drawn."""
        match = re.search(pattern, self.text)
        assert match is not None, pattern
        return match.group()

    def exit_code(self) -> int:
        """Reads to the end and returns the exit code."""
        deadline = time.monotonic() + DEADLINE
        while self._code is None:
            assert time.monotonic() < deadline, self.text[-2000:]
            self._read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        while self._read(0.05):
            pass
        return self._code

    def close(self) -> None:
        """Ends the command if it still runs."""
        if self._code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        os.close(self._master)

    def _wait(self, pattern: str, start: int) -> None:
        deadline = time.monotonic() + DEADLINE
        while re.search(pattern, text := _text(self.output[start:])) is None:
            assert time.monotonic() < deadline, f"{pattern!r} not in {text[-2000:]!r}"
            self._read(0.1)

    def _read(self, seconds: float) -> bool:
        readable, _, _ = select.select([self._master], [], [], seconds)
        if not readable:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.output += data
        return bool(data)


@contextmanager
def in_a_terminal(
    *arguments: str, columns: int = 120, rows: int = 40, code: str | None = None, **extra: str
) -> Iterator[Terminal]:
    """Runs a command in a terminal of this size, by other code if need be."""
    pid, master = pty.fork()
    if pid == 0:
        start = ["-m", "ssescope"] if code is None else ["-c", code]
        variables = environment(**{"TERM": "xterm-256color", **extra})
        os.execve(sys.executable, [sys.executable, *start, *arguments], variables)  # noqa: S606
    terminal = Terminal(pid, master)
    terminal.resize(columns, rows)
    try:
        yield terminal
    finally:
        terminal.close()
