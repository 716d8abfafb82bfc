"""Event streams taken apart into blocks, and blocks into fields: as much as doing harm needs."""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson

MAX_HELD_SIZE = 16 * 1024 * 1024
"""Bytes that are held back to find the end of a block; a longer one is passed on in parts."""

_BLANK_LINE = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)")
"""Two line ends; a group that has matched CR LF never gives the LF back for the second."""
_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Block:
    """One event with its blank line, or what is left at the end of a stream."""

    raw: bytes
    index: int
    """Counts the events that have data, from 0; comments and the like bear the next one's."""

    @property
    def has_data(self) -> bool:
        """Whether it dispatches an event."""
        return any(name == b"data" for name, _ in self.fields)

    @property
    def fields(self) -> list[tuple[bytes, bytes]]:
        """Names and values of its lines; a comment has an empty name."""
        lines = [line for line in _LINE_END.split(self.raw) if line]
        split = [line.partition(b":") for line in lines]
        return [(name, value.removeprefix(b" ")) for name, _, value in split]

    @property
    def event(self) -> bytes:
        """Its event type; empty if it names none."""
        return next((value for name, value in self.fields if name == b"event"), b"")

    @property
    def data(self) -> bytes:
        """Its data, lines joined."""
        return b"\n".join(value for name, value in self.fields if name == b"data")

    @property
    def payload(self) -> dict[str, object]:
        """The JSON object in its data; empty if there is none."""
        try:
            payload = orjson.loads(self.data)
        except orjson.JSONDecodeError:
            return {}
        return payload if isinstance(payload, dict) else {}

    def with_payload(self, payload: dict[str, object]) -> bytes:
        """The same block with other data."""
        event = b"event: %s\n" % self.event if self.event else b""
        return b"%sdata: %s\n\n" % (event, orjson.dumps(payload))


class BlockSplitter:
    """Bytes cut anywhere in, whole blocks out. Mutable."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._count = 0

    def feed(self, data: bytes) -> list[Block]:
        """The blocks that these bytes complete.

        A block whose blank line may go on with the next byte (CR, perhaps before LF) waits.
        """
        self._held += data
        found = []
        start = 0
        for match in _BLANK_LINE.finditer(self._held):
            if match.end() == len(self._held) and match.group().endswith(b"\r"):
                break
            found.append(self._block(bytes(self._held[start : match.end()])))
            start = match.end()
        del self._held[:start]
        if len(self._held) > MAX_HELD_SIZE:
            found += self.finish()
        return found

    def finish(self) -> list[Block]:
        """What is left."""
        rest = bytes(self._held)
        self._held.clear()
        return [self._block(rest)] if rest else []

    def _block(self, raw: bytes) -> Block:
        block = Block(raw, self._count)
        self._count += block.has_data
        return block
