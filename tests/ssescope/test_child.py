"""Commands that start, and those that do not; their signals are tested around ``run``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ssescope.child import NOT_EXECUTABLE, NOT_FOUND, end_as, run_child
from tests.ssescope.running import environment


async def test_the_code_is_the_commands() -> None:
    code = "import os, sys; sys.exit(int(os.environ['CODE']))"
    assert await run_child([sys.executable, "-c", code], environment(CODE="5")) == 5


async def test_a_command_that_cannot_start_is_told_as_a_shell_tells_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await run_child([str(tmp_path / "missing")], environment()) == NOT_FOUND
    assert await run_child([str(tmp_path)], environment()) == NOT_EXECUTABLE
    assert "no command" in capfd.readouterr().err


def test_a_code_stays_what_it_is() -> None:
    assert [end_as(code) for code in (0, 3, 127)] == [0, 3, 127]
