"""The records of a capture file, as frozen values. docs/format.md is the specification."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FORMAT_VERSION = 1

Headers = tuple[tuple[str, str], ...]
"""Field names and values in wire order. A string holds the raw bytes read as Latin-1."""


class Boundary(StrEnum):
    """Why a piece of a body ends where it ends."""

    CHUNK = "chunk"
    """The sender's HTTP/1.1 chunk ends here (RFC 9112, section 7.1)."""
    READ = "read"
    """Only the socket read ended here: more of the same HTTP chunk or body may follow."""


class Ending(StrEnum):
    """How the transport of an exchange ended. Each has another culprit."""

    COMPLETE = "complete"
    CLIENT_LEFT = "client_left"
    CLIENT_RESET = "client_reset"
    UPSTREAM_TRUNCATED = "upstream_truncated"
    UPSTREAM_RESET = "upstream_reset"
    UPSTREAM_CLOSED = "upstream_closed"
    UPSTREAM_REFUSED = "upstream_refused"
    UPSTREAM_DNS = "upstream_dns"
    UPSTREAM_TLS = "upstream_tls"
    UPSTREAM_TIMEOUT = "upstream_timeout"
    UPSTREAM_PROTOCOL = "upstream_protocol"
    PROXY_SHUTDOWN = "proxy_shutdown"
    PROXY_ERROR = "proxy_error"


@dataclass(frozen=True, slots=True)
class Request:
    """Line 1 of a capture: what was asked of whom. Secrets are already redacted."""

    id: str
    started: str
    """Wall-clock time of the request, ISO 8601 in UTC."""
    upstream: str
    """Origin and path prefix the proxy forwards to, without user information."""
    method: str
    path: str
    """Request target as the client sent it: path and query."""
    version: str
    """HTTP version the client spoke, such as ``1.1``."""
    headers: Headers
    mount: str = ""
    """The prefix of the path that stands for the upstream and was not forwarded to it."""


@dataclass(frozen=True, slots=True)
class RequestChunk:
    """A piece of the request body."""

    seq: int
    time: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The response's status line and header fields."""

    seq: int
    time: float
    version: str
    status: int
    reason: str
    headers: Headers


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the response body, in the boundaries in which it arrived."""

    seq: int
    time: float
    """Seconds from the request to the arrival, on the monotonic clock."""
    data: bytes
    boundary: Boundary = Boundary.CHUNK


@dataclass(frozen=True, slots=True)
class Note:
    """Something the recorder saw or did that is not a byte of a body."""

    seq: int
    time: float
    about: str
    """A stable word such as ``retried`` or ``dropped_trailers``."""
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Records that were forwarded and could not be kept: the loss, exactly."""

    seq: int
    time: float
    first: int
    """Sequence number of the first lost record."""
    last: int
    size: int
    """Body bytes lost."""
    why: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What passed on one side: body bytes, their SHA-256 in hex, and in how many pieces."""

    size: int
    sha256: str
    chunks: int


@dataclass(frozen=True, slots=True)
class Latency:
    """What passing the chunks on took, in seconds a chunk, but for ``client_wait``."""

    p50: float
    """Median of the time from a chunk's arrival, or from the client being ready for it, to the
    moment it was handed to the client's connection."""
    p99: float
    maximum: float
    client_wait: float
    """Seconds in all that the client was not ready to take more."""


@dataclass(frozen=True, slots=True)
class End:
    """The last record. A capture without one is still running, or its recorder died."""

    seq: int
    time: float
    how: Ending
    why: str
    """The cause in words, empty when complete."""
    upstream: Tally
    client: Tally
    latency: Latency | None = None
    """None where no chunk was passed on."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A record of a code this version does not know. Readers pass it through."""

    seq: int
    time: float
    code: str
    payload: Any


Record = RequestChunk | Head | Chunk | Note | Gap | End | Unknown


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a capture file that could not be read, and why."""

    line: int
    """Line number in the file, from 1."""
    size: int
    """Bytes passed over."""
    why: str


def header(headers: Headers, name: str) -> str:
    """The first value of a header field, by its name in lower case; empty if absent."""
    return next((value for key, value in headers if key.lower() == name), "")
