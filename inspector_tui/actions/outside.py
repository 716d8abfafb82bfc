"""The user's own programs in this terminal: the pager and the editor, on a file of their own.

Blocks until the program ends: the inspector has given the terminal away and must draw nothing.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

from inspector_tui.actions.shown_text import Document

PAGERS = ("less", "more")
EDITORS = ("vi", "nano")
MAX_SIZE = 256 * 1024 * 1024
"""Bytes that are written into the file; of more, the first."""

_Handler = Callable[[int, FrameType | None], object] | int | None


class OutsideError(Exception):
    """A program that cannot be used. The message says why and what to do."""


def pager(environment: Mapping[str, str]) -> list[str]:
    """The words of $PAGER, or a pager that is there.

    Raises:
        OutsideError: there is none.
    """
    return _program(environment, ("PAGER",), PAGERS)


def editor(environment: Mapping[str, str]) -> list[str]:
    """The words of $VISUAL or $EDITOR, or an editor that is there.

    Raises:
        OutsideError: there is none.
    """
    return _program(environment, ("VISUAL", "EDITOR"), EDITORS)


@contextmanager
def kept_in_file(document: Document) -> Iterator[Path]:
    """The document as a file, mode 0600 in a folder of mode 0700, for as long as the block.

    Raises:
        OSError: it cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="ssescope-") as folder:
        path = Path(folder) / document.name
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        left = MAX_SIZE
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            for piece in document.pieces:
                file.write(piece[:left])
                left -= min(left, len(piece))
        yield path


def run_outside(command: Sequence[str], path: Path) -> int:
    """Runs a program on a file in this terminal and waits for its end; returns its exit code.

    It alone is interrupted from the keyboard and stopped by Ctrl-Z together with us; a signal
    that ends us ends it first.

    Raises:
        OutsideError: it cannot be started.
    """
    child: list[subprocess.Popen[bytes]] = []
    told: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        told.append(number)
        for process in child:
            with suppress(ProcessLookupError):
                process.terminate()

    # The event loop hears of the signal when the program has ended, and ends the inspector.
    with ExitStack() as handlers:
        _handle(handlers, dict.fromkeys((signal.SIGTERM, signal.SIGHUP), end))
        try:
            child.append(subprocess.Popen([*command, str(path)]))  # noqa: S603 - the user's own
        except OSError as error:
            raise OutsideError(f"cannot run {command[0]}: {error.strerror}") from None
        # Only now: what is ignored would be ignored by the program too.
        _handle(handlers, dict.fromkeys((signal.SIGINT, signal.SIGQUIT), signal.SIG_IGN))
        _handle(handlers, dict.fromkeys((signal.SIGTSTP, signal.SIGCONT), signal.SIG_DFL))
        if told:
            child[0].terminate()
        return child[0].wait()


def _handle(stack: ExitStack, handlers: Mapping[int, _Handler]) -> None:
    """Handles signals so until the stack is left."""
    for number, handler in handlers.items():
        stack.callback(signal.signal, number, signal.signal(number, handler))


def _program(
    environment: Mapping[str, str], variables: Sequence[str], usual: Sequence[str]
) -> list[str]:
    for variable in variables:
        if environment.get(variable, "").strip():
            return _words(variable, environment[variable])
    found = next((name for name in usual if shutil.which(name)), None)
    if found is None:
        names = " and ".join(usual)
        raise OutsideError(f"neither {names} is installed; set ${variables[-1]} to what you use")
    return [found]


def _words(variable: str, value: str) -> list[str]:
    try:
        words = shlex.split(value)
    except ValueError as error:
        raise OutsideError(f"${variable} is {value!r}, which is no command: {error}") from None
    if not words or shutil.which(words[0]) is None:
        name = words[0] if words else value
        raise OutsideError(f"${variable} is {value!r}, and no program {name!r} was found")
    return words
