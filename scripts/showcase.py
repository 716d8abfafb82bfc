"""The made-up captures that the pictures of the inspector and the tests' walk through it show.

Their times are made up too, so that every run of a script shows the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from captures.capture_file import CaptureFile
from captures.losses import Losses
from captures.record_lines import encode_request
from captures.records import (
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

NOW = datetime(2026, 3, 4, 14, 2, 31, tzinfo=UTC)
"""The present, for who looks at these captures."""

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


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the captures beside the shown one."""

    age: int
    """Seconds before the shown one."""
    model: str
    """Empty for an answer that is an error."""
    how: Ending
    stop_reason: str
    tokens: int
    question: str


OTHERS = (
    Asked(19, SONNET, Ending.COMPLETE, "max_tokens", 38, "Explain SSE in one paragraph."),
    Asked(48, HAIKU, Ending.COMPLETE, "end_turn", 22, "Name this commit."),
    Asked(71, OPUS, Ending.COMPLETE, "tool_use", 45, "What is the weather in Oslo?"),
    Asked(102, SONNET, Ending.CLIENT_LEFT, "", 30, "Summarise the log."),
    Asked(140, SONNET, Ending.COMPLETE, "end_turn", 64, "Review this change."),
    Asked(181, OPUS, Ending.UPSTREAM_TRUNCATED, "", 51, "Plan the migration."),
    Asked(224, HAIKU, Ending.COMPLETE, "end_turn", 12, "Is this spam?"),
    Asked(263, SONNET, Ending.COMPLETE, "end_turn", 57, "Translate the manual."),
    Asked(305, "", Ending.COMPLETE, "", 0, "Translate the manual."),
    Asked(352, SONNET, Ending.COMPLETE, "end_turn", 40, "What changed since Monday?"),
    Asked(391, HAIKU, Ending.COMPLETE, "end_turn", 26, "Write a haiku on latency."),
)
"""The newest first. One was refused, and asked again."""


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


class Recording:
    """One capture while it is written, with times that are made up."""

    def __init__(
        self, folder: Path, started: datetime, number: int, asked: bytes, status: int = 200
    ) -> None:
        self._sent: list[bytes] = []
        self._now, self._waits = 0.412, paces()
        name = f"{started:%Y%m%dT%H%M%SZ}-3fa9c1-{number:06d}"
        request = Request(
            name, started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "https://api.anthropic.com", "POST", "/v1/messages", "1.1",
            (("x-api-key", "[redacted len=108 fp=3fa9c1e2]"), ("content-type", "application/json")),
        )  # fmt: skip
        kind = "text/event-stream" if status == 200 else "application/json"
        head = Head(2, self._now, "1.1", status, "", (("content-type", kind),))
        self._file = CaptureFile(folder / f"{name}.jsonl", encode_request(request), Losses())
        self._file.append([RequestChunk(1, 0.0004, asked), head], 0.0)

    def send(self, *chunks: bytes) -> None:
        """Records what the upstream sent."""
        for data in chunks:
            seq = len(self._sent) + 3
            self._now += next(self._waits) + (1.18 if seq == 34 else 0.4 if seq == 5 else 0.0)
            self._file.append([Chunk(seq, round(self._now, 6), data, Boundary.CHUNK)], 0.0)
            self._sent.append(data)

    def end(self, how: Ending = Ending.COMPLETE) -> None:
        """Records the end, and closes the file."""
        body, chunks = b"".join(self._sent), len(self._sent)
        tally = Tally(len(body), hashlib.sha256(body).hexdigest(), chunks)
        latency = Latency(p50=0.00014, p99=0.00021, maximum=0.00041, client_wait=0.0)
        time = round(self._now + 0.001, 6)
        self._file.append([End(chunks + 3, time, how, "", tally, tally, latency)], 0.0)
        self._file.close()


def question(words: str, model: str = SONNET) -> bytes:
    """The body of a request."""
    messages = [{"role": "user", "content": words}]
    return json.dumps({"model": model, "stream": True, "messages": messages}).encode()


def record_running(folder: Path, started: datetime) -> Recording:
    """Begins a capture; it goes on until it is ended."""
    recording = Recording(folder, started, 13, question("Say that once more, and shorter."))
    recording.send(*answer(SONNET, ANSWER[:19], "end_turn")[:-3])
    return recording


def record_ended(folder: Path) -> None:
    """Writes the captures of exchanges that have ended."""
    shown = Recording(folder, NOW - timedelta(seconds=5), 12, question(QUESTION))
    shown.send(*answer(SONNET, ANSWER, "end_turn"))
    shown.end()
    for number, asked in enumerate(OTHERS):
        _record(folder, 11 - number, asked)


def _record(folder: Path, number: int, asked: Asked) -> None:
    started = NOW - timedelta(seconds=asked.age + 5)
    body = question(asked.question, asked.model or SONNET)
    if not asked.tokens:
        recording = Recording(folder, started, number, body, 529)
        error = {"type": "overloaded_error", "message": "Overloaded"}
        recording.send(json.dumps({"type": "error", "error": error}).encode())
    else:
        recording = Recording(folder, started, number, body)
        events = answer(asked.model, (ANSWER * 2)[: asked.tokens], asked.stop_reason)
        is_whole = asked.how is Ending.COMPLETE
        recording.send(*(events if is_whole else [*events[:-9], events[-9][:41]]))
    recording.end(asked.how)
