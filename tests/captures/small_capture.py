"""A small whole capture, as bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from captures.record_lines import encode, encode_request
from captures.records import Chunk, Record
from tests.captures.by_hand import a_head, a_request, an_end

RECORDS: list[Record] = [a_head(), Chunk(2, 1.0, "data: é\n\n".encode()), Chunk(3, 2.0, b"\xff")]
END = replace(an_end(), seq=4)
HEADER = encode_request(a_request())
SMALL_CAPTURE = HEADER + b"".join(encode(record) for record in [*RECORDS, END])

Put = Callable[[bytes], Path]
"""Writes a capture file of this content and returns its path."""
