"""Commands that change captures, remove them, and hand them on."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

from ssescope.commands.options import captures_option, folder_or_default, json_option
from ssescope.durations import Age
from ssescope.sizes import Size

pattern_option = click.option(
    "--pattern", "patterns", multiple=True, metavar="REGEX", help="Another secret; group 1 or all."
)


@click.command()
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--output", type=click.Path(path_type=Path), help="Folder for the scrubbed copies.")
@click.option("--in-place", is_flag=True, help="Rewrite the captures themselves.")
@click.option("--check", is_flag=True, help="Rewrite nothing; exit code 1 if a secret is found.")
@click.option("--drop-coded", is_flag=True, help="Leave out compressed bodies that hold a secret.")
@pattern_option
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
@click.argument("capture", required=False)
@captures_option
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["sse", "capture", "curl"]),
    default="sse",
    show_default=True,
    help="The decoded answer, the capture as one file, or the request as a command.",
)
@click.option("--redact", is_flag=True, help="Write over known secrets, as ssescope scrub does.")
@pattern_option
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="A new file in place of stdout.",
    metavar="FILE",
)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def export(
    capture: str | None,
    *,
    folder: Path | None,
    format_name: str,
    redact: bool,
    patterns: tuple[str, ...],
    output: Path | None,
    force: bool,
) -> NoReturn:
    """Hand on one capture (default: the newest) as an event stream, a file, or a curl command.

    In a command variables such as $ANTHROPIC_API_KEY stand for the secrets, which no capture
    holds.
    """
    from ssescope.export_command import ExportOptions, Format, run_export

    options = ExportOptions(
        capture, folder_or_default(folder), Format(format_name), redact, patterns, output, force
    )
    raise SystemExit(run_export(options))


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
