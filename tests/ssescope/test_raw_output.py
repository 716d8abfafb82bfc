"""Recorded bytes on a terminal and in a pipe."""

from __future__ import annotations

from pathlib import Path

from tests.ssescope.running import ssescope
from tests.ssescope.saved import HOSTILE, save
from tests.ssescope.terminal import in_a_terminal

PIECES = ("data: caf\u00e9 ".encode()[:-2], "\u00e9 ".encode()[1:], HOSTILE.encode(), b"\xff\n\n")


def test_a_pipe_gets_every_byte(tmp_path: Path) -> None:
    capture = save(tmp_path, (b"plain\r\n", "caf\u00e9".encode()[:-1], b"\xa9"))
    assert ssescope("cat", str(capture)).stdout == "plain\ncaf\u00e9"


def test_a_terminal_gets_nothing_that_drives_it_and_code_points_whole(tmp_path: Path) -> None:
    capture = save(tmp_path, PIECES)
    with in_a_terminal("cat", str(capture)) as terminal:
        assert terminal.exit_code() == 0
    shown = terminal.output.decode()
    assert not set("\x1b\x07\u202e\x9b") & set(shown)
    assert "caf\u00e9 \u241b]52;" in shown
    assert "\\xff" in shown
    assert "escaped for the terminal" in shown
