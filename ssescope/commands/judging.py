"""Commands that judge streams and count them."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

from ssescope.commands.options import (
    captures_option,
    fail_on_option,
    folder_or_default,
    json_option,
)

_paths_argument = click.argument("paths", metavar="[PATH]...", nargs=-1)


@click.command()
@_paths_argument
@click.option(
    "--select", "select", multiple=True, metavar="CODE", help="Only rules that begin so, as SSE."
)
@click.option(
    "--ignore", "ignore", multiple=True, metavar="CODE", help="No rules that begin so, as SSE004."
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["text", "json", "sarif", "junit", "github"]),
    default="text",
    show_default=True,
    help="Who reads it: people, programs, or a build server.",
)
@json_option
@fail_on_option("warning")
@captures_option
def lint(
    paths: tuple[str, ...],
    *,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    format_name: str,
    as_json: bool,
    fail_on: str,
    folder: Path | None,
) -> NoReturn:
    """Say what is wrong with streams: captures, folders, .sse files, or - for stdin.

    Without a PATH it is the newest capture. The codes are explained in docs/rules.
    """
    from ssescope.lint import LintOptions, Selection, run_lint

    options = LintOptions(
        paths,
        Selection(select, ignore),
        "json" if as_json else format_name,
        fail_on,
        folder_or_default(folder),
    )
    raise SystemExit(run_lint(options))


@click.command()
@click.argument("path", required=False)
@json_option
@fail_on_option("never")
@captures_option
def explain(path: str | None, *, as_json: bool, fail_on: str, folder: Path | None) -> NoReturn:
    """Tell in ten plain lines what happened in one stream, fit for a bug report."""
    from ssescope.explain import run_explain

    raise SystemExit(run_explain(path, folder_or_default(folder), as_json, fail_on))


@click.command()
@_paths_argument
@click.option(
    "--by",
    type=click.Choice(["both", "model", "upstream", "none"]),
    default="both",
    show_default=True,
    help="What tells the groups apart.",
)
@json_option
@captures_option
def stats(paths: tuple[str, ...], *, by: str, as_json: bool, folder: Path | None) -> NoReturn:
    """Count many captures: how they ended, and percentiles of their times."""
    from ssescope.stats_command import run_stats
    from ssescope.views import ink_for_stdout

    code = run_stats(
        paths,
        folder_or_default(folder),
        by_model=by in {"both", "model"},
        by_upstream=by in {"both", "upstream"},
        as_json=as_json,
        ink=ink_for_stdout(),
    )
    raise SystemExit(code)


@click.command()
@click.argument("before")
@click.argument("after")
@json_option
@captures_option
def diff(before: str, after: str, *, as_json: bool, folder: Path | None) -> NoReturn:
    """Hold two captures against each other: requests, events, messages and times.

    BEFORE and AFTER are paths, ids or .sse files. The exit code is 1 if more than times differs.
    """
    from ssescope.diff_command import run_diff
    from ssescope.views import ink_for_stdout

    where = folder_or_default(folder)
    raise SystemExit(run_diff(before, after, where, as_json, ink_for_stdout()))
