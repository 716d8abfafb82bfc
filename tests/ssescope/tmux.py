"""A command in a real terminal multiplexer: keys go in, and its screen is read as text."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ssescope.running import DEADLINE, environment

SECONDS_BETWEEN_LOOKS = 0.03

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

EXIT_CODE = "exit-code"

CONFIGURATION = """
set -g status off
set -g remain-on-exit on
set -g default-terminal tmux-256color
"""


class Pane:
    """The one pane of a tmux server of its own."""

    def __init__(self, socket: Path, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.socket = socket

    def run(self, *arguments: str) -> str:
        """Runs a tmux command, and returns what it prints."""
        command = ["tmux", "-u", "-S", str(self.socket), *arguments]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=True)
        return ran.stdout

    def press(self, *keys: str) -> None:
        """Presses keys by tmux's names for them, such as ``Enter``, ``C-c`` and ``j``."""
        self.run("send-keys", *keys)

    def type(self, text: str) -> None:
        """Types text as it is."""
        self.run("send-keys", "-l", text)

    def screen(self) -> str:
        """What is on the screen."""
        rows = self.run("capture-pane", "-p").split("\n")[: self.height]
        return "\n".join(row.rstrip() for row in rows)

    def wait_for(self, words: str) -> str:
        """The screen, as soon as these words stand on it."""
        return self.until(lambda screen: words in screen, words)

    def until(self, condition: Callable[[str], bool], wanted: str) -> str:
        """The screen, as soon as it is as wanted."""
        deadline = time.monotonic() + DEADLINE
        while not condition(screen := self.screen()):
            if time.monotonic() >= deadline:
                history = self.run("capture-pane", "-p", "-S", "-")
                pytest.fail(f"{wanted}\n--- never came; the screen:\n{history}")
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return screen

    def exit_code(self) -> int:
        """The exit code of the command, once it has ended."""
        path = self.socket.with_name(EXIT_CODE)
        self.until(lambda _: path.exists() and path.read_text() != "", "the end of the command")
        return int(path.read_text())


@contextmanager
def in_tmux(folder: Path, *arguments: str, width: int, height: int) -> Iterator[Pane]:
    """Runs ``ssescope`` in a tmux of this size, from a folder, which its socket stands in too."""
    pane = Pane(folder / "tmux", width, height)
    configuration = folder / "tmux.conf"
    configuration.write_text(CONFIGURATION)
    size = ("-x", str(width), "-y", str(height))
    words = shlex.join([sys.executable, "-m", "ssescope", *arguments])
    command = ["sh", "-c", f"{words}; echo $? > {EXIT_CODE}"]
    left_out = {"TMUX", "NO_COLOR", "SSH_CONNECTION"}
    variables = {k: v for k, v in environment(TZ="UTC").items() if k not in left_out}
    start = ["tmux", "-u", "-S", str(pane.socket), "-f", str(configuration), "new-session"]
    start += ["-d", "-c", str(folder), *size, *command]
    subprocess.run(start, env=variables, timeout=DEADLINE, check=True)
    try:
        yield pane
    finally:
        pane.run("kill-server")
