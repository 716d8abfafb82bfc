"""One message of an AWS event stream: its headers, and the event that it is.

After AWS's "Event stream encoding". The headers that begin with a colon say what the message is;
``:message-type`` is ``event``, ``exception`` or ``error``.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from typing import Any

import orjson

_FIXED_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of a value by its type: true, false, byte, short, integer, long, timestamp, UUID."""

_BYTES, _STRING = 6, 7
_LENGTH = struct.Struct(">H")


class MessageError(ValueError):
    """The headers of a message are not as the encoding has them."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a message comes to."""

    event: str
    """``:event-type``; of an exception its type, of an error its code."""
    data: str
    """The payload as text; of a ``chunk`` that only wraps bytes, these."""
    is_error: bool


def read_message(headers: bytes, payload: bytes) -> Message:
    """The message with these headers and this payload.

    Raises:
        MessageError: the headers cannot be read.
    """
    fields = read_headers(headers)
    text = payload.decode("utf-8", "replace")
    kind = fields.get(":message-type", "event")
    if kind == "error":
        text = text or orjson.dumps({"message": fields.get(":error-message", "")}).decode()
        return Message(fields.get(":error-code", "error"), text, True)
    if kind == "exception":
        return Message(fields.get(":exception-type", "exception"), text, True)
    event = fields.get(":event-type", "event")
    return Message(event, _unwrapped(payload, text) if event == "chunk" else text, False)


def read_headers(data: bytes) -> dict[str, str]:
    """The headers whose values are texts; the others are checked and left out.

    Raises:
        MessageError: a header has an unknown type or ends beyond the headers.
    """
    found = {}
    place = 0
    while place < len(data):
        name_end = place + 1 + data[place]
        if name_end >= len(data):
            raise MessageError(f"the name at byte {place} ends behind the headers")
        name = data[place + 1 : name_end].decode("utf-8", "replace")
        type_, place = data[name_end], name_end + 1
        size = _FIXED_SIZES.get(type_)
        if size is None:
            if type_ not in {_BYTES, _STRING}:
                raise MessageError(f"{name!r} has the unknown type {type_}")
            if place + _LENGTH.size > len(data):
                raise MessageError(f"the length of {name!r} ends behind the headers")
            size = _LENGTH.unpack_from(data, place)[0]
            place += _LENGTH.size
        if place + size > len(data):
            raise MessageError(f"the value of {name!r} ends behind the headers")
        if type_ == _STRING:
            found[name] = data[place : place + size].decode("utf-8", "replace")
        place += size
    return found


def _unwrapped(payload: bytes, text: str) -> str:
    """The native payload of a model: ``{"bytes": BASE64}``, with padding under ``p`` beside it."""
    try:
        wrapper: Any = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return text
    if not isinstance(wrapper, dict) or not wrapper.keys() <= {"bytes", "p"}:
        return text
    try:
        return base64.b64decode(wrapper["bytes"], validate=True).decode("utf-8", "replace")
    except (KeyError, TypeError, ValueError, binascii.Error):
        return text
