"""What the inspector's list costs over a folder of 100,000 captures, with more coming.

Run with ``python -m benchmarks.inspector_list [CAPTURES]``. The folder is made for it and removed.
The first screen is counted from the opening of the folder to rows on the screen, the program
being loaded; a tick is all that the inspector does ten times a second, with its share of reading.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from inspector_tui.app import InspectorApp
from inspector_tui.exchange_lines import ExchangeLines
from inspector_tui.library import Library
from inspector_tui.list_filter import parse
from inspector_tui.list_order import NEWEST_FIRST, Column, Order
from inspector_tui.screen import InspectorScreen

CAPTURES = 100_000
ARRIVING_PER_TICK = 5
"""At ten ticks a second these are 50 captures a second."""

TICKS = 100
FILTERS = (
    "opus", "client left", "nothing has this", "-sonnet", "model:haiku", "status:5xx",
    "status:529 finding:any", ">5s", "<200ms >1kB", "events>3", "is:live", "-is:complete",
    "finding:error", "stop:max_tokens path:/v1 method:post",
)  # fmt: skip
MODELS = ("claude-opus-4-1", "claude-sonnet-4-5", "claude-haiku-4-5", "gpt-5-mini")
STOP_REASONS = ("end_turn", "max_tokens", "tool_use")
STATUSES = (200,) * 18 + (529, 429)
FIRST = datetime(2025, 11, 1, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; times in seconds, memory in bytes."""

    first_screen: float
    reading: float
    """Seconds to read every capture once."""
    memory: int
    """Of all summaries and rows."""
    filters: dict[str, float]
    sorts: dict[str, float]
    tree: list[float]
    """Seconds of each step in which the tree is made."""
    ticks: list[float]
    updates: list[float]
    """The share of the list in each tick: filtering and sorting what changed."""


def capture(number: int) -> tuple[str, bytes]:
    """The file name and the bytes of one small capture."""
    started = FIRST + timedelta(seconds=number * 7)
    name = f"{started:%Y%m%dT%H%M%S}.{number % 1000:03d}Z-3fa9c1-{number:06d}"
    status = STATUSES[number % len(STATUSES)]
    last = 0.1 + number % 97 / 10
    model, stop = MODELS[number % 4], STOP_REASONS[number % 3]
    question = {"model": model, "messages": [{"role": "user", "content": f"question {number}"}]}
    head = {
        "version": "1.1",
        "status": status,
        "reason": "",
        "headers": [["content-type", "text/event-stream"]],
    }
    tally = {"bytes": 0, "sha256": "0" * 64, "chunks": 0}
    end = {"how": "complete", "why": "", "upstream": tally, "client": tally}
    records: list[object] = [
        [1, 0.0, "request", json.dumps(question)],
        [2, 0.1, "head", head],
        *([3 + index, last, "chunk", text] for index, text in enumerate(_events(model, stop))),
        [9, last, "end", end],
    ]
    header = {
        "ssescope": 1,
        "id": name,
        "started": f"{started:%Y-%m-%dT%H:%M:%S}.000Z",
        "upstream": "https://api.anthropic.com",
        "method": "POST",
        "path": "/v1/messages",
        "version": "1.1",
        "headers": [["content-type", "application/json"]],
    }
    lines = [json.dumps(line, separators=(",", ":")) for line in (header, *records)]
    return f"{name}.jsonl", ("\n".join(lines) + "\n").encode()


def _events(model: str, stop: str) -> list[str]:
    message: dict[str, object] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": [],
    }
    message |= {"model": model, "usage": {"input_tokens": 5, "output_tokens": 1}}
    events: tuple[dict[str, object], ...] = (
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": 9}},
        {"type": "message_stop"},
    )
    return [f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in events]


def write_captures(folder: Path, numbers: Sequence[int]) -> None:
    """Writes so many small captures that differ in model, status, stop reason and duration."""
    for number in numbers:
        name, data = capture(number)
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, data)
        os.close(descriptor)


def read_everything(library: Library) -> float:
    """Seconds until every capture has been read once."""
    start = perf_counter()
    while library.advance(0.5) or library.counts().unread:
        pass
    return perf_counter() - start


async def first_screen(folder: Path) -> float:
    """Seconds from opening the folder until its rows are on the screen."""
    start = perf_counter()
    library = Library(folder)
    app = InspectorApp(library)
    async with app.run_test(size=(160, 50)) as pilot:
        while "20251" not in _screen_text(app) and "✓" not in _screen_text(app):
            await pilot.pause()
        took = perf_counter() - start
    library.close()
    return took


async def ticks(folder: Path, library: Library, first: int) -> tuple[list[float], list[float]]:
    """What each tick takes while captures arrive, and the share of the list in it."""
    app = InspectorApp(library)
    whole: list[float] = []
    updates: list[float] = []
    async with app.run_test(size=(160, 50)) as pilot:
        screen = app.screen_stack[0]
        assert isinstance(screen, InspectorScreen)
        lines = ExchangeLines(library)
        lines.update(80)
        for index in range(TICKS):
            begin = first + index * ARRIVING_PER_TICK
            write_captures(folder, range(begin, begin + ARRIVING_PER_TICK))
            await asyncio.sleep(0.1)
            whole.append(_seconds(screen.tick))
            updates.append(_seconds(lambda: lines.update(80)))
            await pilot.pause()
    return whole, updates


def measure(captures: int = CAPTURES) -> Figures:
    """Makes a folder of so many captures, measures the list over it, and removes it."""
    folder = Path(tempfile.mkdtemp(prefix="ssescope-list-"))
    try:
        write_captures(folder, range(captures))
        first = asyncio.run(first_screen(folder))
        before = resident_size()
        library = Library(folder)
        lines = ExchangeLines(library)
        reading = read_everything(library)
        lines.update(80)
        memory = resident_size() - before
        filters = {text: _filtering(lines, text) for text in FILTERS}
        _filtering(lines, "")
        sorts = {column.value: _sorting(lines, column) for column in Column}
        lines.order = NEWEST_FIRST
        tree = _making_the_tree(lines)
        whole, updates = asyncio.run(ticks(folder, library, captures))
        library.close()
        return Figures(first, reading, memory, filters, sorts, tree, whole, updates)
    finally:
        shutil.rmtree(folder)


def resident_size() -> int:
    """Bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def report(figures: Figures, captures: int) -> str:
    """The figures as lines of text."""
    slowest = max(figures.filters, key=figures.filters.__getitem__)
    sorts = ", ".join(f"{name} {took * 1000:.0f}" for name, took in figures.sorts.items())
    per_capture = f"{figures.reading / captures * 1e6:.0f} µs a capture"
    per_summary = f"{figures.memory / captures:.0f} bytes a capture"
    return "\n".join(
        (
            f"captures             {captures:,}",
            f"first screen         {figures.first_screen:.2f} s",
            f"reading all          {figures.reading:.1f} s, {per_capture}",
            f"memory               {figures.memory / 1e6:.0f} MB, {per_summary}",
            f"filter               {_spread(list(figures.filters.values()))}, slowest {slowest!r}",
            f"sort, ms             {sorts}",
            f"tree                 {len(figures.tree)} steps, {_spread(figures.tree)}",
            f"tick, 50 arriving/s  {_spread(figures.ticks)}",
            f"of it the list       {_spread(figures.updates)}",
        )
    )


def _spread(times: list[float]) -> str:
    median, most = statistics.median(times) * 1000, max(times) * 1000
    return f"p50 {median:.1f} ms, max {most:.1f} ms"


def _filtering(lines: ExchangeLines, text: str) -> float:
    """The median of three, each with a filter that was not used before."""
    times = []
    for blanks in range(3):
        lines.filter = parse(text + " " * (blanks + 1))
        times.append(_seconds(lambda: lines.update(80)))
    return statistics.median(times)


def _sorting(lines: ExchangeLines, column: Column) -> float:
    lines.order = Order(column)
    return _seconds(lambda: lines.update(80))


def _making_the_tree(lines: ExchangeLines) -> list[float]:
    lines.toggle_tree()
    steps = [_seconds(lambda: lines.update(80))]
    while lines.tree_state != "tree":
        steps.append(_seconds(lambda: lines.update(80)))
    return steps


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _screen_text(app: InspectorApp) -> str:
    return "".join(strip.text for strip in app.screen._compositor.render_strips())  # noqa: SLF001


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CAPTURES
    print(report(measure(count), count))
