"""One record of a capture to one line and back. docs/format.md is the specification."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

import orjson

from captures.records import (
    FORMAT_VERSION,
    Boundary,
    Chunk,
    End,
    Ending,
    Gap,
    Head,
    Headers,
    Latency,
    Note,
    Record,
    Request,
    RequestChunk,
    Tally,
    Unknown,
)


def encode_request(request: Request) -> bytes:
    """Line 1 of a capture file, with its line feed."""
    fields = {
        "ssescope": FORMAT_VERSION,
        "id": request.id,
        "started": request.started,
        "upstream": request.upstream,
        "method": request.method,
        "path": request.path,
        "version": request.version,
        "headers": request.headers,
    }
    return _line(fields | {"mount": request.mount} if request.mount else fields)


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
        case End(how=how, why=why, upstream=upstream, client=client, latency=latency):
            fields = {
                "how": how,
                "why": why,
                "upstream": _encoded_tally(upstream),
                "client": _encoded_tally(client),
            }
            return "end", fields if latency is None else fields | _encoded_latency(latency)
        case Unknown(code=code, payload=payload):
            return code, payload


def _bytes_as_text(code: str, data: bytes) -> tuple[str, str]:
    """Text when the bytes alone are valid UTF-8, base64 otherwise: they come back exactly."""
    try:
        return code, data.decode("utf-8")
    except UnicodeDecodeError:
        return f"{code}64", base64.b64encode(data).decode("ascii")


def _encoded_latency(latency: Latency) -> dict[str, Any]:
    seconds = {
        "p50": latency.p50,
        "p99": latency.p99,
        "max": latency.maximum,
        "client_wait": latency.client_wait,
    }
    return {"latency": {name: round(value, 6) for name, value in seconds.items()}}


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
            mount=_text(fields, "mount") if "mount" in fields else "",
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
            boundary = Boundary.READ if more and more[0] == Boundary.READ else Boundary.CHUNK
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
        _latency(_fields(fields["latency"])) if "latency" in fields else None,
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


def _latency(fields: dict[str, Any]) -> Latency:
    names = ("p50", "p99", "max", "client_wait")
    return Latency(*(_seconds(fields, name) for name in names))


def _seconds(fields: dict[str, Any], name: str) -> float:
    value = fields.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _MalformedRecordError(f"{name!r} is not a number of seconds")
    return float(value)


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
