"""Commands that show what was recorded."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any, NoReturn

import click

from ssescope.commands.options import (
    captures_option,
    fail_on_option,
    folder_or_default,
    inspector_options,
    inspector_options_given,
    json_option,
)


@click.command()
@click.argument("path", required=False)
@captures_option
@click.option("--web", is_flag=True, help="In a browser of this machine, at the printed address.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port of --web (default: any free one)."
)
@click.option("--keys", is_flag=True, help="Print every key, as TOML for the settings, and end.")
@inspector_options
def inspect(
    path: str | None,
    *,
    folder: Path | None,
    web: bool,
    port: int | None,
    keys: bool,
    **how: Any,
) -> NoReturn:
    """Browse a folder of captures, or one capture, live.

    PATH may also be an .sse file, or - for a stream on stdin: curl -N URL | ssescope inspect -
    """
    if port is not None and not web:
        raise click.UsageError("--port is the port of --web, which was not given")
    # All that is loaded stays: to look through it for garbage costs a twentieth of the start.
    if not (web or keys):
        gc.disable()
    try:
        from ssescope.inspector_options import keys_in_toml
        from ssescope.watch import run_inspect, run_inspect_web

        options = inspector_options_given(**how)
        if keys:
            click.echo(keys_in_toml(options))
            raise SystemExit(0)
        captures = folder_or_default(folder)
        if web:
            raise SystemExit(run_inspect_web(path, captures, port or 0, options))
        raise SystemExit(run_inspect(path, captures, options))
    finally:
        gc.enable()


@click.command()
@captures_option
@click.option("-n", "count", type=click.IntRange(1), default=30, show_default=True)
@click.option("--all", "everything", is_flag=True, help="All captures, not only the newest.")
@json_option
def ls(folder: Path | None, count: int, everything: bool, as_json: bool) -> None:
    """List captures with their verdicts, the newest last."""
    from ssescope.views import list_captures

    list_captures(folder_or_default(folder), 0 if everything else count, as_json)


@click.command()
@click.argument("capture", required=False)
@captures_option
@json_option
@fail_on_option("never")
def show(capture: str | None, *, folder: Path | None, as_json: bool, fail_on: str) -> NoReturn:
    """Show one capture (default: the newest): verdict, timeline, message, findings.

    CAPTURE may also be an .sse file, or - for stdin.
    """
    from ssescope.views import show_capture

    raise SystemExit(show_capture(capture, folder_or_default(folder), as_json, fail_on))


@click.command()
@click.argument("capture", required=False)
@captures_option
@click.option("--request", is_flag=True, help="The request body instead of the response body.")
@click.option("--decoded", is_flag=True, help="With the content coding (gzip, br, …) undone.")
def cat(capture: str | None, folder: Path | None, request: bool, decoded: bool) -> None:
    """Write the recorded bytes of one capture to stdout (default: the newest)."""
    from ssescope.views import print_body

    print_body(capture, folder_or_default(folder), request, decoded)
