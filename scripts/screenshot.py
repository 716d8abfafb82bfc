"""Makes docs/inspector.svg, the picture of the inspector in the README.

The captures it shows are written by this script with made-up times, so that running it again
gives the same file. Run it from the top of the repository: python scripts/screenshot.py
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from captures.capture_file import CaptureFile  # noqa: E402 - found by the line above
from captures.losses import Losses  # noqa: E402
from captures.record_lines import encode_request  # noqa: E402
from captures.records import (  # noqa: E402
    Boundary,
    Chunk,
    End,
    Ending,
    Head,
    Latency,
    Request,
    RequestChunk,
    Tally,
)
from inspector_tui.app import InspectorApp  # noqa: E402
from inspector_tui.library import Library  # noqa: E402
from inspector_tui.screen import InspectorScreen  # noqa: E402

TARGET = ROOT / "docs" / "inspector.svg"
SIZE = (120, 34)
TITLE = "127.0.0.1:8484 → api.anthropic.com"
NOW = datetime(2026, 3, 4, 14, 2, 31, tzinfo=UTC)
FONTS = "'Fira Code', ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"

SONNET, OPUS, HAIKU = (
    "claude-sonnet-4-5-20250929",
    "claude-opus-4-1-20250805",
    "claude-haiku-4-5-20251001",
)

QUESTION = "Why did my answer stop in the middle of a sentence?"
ANSWER = re.findall(
    r" ?`?[\w-]+`?|[:,.]\n*",
    "The streamed answer did not stop: your loop did. Text arrives in `content_block_delta`, and "
    "when the text ends the loop ends with it. But the reason comes later: `stop_reason` stands "
    "in `message_delta`, just before `message_stop`.\n\nRead on to the end, and a cut-off answer "
    "tells you so.",
)

OTHERS: tuple[tuple[int, str, Ending, str, int], ...] = (
    (19, SONNET, Ending.COMPLETE, "max_tokens", 38),
    (48, HAIKU, Ending.COMPLETE, "end_turn", 22),
    (71, OPUS, Ending.COMPLETE, "tool_use", 45),
    (102, SONNET, Ending.CLIENT_LEFT, "", 30),
    (140, SONNET, Ending.COMPLETE, "end_turn", 64),
    (181, OPUS, Ending.UPSTREAM_TRUNCATED, "", 51),
    (224, HAIKU, Ending.COMPLETE, "end_turn", 12),
    (263, SONNET, Ending.COMPLETE, "end_turn", 57),
    (305, "", Ending.COMPLETE, "", 0),
    (352, SONNET, Ending.COMPLETE, "end_turn", 40),
    (391, HAIKU, Ending.COMPLETE, "end_turn", 26),
)
"""Seconds before the shown one, model, ending, stop reason, tokens."""


def paces() -> Iterator[float]:
    """Waits between events as a model makes them: short, uneven, now and then a longer one."""
    state = 7
    while True:
        state = (state * 1103515245 + 12345) % 2**31
        share = (state >> 8) % 1000 / 1000
        yield 0.012 + 0.06 * share**3 + (0.21 if share > 0.97 else 0.0)


def event(type_: str, **fields: Any) -> bytes:
    """One event as it stands on the wire."""
    payload = json.dumps({"type": type_, **fields}, separators=(",", ":"), ensure_ascii=False)
    return f"event: {type_}\ndata: {payload}\n\n".encode()


def answer(model: str, pieces: Iterable[str], reason: str) -> list[bytes]:
    """The events of a whole stream."""
    message = {
        "id": "msg_01XFDUDYJgAACzvnptvVoYEL", "type": "message", "role": "assistant",
        "model": model, "content": [], "usage": {"input_tokens": 318, "output_tokens": 1},
    }  # fmt: skip
    deltas = [
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
        for piece in pieces
    ]
    stop = {"stop_reason": reason, "stop_sequence": None}
    return [
        event("message_start", message=message),
        event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        event("ping"),
        *deltas,
        event("content_block_stop", index=0),
        event("message_delta", delta=stop, usage={"output_tokens": len(deltas)}),
        event("message_stop"),
    ]


def record(folder: Path, age: float, events: list[bytes], how: Ending | None, number: int) -> None:
    """Writes one capture that began this many seconds before the present."""
    started = NOW - timedelta(seconds=age + 5)
    status, content_type = (
        (200, "text/event-stream") if len(events) > 1 else (529, "application/json")
    )
    name = f"{started:%Y%m%dT%H%M%SZ}-3fa9c1-{number:06d}"
    request = Request(
        name, started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "https://api.anthropic.com", "POST", "/v1/messages", "1.1",
        (("x-api-key", "[redacted len=108 fp=3fa9c1e2]"), ("content-type", "application/json")),
    )  # fmt: skip
    body = {"model": SONNET, "stream": True, "messages": [{"role": "user", "content": QUESTION}]}
    file = CaptureFile(folder / f"{name}.jsonl", encode_request(request), Losses())
    now, wait = 0.412, paces()
    head = Head(2, now, "1.1", status, "", (("content-type", content_type),))
    file.append([RequestChunk(1, 0.0004, json.dumps(body).encode()), head], 0.0)
    if how is not Ending.COMPLETE and how is not None:
        events = [*events[:-9], events[-9][:41]]
    for seq, data in enumerate(events, 3):
        now += next(wait) + (1.18 if seq == 34 else 0.4 if seq == 5 else 0.0)
        file.append([Chunk(seq, round(now, 6), data, Boundary.CHUNK)], 0.0)
    if how is not None:
        sent = b"".join(events)
        tally = Tally(len(sent), hashlib.sha256(sent).hexdigest(), len(events))
        latency = Latency(p50=0.00014, p99=0.00021, maximum=0.00041, client_wait=0.0)
        end = End(len(events) + 3, round(now + 0.001, 6), how, "", tally, tally, latency)
        file.append([end], 0.0)
        file.close()


def record_all(folder: Path) -> None:
    """Writes the captures of the picture."""
    words = ANSWER * 2
    record(folder, -4.1, answer(SONNET, words[:19], "end_turn")[:22], None, 13)
    record(folder, 0, answer(SONNET, ANSWER, "end_turn"), Ending.COMPLETE, 12)
    for number, (age, model, how, reason, tokens) in enumerate(OTHERS):
        events = answer(model, words[:tokens], reason or "end_turn")
        if not tokens:
            error = {"type": "overloaded_error", "message": "Overloaded"}
            events = [json.dumps({"type": "error", "error": error}).encode()]
        record(folder, age, events, how, 11 - number)


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
        record_all(Path(folder))
        svg = asyncio.run(picture(Path(folder)))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(svg, encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {len(svg):,} characters")


if __name__ == "__main__":
    main()
