"""The records of a capture file: frozen values, and one record to one line and back.

docs/format.md is the specification; an example in it is read by a test.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

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
class End:
    """The last record. A capture without one is still running, or its recorder died."""

    seq: int
    time: float
    how: Ending
    why: str
    """The cause in words, empty when complete."""
    upstream: Tally
    client: Tally


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


def encode_request(request: Request) -> bytes:
    """Line 1 of a capture file, with its line feed."""
    return _line(
        {
            "ssescope": FORMAT_VERSION,
            "id": request.id,
            "started": request.started,
            "upstream": request.upstream,
            "method": request.method,
            "path": request.path,
            "version": request.version,
            "headers": request.headers,
        }
    )


def encode(record: Record) -> bytes:
    """One record as one line, with its line feed."""
    return _line([record.seq, round(record.time, 6), *_encoded(record)])


def _line(value: Any) -> bytes:
    try:
        return orjson.dumps(value) + b"\n"
    except orjson.JSONEncodeError:
        # A lone surrogate, as in a file name within an error's words, must not stop the recorder.
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _encoded(record: Record) -> tuple[Any, ...]:
    match record:
        case Chunk(data=data, boundary=boundary):
            code, text = _bytes_as_text("chunk", data)
            return (code, text) if boundary is Boundary.CHUNK else (code, text, boundary)
        case RequestChunk(data=data):
            return _bytes_as_text("request", data)
        case Head(version=version, status=status, reason=reason, headers=headers):
            return "head", {
                "version": version,
                "status": status,
                "reason": reason,
                "headers": headers,
            }
        case Note(about=about, text=text):
            return "note", {"about": about, "text": text}
        case Gap(first=first, last=last, size=size, why=why):
            return "gap", {"first": first, "last": last, "bytes": size, "why": why}
        case End(how=how, why=why, upstream=upstream, client=client):
            return "end", {
                "how": how,
                "why": why,
                "upstream": _encoded_tally(upstream),
                "client": _encoded_tally(client),
            }
        case Unknown(code=code, payload=payload):
            return code, payload


def _bytes_as_text(code: str, data: bytes) -> tuple[str, str]:
    """Text when the bytes alone are valid UTF-8, base64 otherwise: they come back exactly."""
    try:
        return code, data.decode("utf-8")
    except UnicodeDecodeError:
        return f"{code}64", base64.b64encode(data).decode("ascii")


def _encoded_tally(tally: Tally) -> dict[str, Any]:
    return {"bytes": tally.size, "sha256": tally.sha256, "chunks": tally.chunks}


class _MalformedRecordError(Exception):
    """What a record was expected to hold and did not; never leaves this module."""


def decode_request(line: bytes) -> Request | str:
    """Line 1 of a capture, or in words why it is none."""
    try:
        fields = _loads(line)
        if not isinstance(fields, dict) or "ssescope" not in fields:
            return "its first line is not a ssescope header"
        version = fields["ssescope"]
        if version != FORMAT_VERSION:
            return f"it has format version {version!r}, and this program reads {FORMAT_VERSION}"
        return Request(
            id=_text(fields, "id"),
            started=_text(fields, "started"),
            upstream=_text(fields, "upstream"),
            method=_text(fields, "method"),
            path=_text(fields, "path"),
            version=_text(fields, "version"),
            headers=_headers(fields),
        )
    except _MalformedRecordError as malformed:
        return f"its first line is not a ssescope header: {malformed}"


def decode(line: bytes) -> Record | str:
    """One line of a capture after the first as a record, or in words why it is none."""
    try:
        fields = _loads(line)
        match fields:
            case [int() as seq, (int() | float()) as time, str() as code, payload, *more]:
                return _decoded(seq, float(time), code, payload, more)
            case _:
                return "expected an array of sequence number, seconds, code and payload"
    except _MalformedRecordError as malformed:
        return str(malformed)


def _decoded(seq: int, time: float, code: str, payload: Any, more: list[Any]) -> Record:
    match code:
        case "chunk" | "chunk64":
            boundary = Boundary.READ if more[:1] == [Boundary.READ.value] else Boundary.CHUNK
            return Chunk(seq, time, _bytes(code, payload), boundary)
        case "request" | "request64":
            return RequestChunk(seq, time, _bytes(code, payload))
        case "head":
            fields = _fields(payload)
            return Head(
                seq,
                time,
                _text(fields, "version"),
                _count(fields, "status"),
                _text(fields, "reason"),
                _headers(fields),
            )
        case "note":
            fields = _fields(payload)
            return Note(seq, time, _text(fields, "about"), _text(fields, "text"))
        case "gap":
            fields = _fields(payload)
            return Gap(
                seq,
                time,
                _count(fields, "first"),
                _count(fields, "last"),
                _count(fields, "bytes"),
                _text(fields, "why"),
            )
        case "end":
            return _decoded_end(seq, time, _fields(payload))
        case _:
            return Unknown(seq, time, code, payload)


def _decoded_end(seq: int, time: float, fields: dict[str, Any]) -> End:
    how = _text(fields, "how")
    if how not in Ending.__members__.values():
        raise _MalformedRecordError(f"unknown ending {how!r}")
    return End(
        seq,
        time,
        Ending(how),
        _text(fields, "why"),
        _tally(_fields(fields.get("upstream"))),
        _tally(_fields(fields.get("client"))),
    )


def _loads(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _MalformedRecordError(f"not JSON: {error}") from None


def _bytes(code: str, payload: Any) -> bytes:
    if not isinstance(payload, str):
        raise _MalformedRecordError(f"the payload of {code!r} is not a string")
    if not code.endswith("64"):
        return payload.encode("utf-8")
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise _MalformedRecordError(f"the payload of {code!r} is not base64") from None


def _fields(payload: Any) -> dict[str, Any]:
    if not isinstance(payload, dict):
        raise _MalformedRecordError("expected an object as payload")
    return payload


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise _MalformedRecordError(f"{name!r} is not a string")
    return value


def _count(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _MalformedRecordError(f"{name!r} is not a whole number")
    return value


def _tally(fields: dict[str, Any]) -> Tally:
    return Tally(_count(fields, "bytes"), _text(fields, "sha256"), _count(fields, "chunks"))


def _headers(fields: dict[str, Any]) -> Headers:
    pairs = fields.get("headers")
    if not isinstance(pairs, list):
        raise _MalformedRecordError("'headers' is not an array")
    headers: list[tuple[str, str]] = []
    for pair in pairs:
        match pair:
            case [str() as name, str() as value]:
                headers.append((name, value))
            case _:
                raise _MalformedRecordError("a header is not a pair of strings")
    return tuple(headers)
