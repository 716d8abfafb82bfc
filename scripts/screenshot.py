"""Makes the pictures of the inspector: docs/inspector.svg of the README, and docs/inspector/*.svg.

Run it from the top of the repository: python -m scripts.screenshot
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

from inspector_tui.app import InspectorApp
from inspector_tui.library import Library
from inspector_tui.screen import InspectorScreen
from scripts.showcase import NOW, record_ended, record_running

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
WIDE, NARROW = (120, 34), (80, 24)
TITLE = "127.0.0.1:8484 → api.anthropic.com"
FONTS = "'Fira Code', ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"

MAX_TICKS = 100


def without_remote_fonts(svg: str) -> str:
    """The picture with local fonts alone: it names no other host."""
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: ?Fira Code, ?monospace", f"font-family: {FONTS}", svg)
    return "\n".join(line.rstrip() for line in svg.split("\n")).rstrip() + "\n"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: what the terminal is, and which keys lead to what it shows."""

    name: str
    size: tuple[int, int]
    keys: str
    """Names of keys with blanks between them, after the list has been read."""
    words: str
    """What is on the screen in the end."""


PICTURES = (
    Picture("inspector", WIDE, "j tab G k", "stop_reason: end_turn"),
    Picture("inspector/filter", NARROW, "slash f i n d i n g : a n y space > 3 s", "3 of 13"),
    Picture("inspector/tree", NARROW, "t", "retry 2"),
    Picture("inspector/moment", WIDE, "j tab G k k 2 t shift+left shift+left", "still due"),
    Picture("inspector/chunks", WIDE, "j tab 3", "begins in"),
    Picture("inspector/timing", WIDE, "j tab 4", "p99"),
    Picture("inspector/findings", WIDE, "j j tab 5", "ANT004"),
    Picture("inspector/diff", WIDE, "j j m j m d", "output tokens"),
)


async def drawn(picture: Picture, folder: Path) -> str:
    """The inspector over these captures, as SVG."""
    library = Library(folder, wall_clock=NOW.timestamp)
    app = InspectorApp(library, title=TITLE)
    async with app.run_test(size=picture.size) as pilot:
        screen = cast("InspectorScreen", app.screen)

        async def tick() -> None:
            screen.tick()
            await pilot.pause()

        while library.counts().unread or not library.counts().exchanges:
            await tick()
        for key in picture.keys.split():
            await pilot.press(key)
            await tick()
        for _ in range(MAX_TICKS):
            svg = app.export_screenshot(title="ssescope")
            if picture.words.replace(" ", "&#160;") in svg:
                break
            await tick()
        else:
            raise SystemExit(f"{picture.name}: {picture.words!r} never came")
    library.close()
    return without_remote_fonts(svg)


def pictures(names: Container[str]) -> Iterator[tuple[Path, str]]:
    """The pictures of these names, each with its file."""
    with tempfile.TemporaryDirectory() as folder:
        running = record_running(Path(folder), NOW - timedelta(seconds=0.9))
        record_ended(Path(folder))
        for picture in PICTURES:
            if picture.name in names:
                yield DOCS / f"{picture.name}.svg", asyncio.run(drawn(picture, Path(folder)))
        running.end()


def main() -> None:
    """Makes every picture, or those that are named."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    for target, svg in pictures(sys.argv[1:] or {picture.name for picture in PICTURES}):
        target.parent.mkdir(exist_ok=True)
        target.write_text(svg, encoding="utf-8")
        print(f"{target.relative_to(ROOT)}: {len(svg):,} characters")


if __name__ == "__main__":
    main()
