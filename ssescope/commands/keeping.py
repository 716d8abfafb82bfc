"""Commands that change captures."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

from ssescope.commands.options import json_option


@click.command()
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--output", type=click.Path(path_type=Path), help="Folder for the scrubbed copies.")
@click.option("--in-place", is_flag=True, help="Rewrite the captures themselves.")
@click.option("--check", is_flag=True, help="Rewrite nothing; exit code 1 if a secret is found.")
@click.option("--drop-coded", is_flag=True, help="Leave out compressed bodies that hold a secret.")
@click.option(
    "--pattern", "patterns", multiple=True, metavar="REGEX", help="Another secret; group 1 or all."
)
@json_option
def scrub(
    paths: tuple[Path, ...],
    *,
    output: Path | None,
    in_place: bool,
    check: bool,
    drop_coded: bool,
    patterns: tuple[str, ...],
    as_json: bool,
) -> NoReturn:
    """Write over known secrets in captures and folders of them, so that they can be shared.

    Lengths, chunks and times stay as they are.
    """
    from ssescope.scrub_command import ScrubOptions, run_scrub

    options = ScrubOptions(paths, output, in_place, check, drop_coded, patterns, as_json)
    raise SystemExit(run_scrub(options))
