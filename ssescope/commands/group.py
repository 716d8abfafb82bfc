"""The group of all commands, whose usage errors are safe for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click


class SafeGroup(click.Group):
    """Commands by name. Click's own errors quote arguments as they came; here they pass escaped."""

    def make_context(self, *arguments: Any, **settings: Any) -> click.Context:
        """Reads the arguments before the command's name."""
        with _safe_messages():
            return super().make_context(*arguments, **settings)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command, after its own arguments have been read."""
        with _safe_messages():
            return super().invoke(ctx)


@contextmanager
def _safe_messages() -> Iterator[None]:
    try:
        yield
    except click.ClickException as error:
        from inspector_tui.safe import safe_text

        words = error.format_message()
        safe = safe_text(words, newline="\n")
        if safe == words:
            raise
        if isinstance(error, click.UsageError):
            raise click.UsageError(safe, error.ctx) from None
        raise click.ClickException(safe) from None
