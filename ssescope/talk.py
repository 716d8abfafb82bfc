"""What a running server says. Nobody has to listen, and nobody who does not read makes it wait."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

import click

MOST_WAITING_LINES = 1000
"""Lines that wait for somebody who reads; further ones are left out and counted."""

LAST_WORDS_SECONDS = 1.0
"""How long the end of a command waits for its last lines to be read."""


def say(words: str) -> None:
    """Writes a line to stderr; one that nobody reads any more is lost, and nothing else with it.

    Args:
        words: already safe for a terminal.
    """
    _put(words, to_stderr=True)


def hand_out(words: str) -> None:
    """Writes a line of data to stdout, in its place among those to stderr."""
    _put(words, to_stderr=False)


@contextmanager
def without_waiting() -> Iterator[None]:
    """Lets a thread write what is said within the block.

    A terminal that is held with Ctrl-S and a pipe that is full block whoever writes to them, and
    in an event loop everything with him.
    """
    global _writer
    outer, _writer = _writer, _Writer()
    try:
        yield
    finally:
        writer, _writer = _writer, outer
        writer.close()


class _Writer:
    """A thread that writes lines. Mutable."""

    def __init__(self) -> None:
        self._lines: deque[tuple[str, bool]] = deque()
        self._left_out = 0
        self._closing = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="talk", daemon=True)
        self._thread.start()

    def put(self, words: str, to_stderr: bool) -> None:
        """Takes a line, unless too many wait."""
        if len(self._lines) < MOST_WAITING_LINES:
            self._lines.append((words, to_stderr))
        else:
            self._left_out += 1
        self._wake.set()

    def close(self) -> None:
        """Waits a moment until everything has been written."""
        self._closing = True
        self._wake.set()
        self._thread.join(LAST_WORDS_SECONDS)

    def _run(self) -> None:
        told = 0
        while not (self._closing and not self._lines):
            self._wake.wait()
            self._wake.clear()
            while self._lines:
                _write(*self._lines.popleft())
            if self._left_out > told:
                missing, told = self._left_out - told, self._left_out
                _write(f"ssescope: {missing:,} lines are left out, as nobody read them", True)


_writer: _Writer | None = None


def _put(words: str, *, to_stderr: bool) -> None:
    if _writer is not None:
        _writer.put(words, to_stderr)
        return
    with suppress(OSError):
        click.echo(words, err=to_stderr)


def _write(words: str, to_stderr: bool) -> None:
    """Writes past Python's buffers: a thread that is stuck in one would keep the process alive."""
    stream: IO[str] = sys.stderr if to_stderr else sys.stdout
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError, AttributeError):
        # In a test there may be nothing but a buffer.
        with suppress(OSError, ValueError):
            click.echo(words, err=to_stderr)
        return
    data = memoryview(f"{words}\n".encode(errors="backslashreplace"))
    with suppress(OSError):
        while data:
            data = data[os.write(descriptor, data) :]
