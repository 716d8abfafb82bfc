"""Where captures are: the folder by default, and the capture an argument names."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_data_path

from captures.folder import CaptureFolder
from captures.store import SUFFIX, CaptureFolderError, captures_in, prepare_folder
from ssescope.exits import Exit, fail

FOLDER_VARIABLE = "SSESCOPE_CAPTURES"


def default_folder(set_folder: Path | None = None) -> Path:
    """The capture folder where no option names one.

    ``SSESCOPE_CAPTURES`` does, or else the user's settings, or it is in the user's data folder.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    return set_folder or user_data_path("ssescope", appauthor=False) / "captures"


def usable_folder(folder: Path) -> bytes:
    """Makes the folder if need be and returns its fingerprint key; ends with code 4 if unusable."""
    try:
        return prepare_folder(folder)
    except CaptureFolderError as error:
        fail(Exit.FOLDER_UNUSABLE, str(error))


def listed(folder: Path) -> list[Path]:
    """The captures of a folder, oldest first; ends with code 4 if it cannot be listed."""
    try:
        return captures_in(folder)
    except CaptureFolderError as error:
        fail(Exit.FOLDER_UNUSABLE, str(error))


def size_of(folder: Path) -> int:
    """Bytes of all captures of a folder; ends with code 4 if it cannot be listed."""
    try:
        with CaptureFolder(folder) as opened:
            return sum(stored.size for stored in opened.stored())
    except CaptureFolderError as error:
        fail(Exit.FOLDER_UNUSABLE, str(error))


def capture_named(argument: str | None, folder: Path) -> Path:
    """The capture file an argument names: a path, an id, the end of an id, or the newest.

    Ids are looked up in the folder's listing alone, so that none leads out of it.
    """
    if argument is not None and _holds(Path(argument).is_file):
        return Path(argument)
    captures = listed(folder) if is_folder(folder) else []
    if argument is None:
        if not captures:
            fail(Exit.CAPTURE_INVALID, f"no captures in {folder}; record some with ssescope proxy")
        return captures[-1]
    wanted = argument.removesuffix(SUFFIX)
    matching = [path for path in captures if path.stem == wanted or path.stem.endswith(wanted)]
    if len(matching) != 1:
        found = "no capture" if not matching else f"{len(matching)} captures"
        fail(
            Exit.CAPTURE_INVALID,
            f"{found} named {argument!r} in {folder}; give a path, an id as ssescope ls shows it, "
            "or the end of one",
        )
    return matching[0]


def is_folder(path: Path) -> bool:
    """Whether there is a folder; a name that none can have is no folder."""
    return _holds(path.is_dir)


def is_there(path: Path) -> bool:
    """Whether there is anything; a name that nothing can have is nothing."""
    return _holds(path.exists)


def _holds(asked: Callable[[], bool]) -> bool:
    try:
        return asked()
    except OSError:
        return False
