"""Exit codes, and how a command ends on a user's mistake."""

from __future__ import annotations

from enum import IntEnum
from typing import NoReturn

import click

from inspector_tui.safe import safe_text


class Exit(IntEnum):
    """What the exit codes of every command mean."""

    FINE = 0
    FINDINGS = 1
    USAGE = 2
    CANNOT_BIND = 3
    FOLDER_UNUSABLE = 4
    CAPTURE_INVALID = 5
    CAPTURE_LOST = 6
    INTERRUPTED = 130
    TERMINATED = 143


def fail(code: Exit, message: str) -> NoReturn:
    """Ends the command with one clear line on stderr and this exit code.

    Args:
        code: the exit code.
        message: what was found, what was expected, where, and what to do.
    """
    click.echo(f"ssescope: {safe_text(message)}", err=True)
    raise SystemExit(code)
