from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from inspector_tui.clipboard import MAX_ESCAPE_SIZE, copy


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole search path."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def a_tool(folder: Path, name: str, script: str) -> Path:
    """Puts a command into the search path; returns where it writes."""
    target = folder / f"{name}.out"
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script.replace('OUT', str(target))}\n")
    path.chmod(0o755)
    return target


def test_a_local_tool_comes_first(tools: Path) -> None:
    target = a_tool(tools, "wl-copy", "exec /bin/cat > OUT")
    sent: list[str] = []
    words = copy("höhe", sent.append, {"WAYLAND_DISPLAY": "w", "PATH": ""})
    assert words == "Copied 4 characters with wl-copy"
    assert target.read_text() == "höhe"
    assert sent == []


def test_over_ssh_the_local_tools_are_somebody_else_s(tools: Path) -> None:
    a_tool(tools, "pbcopy", "exit 0")
    target = a_tool(tools, "tmux", 'echo "$@" > OUT; exec /bin/cat >> OUT')
    sent: list[str] = []
    environment = {"SSH_CONNECTION": "x", "TMUX": "y", "PATH": ""}
    assert copy("text", sent.append, environment) == "Copied 4 characters with tmux"
    assert target.read_text() == "load-buffer -w -\ntext"


def test_a_tool_that_fails_is_passed_over(tools: Path) -> None:
    a_tool(tools, "xclip", "exit 1")
    sent: list[str] = []
    words = copy("text", sent.append, {"DISPLAY": ":0", "PATH": ""})
    assert "OSC 52" in words
    assert sent == ["text"]


@pytest.mark.usefixtures("tools")
def test_what_is_too_long_for_the_terminal_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sent: list[str] = []
    words = copy("x" * (MAX_ESCAPE_SIZE + 1), sent.append, {})
    saved = Path(words.rpartition(" ")[2])
    assert words.startswith("Too long for the terminal: saved 74,001 characters to ")
    assert saved.stat().st_size == MAX_ESCAPE_SIZE + 1
    assert saved.stat().st_mode & 0o777 == 0o600
    assert sent == []
    assert os.access(saved, os.R_OK)
