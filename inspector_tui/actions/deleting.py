"""Taking one capture out of its folder, with what lies beside it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from captures.folder import CaptureFolder
from captures.prune import Entry
from captures.store import CaptureFolderError
from inspector_tui import palette
from inspector_tui.actions.chosen_screen import ChosenScreen
from inspector_tui.actions.dialogs import ConfirmDialog, Said
from inspector_tui.numbers import plural, size_text

MOST_FILES = 6
"""Files of a capture that are named; of more, the rest is counted."""


class DeleteError(Exception):
    """A capture that stays. The message says why."""


def looked_up(path: Path) -> Entry:
    """What would be deleted. Reads the folder: call it in a thread.

    Raises:
        DeleteError: it is no capture, or is being recorded.
    """
    try:
        with CaptureFolder(path.parent) as folder:
            folder.require_own()
            entry = folder.entry(path.name, time.time())
    except CaptureFolderError as error:
        raise DeleteError(str(error)) from None
    if entry is None:
        raise DeleteError(f"{path.name} is no capture, and is left alone")
    if entry.running:
        raise DeleteError("It is being recorded; it can be deleted once it has ended")
    return entry


def delete(path: Path, entry: Entry) -> str:
    """Deletes a capture and tells in words what is gone. Call it in a thread.

    Raises:
        DeleteError: something of it is left.
    """
    try:
        with CaptureFolder(path.parent) as folder:
            removal = folder.remove(entry)
    except CaptureFolderError as error:
        raise DeleteError(str(error)) from None
    if removal.left_because:
        raise DeleteError(f"{entry.name} is not deleted: {removal.left_because}")
    return f"Deleted {plural(len(removal.files), 'file')}, {size_text(removal.freed)}"


def told_files(entry: Entry) -> list[Said]:
    """The files that go, and what they come to."""
    named = entry.files[:MOST_FILES]
    said = [(file, palette.PLAIN) for file in named]
    more = len(entry.files) - len(named)
    if more:
        said.append((f"and {plural(more, 'further file')}", palette.DIM))
    return [*said, (f"{size_text(entry.size)}; they cannot be brought back", palette.WARNING)]


async def delete_chosen(screen: ChosenScreen) -> bool:
    """Deletes the chosen capture if the user says so; whether it is gone."""
    path = screen.chosen_or_told()
    if path is None:
        return False
    try:
        entry = await asyncio.to_thread(looked_up, path)
        said = told_files(entry)
        if screen.library.single:
            said.append(("The inspector, which shows nothing else, ends", palette.DIM))
        if not await screen.ask(ConfirmDialog("Delete this capture?", said, "deletes")):
            return False
        screen.tell(await asyncio.to_thread(delete, path, entry))
    except DeleteError as error:
        screen.tell(str(error), error=True)
        return False
    # The list drops it when it looks at the folder again, and knows its neighbour then.
    if not screen.library.single:
        await screen.until(lambda: path.name not in screen.library)
    return True
