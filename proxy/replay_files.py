"""The files that a replay serves, listed with what tells whether one has changed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from captures.store import SUFFIX, CaptureFolderError

PLAIN_SUFFIX = ".sse"
"""Of files that hold the bytes of an event stream and nothing else."""


@dataclass(frozen=True, slots=True)
class FileState:
    """A file at a moment: another state means that it has changed since."""

    path: Path
    number: int
    """Which file of its disk it is."""
    size: int
    modified: int
    """Nanoseconds on the wall clock."""


def file_states(path: Path) -> list[FileState]:
    """The captures and plain event streams of a folder by name, or the file of this path. Blocks.

    Raises:
        CaptureFolderError: when the folder cannot be listed.
    """
    if not is_folder(path):
        state = _state(path, path)
        return [state] if state is not None else []
    try:
        with os.scandir(path) as entries:
            found = [
                _state(path / entry.name, entry)
                for entry in entries
                if entry.name.endswith((SUFFIX, PLAIN_SUFFIX))
                and entry.is_file(follow_symlinks=False)
            ]
    except OSError as error:
        raise CaptureFolderError(f"cannot list {path}: {error.strerror}") from None
    return sorted(
        (state for state in found if state is not None), key=lambda state: state.path.name
    )


def is_folder(path: Path) -> bool:
    """Whether there is a folder; a name that no file can have is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _state(path: Path, entry: Path | os.DirEntry[str]) -> FileState | None:
    """None where it has gone meanwhile."""
    try:
        found = entry.stat(follow_symlinks=False)
    except (OSError, ValueError):
        return None
    return FileState(path, found.st_ino, found.st_size, found.st_mtime_ns)
