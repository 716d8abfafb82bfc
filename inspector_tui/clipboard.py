"""Copying text out of the terminal, by whatever way there is. Blocks: call it in a thread."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

MAX_ESCAPE_SIZE = 74_000
"""Bytes that terminals commonly take in one OSC 52 sequence."""

_SECONDS = 3.0
_TOOLS: tuple[tuple[str, ...], ...] = (
    ("pbcopy",),
    ("wl-copy",),
    ("xclip", "-selection", "clipboard"),
    ("clip.exe",),
)
_NEEDS = {"wl-copy": "WAYLAND_DISPLAY", "xclip": "DISPLAY"}


def copy(text: str, write_escape: Callable[[str], None], environment: Mapping[str, str]) -> str:
    """Copies a text and tells in words by which way.

    Args:
        text: what to copy.
        write_escape: hands the text to the terminal as an OSC 52 sequence.
        environment: the process's environment variables.
    """
    size = f"{len(text):,} characters"
    data = text.encode("utf-8", "replace")
    for command in _commands(environment):
        if _feed(command, data):
            return f"Copied {size} with {command[0]}"
    if len(data) <= MAX_ESCAPE_SIZE:
        write_escape(text)
        return f"Sent {size} to the terminal (OSC 52); some terminals ignore it"
    return f"Too long for the terminal: saved {size} to {_save(data)}"


def _commands(environment: Mapping[str, str]) -> list[tuple[str, ...]]:
    commands: list[tuple[str, ...]] = []
    if "SSH_CONNECTION" not in environment:
        commands += [tool for tool in _TOOLS if _NEEDS.get(tool[0], "PATH") in environment]
    if "TMUX" in environment:
        commands.append(("tmux", "load-buffer", "-w", "-"))
    return [command for command in commands if shutil.which(command[0])]


def _feed(command: tuple[str, ...], data: bytes) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - one of the literal commands above
            command,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _save(data: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(prefix="ssescope-", suffix=".txt")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return Path(name)
