"""What is being replayed where."""

from __future__ import annotations

from asyncio.subprocess import Process
from dataclasses import dataclass
from pathlib import Path

from rich.segment import Segment

from inspector_tui import palette
from inspector_tui.cells import Row, crop
from inspector_tui.safe import safe_text


@dataclass(frozen=True, slots=True)
class Replay:
    """One exchange that is being served."""

    path: Path
    process: Process
    manner: str
    """How, as options of the command; empty as it was recorded."""
    origin: str
    """Where it answers."""
    lines: tuple[str, ...]
    """What is pasted into a shell to lead a client there."""


class Replays:
    """What is being served, by its capture. Mutable."""

    def __init__(self) -> None:
        self._running: dict[Path, Replay] = {}

    def of(self, path: Path) -> Replay | None:
        """The replay of a capture, if there is one."""
        return self._running.get(path)

    def add(self, replay: Replay) -> None:
        """Takes one that has come up."""
        self._running[replay.path] = replay

    def discard(self, replay: Replay) -> None:
        """Forgets one that has ended."""
        if self._running.get(replay.path) is replay:
            del self._running[replay.path]

    def row(self, width: int) -> Row:
        """What is being served where; empty if nothing is."""
        running = list(self._running.values())
        if not running:
            return []
        words = [f"{replay.origin} ({safe_text(replay.path.stem)})" for replay in running]
        shown = crop(f"replaying at {', '.join(words)}", width - 4)
        return [Segment(" ▶ ", palette.GOOD), Segment(shown, palette.PLAIN)]
