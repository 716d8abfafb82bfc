"""Capture files for the tests of the inspector: every way a stream can go, at fixed times."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
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
    Headers,
    Latency,
    Note,
    Record,
    Request,
    RequestChunk,
    Tally,
)

STREAM_HEADERS: Headers = (
    ("content-type", "text/event-stream; charset=utf-8"),
    ("request-id", "req_011CSHoEeqs5C35K2UUqR7Fy"),
    ("cache-control", "no-cache"),
)
REQUEST_HEADERS: Headers = (
    ("host", "127.0.0.1:8484"),
    ("content-type", "application/json"),
    ("anthropic-version", "2023-06-01"),
    ("x-api-key", "[redacted len=108 fp=3fa9c1e2]"),
    ("user-agent", "Anthropic/Python 2.12.0"),
)
QUESTION = {
    "model": "claude-sonnet-4-5-20250929",
    "max_tokens": 1024,
    "stream": True,
    "messages": [{"role": "user", "content": "Why do streams lie quietly?"}],
}
ANSWER = (
    "A stream", " can", " end", " in", " many", " ways", ",", " and", " most", " of", " them",
    " look", " alike", ":", "\n\n", "the", " text", " stops", ".", " Only", " `stop_reason`",
    ",", " which", " comes", " at", " the", " very", " end", ",", " tells", " a", " whole",
    " answer", " from", " a", " cut", "-off", " one", ".",
)  # fmt: skip

HOSTILE = (
    "\x1b]52;c;UFdORUQ=\x07",
    "\x1bP+q544e\x1b\\",
    "\x9b31mred\x9d0;title\x9c",
    "abc\u202egnp.exe\u2066",
    "[/x] [bold]b[/bold]",
    "[@click=app.quit]x[/]",
    "nul\x00bell\x07del\x7f",
    "\x1b[2J\x1b[H",
    "👩\u200d👩\u200d👧 ❤\ufe0f 👍🏽 1\ufe0f\u20e3",
    "z\u0300\u0301\u0302\u0303\u0304\u0305algo",
)


def event(type_: str, **fields: Any) -> bytes:
    """One event of the Anthropic protocol as it stands on the wire."""
    payload = json.dumps({"type": type_, **fields}, ensure_ascii=False)
    return f"event: {type_}\ndata: {payload}\n\n".encode()


def start(model: str = "claude-sonnet-4-5-20250929", tokens: int = 25) -> bytes:
    """The first event."""
    message: dict[str, Any] = {
        "id": "msg_01XFDUDYJgAACzvnptvVoYEL", "type": "message", "role": "assistant",
        "model": model, "content": [], "stop_reason": None, "stop_sequence": None,
        "usage": {"input_tokens": tokens, "output_tokens": 1},
    }  # fmt: skip
    return event("message_start", message=message)


def block_start(index: int, **content: Any) -> bytes:
    """Opens a content block."""
    return event("content_block_start", index=index, content_block=content)


def delta(index: int, type_: str, **fields: Any) -> bytes:
    """A delta of an open block."""
    return event("content_block_delta", index=index, delta={"type": type_, **fields})


def text_deltas(pieces: Iterable[str], index: int = 0) -> list[bytes]:
    """A delta of visible text for each piece."""
    return [delta(index, "text_delta", text=piece) for piece in pieces]


def block_stop(index: int = 0) -> bytes:
    """Closes a content block."""
    return event("content_block_stop", index=index)


def ending(reason: str = "end_turn", tokens: int = 42) -> list[bytes]:
    """The stop reason and the terminal event."""
    stop = {"stop_reason": reason, "stop_sequence": None}
    usage = {"output_tokens": tokens}
    return [event("message_delta", delta=stop, usage=usage), event("message_stop")]


def answer(pieces: Sequence[str] = ANSWER, reason: str = "end_turn") -> list[bytes]:
    """A whole stream with one block of text."""
    return [
        start(),
        block_start(0, type="text", text=""),
        event("ping"),
        *text_deltas(pieces),
        block_stop(),
        *ending(reason, len(pieces)),
    ]


@dataclass(slots=True)
class CaptureScript:
    """A capture to be written, piece by piece if need be. Mutable."""

    folder: Path
    number: int = 1
    method: str = "POST"
    path: str = "/v1/messages"
    status: int = 200
    reason: str = "OK"
    headers: Headers = STREAM_HEADERS
    body: bytes = field(default_factory=lambda: json.dumps(QUESTION).encode())
    seq: int = 0
    time: float = 0.0
    sent: bytearray = field(default_factory=bytearray)
    chunks: int = 0
    file: CaptureFile = field(init=False)

    def __post_init__(self) -> None:
        """Writes the request line, the request body and the response head."""
        clock = f"14:{self.number:02d}:11"
        name = f"20251123T{clock.replace(':', '')}Z-3fa9c1-{self.number:06d}"
        request = Request(
            id=name,
            started=f"2025-11-23T{clock}.250Z",
            upstream="https://api.anthropic.com",
            method=self.method,
            path=self.path,
            version="1.1",
            headers=REQUEST_HEADERS,
        )
        path = self.folder / f"{name}.jsonl"
        self.file = CaptureFile(path, encode_request(request), Losses())
        self.write(RequestChunk(self._next(), 0.000412, self.body))

    def write(self, *records: Record) -> None:
        """Appends records."""
        self.file.append(records, 0.0)

    def head(self, time: float = 0.213) -> None:
        """The response head arrives."""
        self.time = time
        head = Head(self._next(), time, "1.1", self.status, self.reason, self.headers)
        self.write(head)

    def send(self, data: bytes, wait: float = 0.03, boundary: Boundary = Boundary.CHUNK) -> None:
        """One network chunk arrives after a wait in seconds."""
        self.time += wait
        self.sent += data
        self.chunks += 1
        self.write(Chunk(self._next(), self.time, data, boundary))

    def note(self, about: str, text: str) -> None:
        """The recorder notes something."""
        self.write(Note(self._next(), self.time, about, text))

    def finish(
        self, how: Ending = Ending.COMPLETE, why: str = "", to_client: bytes | None = None
    ) -> Path:
        """The exchange ends; the file is closed."""
        client = bytes(self.sent) if to_client is None else to_client
        upstream = self._tally(bytes(self.sent))
        latency = Latency(p50=0.00014, p99=0.00039, maximum=0.00041, client_wait=0.0)
        tallies = (upstream, self._tally(client))
        self.write(End(self._next(), self.time + 0.001, how, why, *tallies, latency))
        return self.abandon()

    def abandon(self) -> Path:
        """The recorder goes away without another word."""
        self.file.close()
        return self.file.path

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    def _tally(self, data: bytes) -> Tally:
        return Tally(len(data), hashlib.sha256(data).hexdigest(), self.chunks)


def stream(folder: Path, number: int, events: Sequence[bytes], wait: float = 0.03) -> CaptureScript:
    """A capture into which these events came, one a chunk, and which has not ended."""
    script = CaptureScript(folder, number)
    script.head()
    for data in events:
        script.send(data, wait)
    return script


def complete(folder: Path, number: int = 1) -> Path:
    """A whole answer with a stall of 1.4 s in it, its chunks not in step with its events."""
    script = CaptureScript(folder, number)
    script.head()
    events = answer()
    script.send(events[0][:90])
    script.send(events[0][90:] + events[1])
    for index, data in enumerate(events[2:]):
        script.send(data, 1.4 if index == 20 else 0.012 + (index * 7 % 5) * 0.009)
    return script.finish()


def max_tokens(folder: Path, number: int = 2) -> Path:
    """An answer cut off by the limit."""
    return stream(folder, number, answer(ANSWER[:9], "max_tokens")).finish()


def client_left(folder: Path, number: int = 3) -> Path:
    """The client goes away in the text."""
    script = stream(folder, number, answer()[:12])
    return script.finish(Ending.CLIENT_LEFT, "", bytes(script.sent[:-40]))


def upstream_cut(folder: Path, number: int = 4) -> Path:
    """The upstream breaks off in the middle of an event."""
    events = answer()
    script = stream(folder, number, events[:10])
    script.send(events[10][:37])
    return script.finish(Ending.UPSTREAM_TRUNCATED, "the final chunk is missing")


def tool_use(folder: Path, number: int = 5) -> Path:
    """Thinking, text, and a tool call whose arguments come in pieces."""
    pieces = ['{"ci', 'ty": "Zür', 'ich", "unit', 's": "metric"}']
    events = [
        start("claude-opus-4-1-20250805"),
        block_start(0, type="thinking", thinking=""),
        delta(0, "thinking_delta", thinking="The user wants the weather."),
        delta(0, "thinking_delta", thinking=" I should ask the tool."),
        delta(0, "signature_delta", signature="EqQBCgIYAhIM1gbcDa9GJwZA2b3h"),
        block_stop(0),
        block_start(1, type="text", text=""),
        *text_deltas(["Let me", " look", " that up."], 1),
        block_stop(1),
        block_start(2, type="tool_use", id="toolu_01T1x1fJ34qAmk2tNTrN7Up6", name="weather"),
        *(delta(2, "input_json_delta", partial_json=piece) for piece in pieces),
        block_stop(2),
        *ending("tool_use", 89),
    ]
    return stream(folder, number, events).finish()


def hostile(folder: Path, number: int = 6) -> Path:
    """Text that attacks the terminal, in every place a peer can put it."""
    script = CaptureScript(folder, number, path="/v1/\x1b]0;pwned\x07messages")
    script.headers = (*STREAM_HEADERS, ("x-evil", "\x1b]52;c;UFdORUQ=\x07\x9b2J"))
    script.head()
    for data in (start("claude\x1b]0;pwned\x07\u202e[/x]"), block_start(0, type="text", text="")):
        script.send(data)
    for piece in HOSTILE:
        script.send(delta(0, "text_delta", text=piece))
        raw = f": {piece}\nevent: content_block_delta\ndata: not json {piece}\n\n"
        script.send(raw.encode("utf-8", "replace"))
    script.send(b"data: \xff\xfe\x9b31m\n\n")
    script.note("dropped\x1b[2J_trailers", "\x1b]0;pwned\x07")
    script.send(block_stop() + ending("\x1b]0;pwned\x07[@click=app.quit]x[/]")[0])
    return script.finish()


def torn(folder: Path, number: int = 7) -> Path:
    """A recorder that was killed in the middle of a record."""
    path = stream(folder, number, answer()[:9]).abandon()
    with path.open("ab") as file:
        file.write(b'[99,1.25,"chunk","event: cont')
    return path


def foreign(folder: Path, number: int = 8) -> Path:
    """A file that is no capture."""
    path = folder / f"20251123T14{number:02d}11Z-foreign.jsonl"
    path.write_bytes(b'{"hello": "\x1b]0;pwned\x07"}\n')
    return path


def rate_limited(folder: Path, number: int = 9) -> Path:
    """An error before any stream."""
    script = CaptureScript(folder, number, status=429, reason="Too Many Requests")
    script.headers = (("content-type", "application/json"), ("retry-after", "17"))
    script.head()
    error = {"type": "rate_limit_error", "message": "Number of requests has exceeded your limit"}
    script.send(json.dumps({"type": "error", "error": error}).encode())
    return script.finish()


def gzipped(folder: Path, number: int = 10) -> Path:
    """A stream whose chunks are pieces of a gzip body."""
    script = CaptureScript(folder, number)
    script.headers = (*STREAM_HEADERS, ("content-encoding", "gzip"))
    script.head()
    compressor = zlib.compressobj(wbits=31)
    for data in answer(ANSWER[:12]):
        script.send(compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH))
    script.send(compressor.flush())
    assert gzip.decompress(bytes(script.sent))
    return script.finish()


def live(folder: Path, number: int = 11) -> CaptureScript:
    """A stream that is still running: its file is open and locked."""
    return stream(folder, number, answer()[:14])


def everything(folder: Path) -> CaptureScript:
    """One capture of each kind; the live one is returned."""
    for write in (
        complete, max_tokens, client_left, upstream_cut, tool_use, hostile, torn, foreign,
        rate_limited, gzipped,
    ):  # fmt: skip
        write(folder)
    return live(folder)
