"""Makes docs/inspector.svg, the picture of the inspector in the README.

Run it from the top of the repository: python -m scripts.screenshot
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import cast

from inspector_tui.app import InspectorApp
from inspector_tui.library import Library
from inspector_tui.screen import InspectorScreen
from scripts.showcase import NOW, record_ended, record_running

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "inspector.svg"
SIZE = (120, 34)
TITLE = "127.0.0.1:8484 → api.anthropic.com"
FONTS = "'Fira Code', ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def without_remote_fonts(svg: str) -> str:
    """The picture with local fonts alone: it names no other host."""
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: ?Fira Code, ?monospace", f"font-family: {FONTS}", svg)
    return "\n".join(line.rstrip() for line in svg.split("\n")).rstrip() + "\n"


async def picture(folder: Path) -> str:
    """The inspector over these captures, as SVG."""
    library = Library(folder, wall_clock=NOW.timestamp)
    app = InspectorApp(library, title=TITLE)
    async with app.run_test(size=SIZE) as pilot:
        screen = cast("InspectorScreen", app.screen)
        while library.counts().unread or not library.counts().exchanges:
            screen.tick()
            await pilot.pause()
        await pilot.press("j")
        screen.tick()
        await pilot.press("tab", "G", "k")
        screen.tick()
        await pilot.pause()
        svg = app.export_screenshot(title="ssescope")
    library.close()
    return without_remote_fonts(svg)


def main() -> None:
    """Writes the picture."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    with tempfile.TemporaryDirectory() as folder:
        running = record_running(Path(folder), NOW - timedelta(seconds=0.9))
        record_ended(Path(folder))
        svg = asyncio.run(picture(Path(folder)))
        running.end()
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(svg, encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {len(svg):,} characters")


if __name__ == "__main__":
    main()
