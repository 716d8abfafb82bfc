"""The command line itself."""

from __future__ import annotations

import click
import pytest

from ssescope.cli import cli
from tests.ssescope.running import ssescope


def test_it_tells_its_version() -> None:
    shown = ssescope("--version")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("ssescope, version ")


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_and_option_says_what_it_does(name: str) -> None:
    command = cli.commands[name]
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option) and not (option.show_default or option.is_flag):
            assert option.help, option.name
    assert ssescope(name, "--help").returncode == 0


def test_a_wrong_flag_or_command_is_code_2_without_a_traceback() -> None:
    for arguments in (("ls", "--nonsense"), ("nonsense",), ("proxy",)):
        failed = ssescope(*arguments)
        assert failed.returncode == 2
        assert failed.stdout == ""
        assert "Traceback" not in failed.stderr


def test_the_inspector_without_a_terminal_points_to_the_plain_commands() -> None:
    failed = ssescope("inspect", "/")
    assert failed.returncode == 2
    assert "needs a terminal" in failed.stderr
