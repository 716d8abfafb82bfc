"""An encoder of AWS event streams, made after the encoding's description alone."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any


def u16(number: int) -> bytes:
    return number.to_bytes(2, "big")


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def header(name: str, value: str) -> bytes:
    """A header whose value is a text, which is type 7."""
    text = value.encode()
    return bytes([len(name)]) + name.encode() + b"\x07" + u16(len(text)) + text


def encoded(headers: bytes, payload: bytes) -> bytes:
    """A message with these encoded headers."""
    lengths = u32(16 + len(headers) + len(payload)) + u32(len(headers))
    rest = u32(zlib.crc32(lengths)) + headers + payload
    return lengths + rest + u32(zlib.crc32(lengths + rest))


def message(event: str, payload: Any = None) -> bytes:
    """An event whose payload is this value as JSON, or these bytes."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload or {}).encode()
    headers = header(":event-type", event) + header(":content-type", "application/json")
    return encoded(headers + header(":message-type", "event"), body)


def exception(type_: str, words: str) -> bytes:
    """An exception, as Bedrock sends it under HTTP 200."""
    headers = header(":exception-type", type_) + header(":message-type", "exception")
    return encoded(headers, json.dumps({"message": words}).encode())


def error(code: str, words: str) -> bytes:
    """An error of the transport, which has no payload."""
    headers = header(":message-type", "error") + header(":error-code", code)
    return encoded(headers + header(":error-message", words), b"")


def wrapped(native: Any) -> bytes:
    """A ``chunk`` of InvokeModelWithResponseStream around this native payload."""
    text = native if isinstance(native, str) else json.dumps(native, ensure_ascii=False)
    return message("chunk", {"bytes": base64.b64encode(text.encode()).decode(), "p": "abcdef"})
