"""A command in a real pseudo-terminal, the screen it has drawn, and what it costs.

The screen understands what full-screen programs write: text, cursor moves and erasing. Colours
and questions to the terminal are passed over; nothing is answered.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from unicodedata import east_asian_width

COLUMNS, ROWS = 120, 40
TICKS = os.sysconf("SC_CLK_TCK")
_PIECE = re.compile(
    r"\x1b\[([0-?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-Za-z]"
    r"|\x1b[P_^][^\x1b]*\x1b\\|\x1b[@-Z\\-_=>78]|[\r\n\b]|[\x00-\x1f]|[^\x00-\x1f]+"
)
_TORN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[P_^][^\x1b]*\x1b?|[()])?\Z")


class Screen:
    """The cells of a terminal. Mutable."""

    def __init__(self, columns: int = COLUMNS, rows: int = ROWS) -> None:
        self.columns = columns
        self._cells = [[" "] * columns for _ in range(rows)]
        self._row = self._column = 0
        self._torn = ""

    @property
    def lines(self) -> list[str]:
        """The rows as text."""
        return ["".join(row) for row in self._cells]

    def __contains__(self, words: str) -> bool:
        return any(words in line for line in self.lines)

    def feed(self, output: str) -> None:
        """Takes what was written to the terminal."""
        output = self._torn + output
        torn = _TORN.search(output)
        self._torn = torn.group() if torn else ""
        for piece in _PIECE.finditer(output, 0, len(output) - len(self._torn)):
            text = piece.group()
            if piece.group(2):
                self._control(piece.group(1), piece.group(2))
            elif text == "\r":
                self._column = 0
            elif text == "\n":
                self._row = min(self._row + 1, len(self._cells) - 1)
            elif text == "\b":
                self._column = max(0, self._column - 1)
            elif text >= " " and not text.startswith("\x1b"):
                self._write(text)

    def _write(self, text: str) -> None:
        for character in text:
            if self._column < self.columns:
                self._cells[self._row][self._column] = character
            wide = character > "\u1100" and east_asian_width(character) in "WF"
            if wide and self._column + 1 < self.columns:
                self._cells[self._row][self._column + 1] = ""
            self._column += 1 + wide

    def _control(self, parameters: str, final: str) -> None:
        numbers = [int(word) if word.isdigit() else 0 for word in parameters.split(";")]
        first, second = numbers[0], numbers[1] if len(numbers) > 1 else 0
        match final:
            case "H" | "f":
                self._row, self._column = max(1, first) - 1, max(1, second) - 1
            case "A" | "B":
                self._row += max(1, first) * (1 if final == "B" else -1)
            case "C" | "D":
                self._column += max(1, first) * (1 if final == "C" else -1)
            case "G":
                self._column = max(1, first) - 1
            case "d":
                self._row = max(1, first) - 1
            case "J" if first in {2, 3}:
                for row in self._cells:
                    row[:] = [" "] * self.columns
            case "K" if not first:
                rest = self.columns - self._column
                self._cells[self._row][self._column :] = [" "] * max(0, rest)
        self._row = max(0, min(self._row, len(self._cells) - 1))
        self._column = max(0, min(self._column, self.columns - 1))


class Terminal:
    """The master side of a pseudo-terminal, its program, and its screen."""

    def __init__(self, pid: int, master: int) -> None:
        self.pid = pid
        self.started = monotonic()
        self.screen = Screen()
        self._master = master

    def type(self, keys: str) -> float:
        """Types keys; returns when that was."""
        os.write(self._master, keys.encode())
        return monotonic()

    def wait(self, condition: Callable[[Screen], bool], seconds: float = 120.0) -> float:
        """Reads until the screen is so; returns when that was.

        Raises:
            TimeoutError: with what is on the screen, if it is not in time.
        """
        deadline = monotonic() + seconds
        while not condition(self.screen):
            left = deadline - monotonic()
            if left <= 0 or not self.read(min(left, 1.0)):
                raise TimeoutError("\n".join(self.screen.lines))
        return monotonic()

    def wait_for(self, words: str, seconds: float = 120.0) -> float:
        """Reads until these words are on the screen; returns when that was."""
        return self.wait(lambda screen: words in screen, seconds)

    def pause(self, seconds: float) -> None:
        """Reads on for so long."""
        deadline = monotonic() + seconds
        while (left := deadline - monotonic()) > 0 and self.read(left):
            pass

    def read(self, seconds: float) -> bool:
        """Takes what is written within so long; whether the program still runs."""
        readable, _, _ = select.select([self._master], [], [], seconds)
        if readable:
            try:
                self.screen.feed(os.read(self._master, 1 << 20).decode("utf-8", "replace"))
            except OSError:
                return False
        return True

    def cpu_seconds(self) -> float:
        """What the program has used of a core so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_memory(self) -> int:
        """The most bytes of memory that the program has had resident."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found.group(1)) * 1024 if found else 0

    def close(self) -> None:
        """Ends the program."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._master)


_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"


@contextmanager
def in_a_terminal(command: Sequence[str]) -> Iterator[Terminal]:
    """Runs a command in a terminal of 120 columns and 40 rows."""
    size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
    pid, master = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, size)
        # As where it is installed: modules are compiled once and not at every start.
        kept = {name: os.environ[name] for name in os.environ if name != _UNCOMPILED}
        variables = {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.execvpe(command[0], list(command), variables)  # noqa: S606
    terminal = Terminal(pid, master)
    try:
        yield terminal
    finally:
        terminal.close()
