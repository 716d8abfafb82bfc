from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from ssescope.commands.group import SafeGroup
from tests.ssescope.hostile import short

HOSTILE = f"x{short(0)}{short(17)}{short(18)}"


@click.group(cls=SafeGroup)
def group() -> None:
    """Commands."""


@group.command()
@click.option("--number", type=int)
def command(number: int | None) -> None:
    """Takes no arguments."""


@pytest.mark.parametrize(
    "arguments",
    [
        [HOSTILE],
        [f"--{HOSTILE}"],
        ["command", HOSTILE],
        ["command", f"--{HOSTILE}"],
        ["command", "--number", HOSTILE],
    ],
)
def test_an_argument_is_quoted_escaped(arguments: list[str]) -> None:
    done = CliRunner().invoke(group, arguments)
    assert done.exit_code == 2
    assert "PWN" in done.output
    assert not set(done.output) & set("\x1b\x07\x9b\u202e")
    assert done.output.startswith("Usage: ")
