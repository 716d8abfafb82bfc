"""The user's own note on a capture, entered in one line or, of several, in the editor."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from captures.annotation import (
    MAX_ANNOTATION_SIZE,
    AnnotationError,
    annotation_path,
    read_annotation,
    write_annotation,
)
from inspector_tui.actions.chosen_screen import ChosenScreen
from inspector_tui.actions.dialogs import EntryDialog
from inspector_tui.actions.outside import OutsideError
from inspector_tui.actions.viewing import edited

IN_EDITOR = "\n"
"""What the dialog answers where the note is to be written in the editor: no line has it."""


class NoteDialog(EntryDialog):
    """A line for the note, and a way to the editor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+e", "in_editor", "In the editor", show=False, priority=True, id="note-in-editor"
        ),
    ]

    def __init__(self, note: str) -> None:
        keys = "Enter keeps it, empty deletes it · ctrl+e in $EDITOR · Esc leaves"
        super().__init__("Note on this exchange", note, keys)

    def action_in_editor(self) -> None:
        """Goes to the editor with what has been typed."""

        def go() -> None:
            self.dismiss(f"{self.entered}{IN_EDITOR}")

        # Behind the keys that were pressed before it, which wait here or at the line.
        self.call_later(lambda: self.query_one(Input).call_later(go))


def annotate_chosen(screen: ChosenScreen) -> None:
    """Lets the user write a note on the chosen exchange, or change or delete it."""
    path = screen.chosen_or_told()
    if path is None:
        return
    try:
        note = _editable(path)
    except (AnnotationError, OSError) as error:
        screen.tell(str(error), error=True)
        return
    if "\n" in note:
        _keep(screen, path, note, f"{note}{IN_EDITOR}")
    else:
        screen.app.push_screen(NoteDialog(note), lambda answer: _keep(screen, path, note, answer))


def _editable(path: Path) -> str:
    """The note as it may be written back.

    Raises:
        AnnotationError: not all of it can be read.
        OSError: it cannot be looked at.
    """
    try:
        size = annotation_path(path).lstat().st_size
    except FileNotFoundError:
        return ""
    note = read_annotation(path)
    if size > MAX_ANNOTATION_SIZE or (size and not note):
        raise AnnotationError(f"{annotation_path(path).name} is no note that can be changed here")
    return note


def _keep(screen: ChosenScreen, path: Path, before: str, answer: str | None) -> None:
    """Keeps what was entered, or what the editor makes of it."""
    if answer is None:
        return
    note = answer.removesuffix(IN_EDITOR)
    try:
        if answer.endswith(IN_EDITOR):
            note = edited(screen.app, note, MAX_ANNOTATION_SIZE)
        if note.strip() == before:
            return
        write_annotation(path, note)
    except (AnnotationError, OutsideError, OSError) as error:
        screen.tell(str(error), error=True)
        return
    screen.library.annotated(path)
    screen.tell("The note is kept" if note.strip() else "The note is deleted")
