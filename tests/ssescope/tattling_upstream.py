"""An upstream that sends secrets of its own and fails in every way, as the path asks."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

CANARY = "cnry7f3a9c1e2b4d8065"
"""Stands in every secret place, and nowhere else."""

SECRET_LINES = (
    f"Set-Cookie: session={CANARY}; HttpOnly\r\n"
    f"mcp-session-id: {CANARY}\r\n"
    f"anthropic-organization-id: {CANARY}\r\n"
    f"Location: https://me:{CANARY}@other.example/v1?alt=sse&key={CANARY}\r\n"
    f'Link: <https://other.example/v1?page=2&access_token={CANARY}>; rel="next"\r\n'
).encode()
_HEAD = b"HTTP/1.1 200 OK\r\n" + SECRET_LINES + b"Content-Type: text/event-stream\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_CHUNK = b"f\r\ndata: hello\r\n\r\n\r\n"

ANSWERS = {
    "ok": _CHUNKED + _CHUNK + b"0\r\n\r\n",
    "moved": b"HTTP/1.1 302 Found\r\n" + SECRET_LINES + b"Content-Length: 0\r\n\r\n",
    "denied": b"HTTP/1.1 401 Unauthorized\r\n" + SECRET_LINES + b"Content-Length: 0\r\n\r\n",
    "early": b"HTTP/1.1 103 Early Hints\r\n" + SECRET_LINES + b"\r\n" + _CHUNKED + b"0\r\n\r\n",
    "truncated": _CHUNKED + _CHUNK,
    "reset": _CHUNKED + _CHUNK,
    "bad-framing": _CHUNKED + _CHUNK + b"zz\r\nnonsense\r\n",
    "trailers": _CHUNKED + _CHUNK + b"0\r\n" + SECRET_LINES + b"\r\n",
    "switched": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n" + SECRET_LINES + b"\r\n",
    "no-http": b"SIP/2.0 200 OK\r\n" + SECRET_LINES + b"\r\n",
    "lone-lines": b"HTTP/9 200\nA: b\n" + SECRET_LINES.replace(b"\r\n", b"\n") + b"\n",
    "folded": b"HTTP/x\r\nSet-Cookie:\r\n " + CANARY.encode() + b"\r\n\r\n",
    "closed": b"",
    "silent": _CHUNKED + _CHUNK,
    "stale": _CHUNKED + _CHUNK + b"0\r\n\r\n",
}
_KEEPS_OPEN = {"ok", "moved", "stale"}


@contextmanager
def tattling_upstream() -> Iterator[int]:
    """Listens on a loopback port and answers until the block is left."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        threading.Thread(target=_accept, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection,), daemon=True).start()


def _serve(connection: socket.socket) -> None:
    served = 0
    with closing(connection), suppress(OSError):
        while head := _head(connection):
            name = head.split(b" ")[1].partition(b"?")[0].rpartition(b"/")[2].decode()
            if name == "stale" and served:
                return
            connection.sendall(ANSWERS[name])
            served += 1
            if name == "silent":
                # Until the proxy hangs up.
                connection.recv(1)
            if name == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if name not in _KEEPS_OPEN:
                return


def _head(connection: socket.socket) -> bytes:
    """The next request, which has no body; empty at the end, or where it is no HTTP."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        more = connection.recv(65536)
        data += more
        if data and not data.startswith(b"GET"):
            # A TLS client hears no TLS.
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return b""
        if not more:
            return b""
    return data
