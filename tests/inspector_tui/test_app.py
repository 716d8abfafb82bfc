from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspector_tui.app import EXIT_NO_TERMINAL, InspectorApp, run
from inspector_tui.library import Library
from tests.inspector_tui import captures_for_tests as given

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from inspector_tui.app import run
sys.exit(run(Path(sys.argv[1])))
"""
SECONDS = 20.0
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"
SHOWS_CURSOR = b"\x1b[?25h"
POINTER_SHAPE = "\x1b]22;default\x07"
"""Textual's own sequence."""


class Terminal:
    """A pseudo terminal with the inspector in it. Mutable: what it wrote is collected."""

    def __init__(self, path: Path, width: int = 120, height: int = 40) -> None:
        self.output = b""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        # They would overrule the size of the terminal.
        for name in ("COLUMNS", "LINES"):
            environment.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(path)],
            stdin=slave, stdout=slave, stderr=slave,
            cwd=ROOT, env=environment, close_fds=True, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.master = master

    def until(self, condition: Callable[[bytes], bool]) -> None:
        """Reads until what was written fulfils something."""
        deadline = time.monotonic() + SECONDS
        while not condition(self.output):
            assert time.monotonic() < deadline, self.output[-4000:]
            ready, _, _ = select.select([self.master], [], [], 0.1)
            if ready:
                try:
                    self.output += os.read(self.master, 65536)
                except OSError:
                    break
        assert condition(self.output), self.output[-4000:]

    def press(self, keys: bytes) -> None:
        """Types."""
        os.write(self.master, keys)

    def close(self) -> int:
        """Waits for the end; the exit code."""
        code = self.process.wait(SECONDS)
        os.close(self.master)
        return code


@pytest.fixture
def open_terminal() -> Iterator[Callable[[Path], Terminal]]:
    opened: list[Terminal] = []

    def open_one(path: Path) -> Terminal:
        opened.append(Terminal(path))
        return opened[-1]

    yield open_one
    for terminal in opened:
        if terminal.process.poll() is None:
            terminal.process.kill()
            terminal.process.wait()


def has(words: str) -> Callable[[bytes], bool]:
    return lambda output: words.encode() in output


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are POSIX")
def test_nothing_a_peer_sent_reaches_the_terminal_as_a_command(
    tmp_path: Path, open_terminal: Callable[[Path], Terminal]
) -> None:
    given.hostile(tmp_path)
    given.foreign(tmp_path)
    terminal = open_terminal(tmp_path)
    terminal.until(has("first line is not"))
    terminal.press(b"j\r")
    terminal.until(has("content_block_delta"))
    terminal.press(b"G\r")
    terminal.until(has("stop reason"))
    for key, words in (
        (b"q", "Timeline"), (b"2", "gnp.exe"), (b"3", "begins in"), (b"4", "first times"),
        (b"5", "SSE003"), (b"6", "begins a network chunk"), (b"x", "hexadecimal"),
        (b"7", "anthropic-version"), (b"8", "x-evil"),
    ):  # fmt: skip
        terminal.press(key)
        terminal.until(has(words))
    terminal.press(b"\x11")
    terminal.until(has("\x1b[?1049l"))
    assert terminal.close() == 0
    output = terminal.output
    for attack in (b"\x1b]52", b"\x1b]0;pwned", b"\x1bP+q", b"\x1b[2J\x1b[H\xe2", b"UFdORUQ=\x07"):
        assert attack not in output
    text = output.decode("utf-8")
    assert not [character for character in text if 0x7F <= ord(character) <= 0x9F]
    of_the_program = text.replace(POINTER_SHAPE, "")
    assert not set(of_the_program) & set("\u202e\u2066\x00\x07")
    assert "␛]52;c;UFdORUQ=␇" in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(
    tmp_path: Path, number: signal.Signals, open_terminal: Callable[[Path], Terminal]
) -> None:
    given.complete(tmp_path)
    terminal = open_terminal(tmp_path)
    terminal.until(has("content_block_delta"))
    terminal.process.send_signal(number)
    terminal.until(lambda output: SHOWS_CURSOR in output.partition(LEAVES_ALTERNATE_SCREEN)[2])
    assert terminal.close() == 128 + number
    assert b"\x1b[?1000l" in terminal.output


def test_without_a_terminal_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == EXIT_NO_TERMINAL
    assert "needs a terminal" in capsys.readouterr().err


def test_the_inspector_loads_no_network_library_and_safe_text_no_screen() -> None:
    script = """
import sys
import inspector_tui.safe
assert not {"textual", "rich", "captures"} & set(sys.modules)
import inspector_tui.app
assert not {"aiohttp", "proxy", "starlette"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are POSIX")
def test_it_ends_when_its_terminal_is_gone(
    tmp_path: Path, open_terminal: Callable[[Path], Terminal]
) -> None:
    given.complete(tmp_path)
    terminal = open_terminal(tmp_path)
    terminal.until(has("end_turn"))
    os.close(terminal.master)
    assert terminal.process.wait(SECONDS) == 128 + signal.SIGHUP


async def test_it_tells_once_when_it_is_ready(tmp_path: Path) -> None:
    library = Library(tmp_path)
    told: list[bool] = []
    app = InspectorApp(library, at_ready=lambda: told.append(True))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert told == [True]
    library.close()
