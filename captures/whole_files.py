"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def write_whole(target: Path, pieces: Iterable[bytes], *, replacing: bool = False) -> None:
    """Writes a file, mode 0600, under a name of its own first and then gives it this one.

    Args:
        target: where the file is to be.
        pieces: its bytes.
        replacing: whether it takes the place of a file that is there.

    Raises:
        FileExistsError: there is one, and it is not to be replaced.
        OSError: it cannot be written. Nothing is left of it then.
    """
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(fresh, flags, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        if replacing:
            fresh.replace(target)
        else:
            os.link(fresh, target)
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()
