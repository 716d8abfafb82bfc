"""The user's own note on a capture, kept in a file beside it; the recorder's notes are in it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from captures.whole_files import write_whole

ANNOTATION_SUFFIX = ".note.txt"
"""Stands behind the whole name of the capture file, so that the note goes where it goes."""

MAX_ANNOTATION_SIZE = 64 * 1024
"""Bytes of UTF-8 that a note may have."""


class AnnotationError(Exception):
    """A note that cannot be kept. The message says why."""


def annotation_path(capture: Path) -> Path:
    """The file that the note on a capture is in."""
    return capture.with_name(capture.name + ANNOTATION_SUFFIX)


def read_annotation(capture: Path) -> str:
    """The note on a capture; empty where there is none, or none that can be read.

    No more than MAX_ANNOTATION_SIZE is read, and of a regular file alone.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(annotation_path(capture), flags)
    except (OSError, ValueError):
        return ""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        data = os.read(descriptor, MAX_ANNOTATION_SIZE)
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return data.decode("utf-8", "replace").strip()


def write_annotation(capture: Path, note: str) -> None:
    """Keeps a note, whole or not at all, in place of the one before; an empty one removes it.

    Raises:
        AnnotationError: it is too long, or cannot be written.
    """
    text = note.strip()
    data = f"{text}\n".encode("utf-8", "replace")
    if len(data) > MAX_ANNOTATION_SIZE:
        raise AnnotationError(
            f"the note has {len(data):,} bytes; at most {MAX_ANNOTATION_SIZE:,} are kept"
        )
    path = annotation_path(capture)
    try:
        if text:
            write_whole(path, [data], replacing=True)
        else:
            with suppress(FileNotFoundError):
                path.unlink()
    except OSError as error:
        raise AnnotationError(f"cannot write {path}: {error.strerror}") from None
