"""Runs the inspector without a terminal, tick by tick, and reads what it shows."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from captures.exchange import Exchange
from captures.loading import load
from inspector_tui.app import InspectorApp
from inspector_tui.cells import Row, row_text
from inspector_tui.library import Library
from inspector_tui.lines import Lines
from inspector_tui.screen import InspectorScreen

NOW = datetime(2025, 11, 23, 14, 30, tzinfo=UTC)
"""The present in these tests: on the day of the captures."""

TITLE = "127.0.0.1:8484 → api.anthropic.com"
SNAPSHOTS = Path(__file__).parent / "snapshots"
MAX_TICKS = 300
DEADLINE = 30
"""Seconds that a child process may take."""
PROGRAM = (sys.executable, "-m", "ssescope")
"""What starts a command of ours."""


def library_of(path: Path) -> Library:
    """A library whose wall clock stands still."""
    return Library(path, wall_clock=NOW.timestamp)


def paths_of(library: Library) -> list[Path]:
    """Every capture, oldest first."""
    return [library.folder / name for name in library.names]


def read_all(library: Library) -> None:
    """Advances until every capture has been read as far as it goes."""
    for _ in range(MAX_TICKS):
        if not library.advance(0.05):
            return
    raise AssertionError("the library never got up to date")


def exchange_of(path: Path) -> Exchange:
    """The exchange of a capture."""
    return load(path)


def texts(rows: list[Row]) -> list[str]:
    """The characters of rows."""
    return [row_text(row).rstrip() for row in rows]


def lines_text(lines: Lines, width: int) -> list[str]:
    """The characters of all rows of a source."""
    lines.update(width)
    return [row_text(lines.row(index)).rstrip() for index in range(len(lines))]


@dataclass(frozen=True, slots=True)
class Running:
    """A running inspector."""

    app: InspectorApp
    pilot: Pilot[None]

    @property
    def screen(self) -> InspectorScreen:
        """Its screen, also while the help lies over it."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, InspectorScreen)
        return screen

    async def tick(self, times: int = 1) -> None:
        """Lets so many ticks pass."""
        for _ in range(times):
            self.screen.tick()
            await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Lets ticks pass until something holds."""
        for _ in range(MAX_TICKS):
            if condition():
                return
            await self.tick()
        raise AssertionError(f"it never came to hold; the screen:\n{self.text()}")

    async def eventually(self, condition: Callable[[], bool]) -> None:
        """Lets ticks pass until something holds that a child process brings about."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, f"it never came to hold:\n{self.text()}"
            await self.tick()
            await asyncio.sleep(0.01)

    async def press(self, *keys: str) -> None:
        """Presses keys, and lets a tick pass."""
        await self.pilot.press(*keys)
        await self.tick()

    def text(self) -> str:
        """What is on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    def told(self) -> str:
        """What its messages say that are on the screen, each on a line."""
        return "\n".join(message.message for message in self.app._notifications)

    def rows(self) -> list[str]:
        """What is on the screen, row by row."""
        return self.text().split("\n")


@asynccontextmanager
async def inspecting(
    path: Path,
    width: int = 80,
    height: int = 24,
    program: Sequence[str] = (),
    keys: Mapping[str, str] | None = None,
) -> AsyncIterator[Running]:
    """Runs the inspector over a path, up to date with what is there."""
    library = library_of(path)
    app = InspectorApp(library, title=TITLE, program=program, keys=keys)
    try:
        async with app.run_test(size=(width, height), notifications=True) as pilot:
            running = Running(app, pilot)
            await running.tick()
            await running.until(lambda: library.counts().unread == 0)
            await running.tick(2)
            yield running
    finally:
        library.close()


def assert_snapshot(name: str, text: str) -> None:
    """Compares a screen with the one kept under this name.

    SSESCOPE_UPDATE_SNAPSHOTS=1 keeps the new one instead.
    """
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("SSESCOPE_UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text + "\n"
