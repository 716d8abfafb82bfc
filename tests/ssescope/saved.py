"""Captures written by our own writer, for the commands to show."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from captures.records import Boundary, Ending, Headers, Tally
from captures.writer import Writer

STREAM_HEADERS: Headers = (("content-type", "text/event-stream"),)
HOSTILE = "\x1b]52;c;cHduZWQ=\x07\u202e\x9b2J[/red]"


def event(type_: str, **fields: object) -> bytes:
    """One event as the Anthropic API frames it."""
    payload = json.dumps({"type": type_, **fields}, ensure_ascii=False)
    return f"event: {type_}\ndata: {payload}\n\n".encode()


def text_delta(text: str) -> bytes:
    """A delta of visible text."""
    return event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


def answer(text: str = "Hello", stop_reason: str = "end_turn") -> tuple[bytes, ...]:
    """The events of a whole short answer."""
    message = {"id": "msg_1", "model": "test-model", "usage": {"input_tokens": 5}}
    return (
        event("message_start", message=message),
        event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        text_delta(text),
        event("content_block_stop", index=0),
        event("message_delta", delta={"stop_reason": stop_reason}, usage={"output_tokens": 7}),
        event("message_stop"),
    )


def save(
    folder: Path,
    pieces: tuple[bytes, ...] = answer(),
    *,
    how: Ending | None = Ending.COMPLETE,
    status: int = 200,
    headers: Headers = STREAM_HEADERS,
    path: str = "/v1/messages",
    request: bytes = b'{"stream": true}',
) -> Path:
    """Writes one capture, its pieces 100 ms apart; without an ending it stays interrupted."""
    folder.mkdir(mode=0o700, exist_ok=True)
    writer = Writer(folder)
    recording = writer.record(
        upstream="https://api.example", method="POST", path=path, version="1.1", headers=()
    )
    recording.request_chunk(0.0, request)
    recording.head(0.1, "1.1", status, "OK", headers)
    for number, piece in enumerate(pieces):
        recording.chunk(0.2 + number / 10, piece, Boundary.CHUNK)
    body = b"".join(pieces)
    if how is not None:
        tally = Tally(len(body), hashlib.sha256(body).hexdigest(), len(pieces))
        recording.end(0.1 + len(pieces) / 10, how, "", tally, tally)
    writer.close()
    return recording.path
