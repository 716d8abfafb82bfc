"""A secret that stands in every head, and heads that hold it."""

from __future__ import annotations

CANARY = "sk-canary-7f3a9c1e2b4d8065"
TARGET = f"/v1/messages?key={CANARY}&beta=true"
SECRET_FIELDS = (
    f"X-Api-Key: {CANARY}",
    f"Authorization: Bearer {CANARY}",
    f"Cookie: session={CANARY}",
)
SECRET_LINES = "".join(f"{field}\r\n" for field in SECRET_FIELDS).encode()
SECRET_COOKIE = f"Set-Cookie: session={CANARY}; HttpOnly".encode()


def head(*fields: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """A response head with a secret cookie in it."""
    return b"\r\n".join([status, SECRET_COOKIE, *fields, b"", b""])


CHUNKED = head(b"Content-Type: text/event-stream", b"Transfer-Encoding: chunked")
LAST = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """Bytes as one HTTP chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def with_length(body: bytes, *fields: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """A whole response with its Content-Length."""
    return head(*fields, b"Content-Length: %d" % len(body), status=status) + body
