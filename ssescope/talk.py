"""What a running server says on stderr. Nobody has to listen."""

from __future__ import annotations

from contextlib import suppress

import click


def say(words: str) -> None:
    """Writes a line to stderr; one that nobody reads any more is lost, and nothing else with it.

    Args:
        words: already safe for a terminal.
    """
    with suppress(OSError):
        click.echo(words, err=True)
