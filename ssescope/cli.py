"""The command line: every command by its name."""

from __future__ import annotations

import click

from ssescope.commands import judging, keeping, live, reading
from ssescope.commands.group import SafeGroup
from ssescope.commands.options import take_settings

COMMANDS: tuple[click.Command, ...] = (
    live.demo,
    live.proxy,
    live.run_around,
    live.faults,
    live.watch,
    live.replay,
    live.resend,
    live.sandbox,
    live.doctor,
    reading.inspect,
    reading.ls,
    reading.show,
    reading.cat,
    judging.lint,
    judging.explain,
    judging.stats,
    judging.diff,
    keeping.scrub,
    keeping.export,
    keeping.prune,
)


@click.group(cls=SafeGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ssescope", prog_name="ssescope")
@click.pass_context
def cli(context: click.Context) -> None:
    """See what your LLM streams really do: record, inspect and replay event streams."""
    take_settings(context)


for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """The console script."""
    cli(prog_name="ssescope")
