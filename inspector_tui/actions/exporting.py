"""Handing one exchange on as a file: the program's export, with the file asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from captures.store import SUFFIX
from inspector_tui import palette
from inspector_tui.actions.chosen_screen import ChosenScreen
from inspector_tui.actions.commands import CommandError, word_for
from inspector_tui.actions.dialogs import (
    Choice,
    ConfirmDialog,
    EntryDialog,
)

_MASKED = "known secrets written over"


@dataclass(frozen=True, slots=True)
class _Format:
    """A form that the program exports to."""

    name: str
    suffix: str
    key: str
    words: str
    hint: str

    @property
    def choices(self) -> tuple[Choice, Choice]:
        """As it is, and with known secrets written over."""
        return (
            Choice(self.key, self.words, self.hint, self.name),
            Choice(self.key.upper(), self.words, f"{self.hint}; {_MASKED}", f"{self.name} redact"),
        )


FORMATS = (
    _Format("sse", ".sse", "s", "Event stream", "the decoded answer"),
    _Format("capture", SUFFIX, "c", "Capture", "as one file"),
    _Format("curl", ".sh", "u", "curl command", "the request"),
)


CHOICES = tuple(choice for format_ in FORMATS for choice in format_.choices)


async def export_chosen(screen: ChosenScreen, form: str) -> None:
    """Asks for a file, and writes the chosen exchange there; what is there goes after asking only.

    Args:
        screen: knows the exchange.
        form: the answer of one of the choices.
    """
    path = screen.chosen_or_told()
    if path is None:
        return
    name, _, redact = form.partition(" ")
    suffix = next(format_.suffix for format_ in FORMATS if format_.name == name)
    target = await _target(screen, path, suffix)
    if target is None:
        return
    words = ["export", word_for(path), "--format", name, "--output", str(target)]
    if redact:
        words.append("--redact")
    if _is_there(target):
        said = [(str(target), palette.PLAIN)]
        if not await screen.ask(ConfirmDialog("This file is there already", said, "replaces it")):
            return
        words.append("--force")
    try:
        done = await screen.commands.run(*words)
    except CommandError as error:
        screen.tell(str(error), error=True)
        return
    if done.code:
        screen.tell(done.talk or f"the export ended with code {done.code}", error=True)
    else:
        screen.tell("\n".join(filter(None, (f"Exported to {target}", done.talk))))


async def _target(screen: ChosenScreen, path: Path, suffix: str) -> Path | None:
    """The file that the user names; None if he names none."""
    keys = "Enter writes it · Esc does not"
    entry = EntryDialog("Export to the file", _default(path, suffix), keys)
    entered = await screen.ask(entry)
    return _file(entered) if entered and entered.strip() else None


def _default(path: Path, suffix: str) -> str:
    """A file in the current folder that is not the capture itself."""
    name = path.name.removesuffix(SUFFIX)
    try:
        default = Path.cwd() / f"{name}{suffix}"
    except FileNotFoundError:
        # The current folder is gone.
        default = Path.home() / f"{name}{suffix}"
    return str(default if default != path.absolute() else default.with_name(f"{name}-copy{suffix}"))


def _file(entered: str) -> Path:
    # Of a user that is not there the tilde stays, where Path.expanduser raises.
    return Path(os.path.expanduser(entered)).absolute()  # noqa: PTH111


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)
