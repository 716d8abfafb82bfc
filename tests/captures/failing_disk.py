"""A disk that fails, is full, writes short or hangs: patches of ``os.write``."""

from __future__ import annotations

import errno
import os
import threading

import pytest

_write = os.write


class FailingDisk:
    """Lets a number of bytes through, then fails until it is mended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: int = errno.ENOSPC) -> None:
        self.room = 0
        self.failures = 0
        self._broken = False
        self._error = error
        monkeypatch.setattr(os, "write", self._attempt)

    def fail(self, room: int = 0) -> None:
        """From now on only this many more bytes fit."""
        self.room = room
        self._broken = True

    def mend(self) -> None:
        """Every write works again."""
        self._broken = False

    def _attempt(self, descriptor: int, data: bytes | memoryview) -> int:
        if not self._broken:
            return _write(descriptor, data)
        if self.room == 0:
            self.failures += 1
            raise OSError(self._error, os.strerror(self._error))
        written = _write(descriptor, bytes(data)[: self.room])
        self.room -= written
        return written


class HungDisk:
    """Writes of the writer thread that do not return, from hang() until release()."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_hung = threading.Event()
        self._released = threading.Event()
        self._released.set()
        monkeypatch.setattr(os, "write", self._attempt)

    def hang(self) -> None:
        """From now on a write waits."""
        self._released.clear()

    def release(self) -> None:
        """Lets every write go on."""
        self._released.set()

    def _attempt(self, descriptor: int, data: bytes | memoryview) -> int:
        if not self._released.is_set() and threading.current_thread().name == "captures":
            self.is_hung.set()
            self._released.wait()
        return _write(descriptor, data)


def write_half(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on a write takes half of what it is given, as the system call may."""
    monkeypatch.setattr(
        os, "write", lambda descriptor, data: _write(descriptor, data[: max(1, len(data) // 2)])
    )
