"""An upstream whose one stream goes on as the test says, and a client of the proxy before it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse

from tests.ssescope.running import DEADLINE

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


class Feed:
    """One stream under way. Mutable: remembers what was sent."""

    def __init__(self, connection: socket.socket, answer: HTTPResponse) -> None:
        self.sent = b""
        self.received = b""
        self._connection = connection
        self._answer = answer

    def send(self, *chunks: bytes) -> None:
        """Sends HTTP chunks, and reads each at the client's end."""
        for chunk in chunks:
            self._connection.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            self.sent += chunk
            while len(self.received) < len(self.sent):
                more = self._answer.read1(65536)
                assert more
                self.received += more

    def finish(self) -> None:
        """Ends the stream, and sees the client's end of it."""
        self._connection.sendall(b"0\r\n\r\n")
        self.received += self._answer.read()


class Upstream:
    """Listens for one request after the other."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    @property
    def origin(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @contextmanager
    def stream_through(self, origin: str, path: str = "/v1/messages") -> Iterator[Feed]:
        """A client asks the proxy at this origin, and has the head of the answer."""
        client = HTTPConnection(origin.removeprefix("http://"), timeout=DEADLINE)
        client.request("GET", path)
        connection, _ = self._listener.accept()
        with connection:
            connection.settimeout(DEADLINE)
            while not connection.recv(65536).endswith(b"\r\n\r\n"):
                pass
            connection.sendall(_HEAD)
            yield Feed(connection, client.getresponse())
        client.close()


@contextmanager
def feeding_upstream() -> Iterator[Upstream]:
    """Listens on a free loopback port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(DEADLINE)
        yield Upstream(listener)
