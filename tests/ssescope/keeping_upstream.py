"""An upstream that keeps every request as it came and answers it with a short stream, and captures
of requests that went to it."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from captures.records import Boundary, Headers
from captures.writer import Writer
from tests.ssescope.saved import STREAM_HEADERS, answer

KEY_STOOD_HERE = "[redacted len=108 fp=3fa9c1e2]"
BODY = b'{"model": "m",  "stream": true}\n'
HEADERS: Headers = (
    ("Host", "127.0.0.1:8484"),
    ("X-Api-Key", KEY_STOOD_HERE),
    ("anthropic-version", "2023-06-01"),
    ("Connection", "keep-alive, X-Hop"),
    ("X-Hop", "1"),
    ("mcp-session-id", KEY_STOOD_HERE),
    ("X-Odd", "caf\xc3\xa9"),
    ("Content-Length", str(len(BODY))),
)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@dataclass(slots=True)
class Kept:
    """What an upstream was asked. Mutable: grows by every request."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def keeping_upstream() -> Iterator[Kept]:
    """Listens on a loopback port until the block is left."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        kept = Kept(listener.getsockname()[1])
        threading.Thread(target=_accept, args=(listener, kept), daemon=True).start()
        yield kept
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def asked(
    folder: Path,
    upstream: str,
    *,
    headers: Headers = HEADERS,
    body: bytes = BODY,
    path: str = "/v1/messages?beta=true",
    method: str = "POST",
    answered: bool = True,
    lost: bool = False,
) -> Path:
    """The capture of a request to an upstream."""
    folder.mkdir(mode=0o700, exist_ok=True)
    writer = Writer(folder)
    recording = writer.record(
        upstream=upstream, method=method, path=path, version="1.1", headers=headers
    )
    if body:
        recording.request_chunk(0.0, body)
    if lost:
        # Its number was given away to a record that is not there.
        recording._seq += 1
    if answered:
        recording.head(0.1, "1.1", 200, "OK", STREAM_HEADERS)
        recording.chunk(0.2, b"".join(answer()), Boundary.CHUNK)
    writer.close()
    return recording.path


def _accept(listener: socket.socket, kept: Kept) -> None:
    body = b"".join(answer("Again"))
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: "
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                kept.requests.append(_request(connection))
                connection.sendall(f"{head}{len(body)}\r\n\r\n".encode() + body)


def _request(connection: socket.socket) -> bytes:
    """A whole request, its body with it."""
    data = b""
    while b"\r\n\r\n" not in data and (more := connection.recv(65536)):
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head + b"\r\n")
    while (not body.endswith(b"0\r\n\r\n")) if length is None else len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
