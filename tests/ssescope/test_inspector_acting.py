"""What the inspector does with an exchange, in a real terminal, by the program's own commands."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from captures.annotation import read_annotation
from captures.loading import load
from tests.captures.waiting import wait_until
from tests.ssescope.hostile import write_all
from tests.ssescope.raw_forms import raw_forms
from tests.ssescope.running import DEADLINE
from tests.ssescope.saved import HOSTILE, answer, save
from tests.ssescope.terminal import in_a_terminal

QUIT = "\x11"
PAGER = """#!/bin/sh
trap 'echo "INTERRUPTED"; exit 5' INT
cp "$1" "$0.copy"
stat -c '%a' "$1" "$(dirname "$1")" > "$0.modes"
echo "$1" > "$0.path"
echo "THE PAGER SHOWS"; cat "$1"
read -r line
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A pager that keeps what it got, and ends with a line that is typed or an interrupt."""
    path = tmp_path / "my pager"
    path.write_text(PAGER)
    path.chmod(0o755)
    return path


def is_listening(port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), DEADLINE).close()
    except ConnectionRefusedError:
        return False
    return True


def test_the_pager_gets_a_safe_copy_and_the_inspector_comes_back(
    tmp_path: Path, program: Path
) -> None:
    capture = save(tmp_path / "captures", answer(HOSTILE))
    with in_a_terminal("inspect", str(capture), PAGER=f"'{program}'", NO_COLOR="") as terminal:
        terminal.wait_for("message_start")
        terminal.type_until("2", r"end_turn")
        terminal.type_until("v", r"THE PAGER SHOWS")
        terminal.type_until("\n", r"Timeline")
        terminal.type_until("v", r"THE PAGER SHOWS")
        # It is for the pager alone.
        terminal.type_until("\x03", r"(?s)INTERRUPTED.*ended with code 5")
        terminal.type(QUIT)
        assert terminal.exit_code() == 0
    assert raw_forms(terminal.output, screen=True) == []
    shown = Path(f"{program}.copy").read_text()
    assert "␛]52;c;cHduZWQ=␇<202E>\ufffd2J[/red]" in shown
    assert Path(f"{program}.modes").read_text() == "600\n700\n"
    path = Path(Path(f"{program}.path").read_text().strip())
    assert not path.parent.exists()


def test_the_editor_gets_the_bytes_and_a_signal_ends_both(tmp_path: Path, program: Path) -> None:
    capture = save(tmp_path / "captures", answer(HOSTILE))
    with in_a_terminal("inspect", str(capture), VISUAL=f"'{program}'", EDITOR="no") as terminal:
        terminal.wait_for("message_start")
        terminal.type_until("6", r"begins a network chunk|event: message_start")
        terminal.type_until("e", r"THE PAGER SHOWS")
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.exit_code() == 143
    exchange = load(capture)
    body = exchange.body.bytes_between(0, exchange.body.size)
    assert Path(f"{program}.copy").read_bytes() == body
    path = Path(Path(f"{program}.path").read_text().strip())
    assert not path.parent.exists()


def test_a_pager_that_is_not_there_is_one_message(tmp_path: Path) -> None:
    write_all(tmp_path)
    with in_a_terminal("inspect", str(tmp_path / "2026-01.jsonl"), PAGER="no-such -x") as terminal:
        terminal.wait_for("content_block_delta")
        terminal.type_until("v", r"no program")
        terminal.type(QUIT)
        assert terminal.exit_code() == 0


def test_a_note_of_several_lines_is_written_in_the_editor(tmp_path: Path) -> None:
    capture = save(tmp_path / "captures")
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "EDITING $(cat "$1")"\necho second >> "$1"\n')
    editor.chmod(0o755)
    with in_a_terminal("inspect", str(capture), VISUAL=str(editor)) as terminal:
        terminal.wait_for("message_start")
        # What is typed ahead belongs to the note.
        terminal.type_until("afirst\x05", r"(?s)EDITING first.*✎ first↵second")
        # Of several lines, it goes to the editor at once.
        terminal.type_until("a", r"(?s)EDITING first.*✎ first↵second↵second")
        terminal.type(QUIT)
        assert terminal.exit_code() == 0
    assert read_annotation(capture).split("\n") == ["first", "second", "second"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_replay_outlives_the_inspector(number: signal.Signals, tmp_path: Path) -> None:
    capture = save(tmp_path / "captures")
    with in_a_terminal("inspect", str(capture)) as terminal:
        terminal.wait_for("message_start")
        terminal.type_until("r", r"As it was recorded")
        terminal.type_until("i", r"export ANTHROPIC_BASE_URL=http://127\.0\.0\.1:\d+")
        port = int(terminal.found(r"(?<=ANTHROPIC_BASE_URL=http://127\.0\.0\.1:)\d+"))
        socket.create_connection(("127.0.0.1", port), DEADLINE).close()
        os.kill(terminal.pid, number)
        assert terminal.exit_code() in {-number, 128 + number}
    wait_until(lambda: not is_listening(port))
