"""Commands that change captures, remove them, and hand them on."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

from ssescope.commands.options import captures_option, folder_or_default, json_option
from ssescope.durations import Age
from ssescope.sizes import Size


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


@click.command()
@captures_option
@click.option("--older-than", type=Age(), help="Not written to for this long, such as 7d.")
@click.option("--keep", type=click.IntRange(0), metavar="N", help="All but the N newest.")
@click.option("--max-size", type=Size(), help="The oldest, until the rest fits, such as 2GiB.")
@click.option("--yes", is_flag=True, help="Remove them; otherwise they are only shown.")
@json_option
def prune(
    folder: Path | None,
    *,
    older_than: float | None,
    keep: int | None,
    max_size: int | None,
    yes: bool,
    as_json: bool,
) -> NoReturn:
    """Remove old captures from their folder. Shows them only, unless --yes is given.

    A capture goes if any criterion says so, with its segments and every file that bears its id;
    one that is being recorded never does.
    """
    from captures.prune import Criteria
    from ssescope.prune_command import PruneOptions, run_prune

    criteria = Criteria(older_than, keep, max_size)
    options = PruneOptions(folder_or_default(folder), criteria, yes, as_json)
    raise SystemExit(run_prune(options))
