"""F80 to F83: whatever became of a capture, it is shown or refused, and nothing else happens."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from captures.record_lines import encode, encode_request
from captures.records import Record
from captures.store import segment_path
from tests.captures.by_hand import a_head, a_request, an_end, chunks
from tests.captures.mutations import mutated
from tests.captures.shared_material import needs_streams, recordings
from tests.captures.small_capture import SMALL_CAPTURE
from tests.ssescope.faces import look_at_file
from tests.ssescope.hostile import write_all

LONGEST_BODY = 20_000
"""Bytes of the recordings that are taken; in longer ones a change is rarely met."""

generators = st.integers(0, 2**32).map(Random)


@cache
def hostile_captures() -> tuple[bytes, ...]:
    """Captures of every kind, as bytes."""
    with tempfile.TemporaryDirectory() as folder:
        return SMALL_CAPTURE, *(path.read_bytes() for path in write_all(Path(folder)))


@cache
def recorded_captures() -> tuple[bytes, ...]:
    """The recordings of real streams as captures, an event or a line in each chunk."""
    return tuple(
        _capture(recording.body.splitlines(keepends=True), recording.content_type, recording.target)
        for recording in recordings()
        if recording.path.suffix in {".sse", ".ndjson"} and len(recording.body) < LONGEST_BODY
    )


def _capture(pieces: Iterable[bytes], content_type: str, path: str) -> bytes:
    records: list[Record] = [a_head(headers=(("content-type", content_type),)), *chunks(pieces)]
    records.append(replace(an_end(), seq=len(records) + 1))
    return encode_request(a_request(path)) + b"".join(map(encode, records))


def is_shown_or_refused(draw: Random, captures: tuple[bytes, ...]) -> None:
    """A changed capture, perhaps of two segments, is looked at on every face."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzzed.jsonl"
        path.write_bytes(mutated(draw, draw.choice(captures), captures))
        if draw.random() < 0.1:
            segment_path(path, 2).write_bytes(mutated(draw, draw.choice(captures), captures))
        look_at_file(path, draw.choice((7, 61, 4096)))


@settings(max_examples=30)
@given(generators)
def test_changed_captures_are_shown_or_refused(draw: Random) -> None:
    is_shown_or_refused(draw, hostile_captures())


@needs_streams
@settings(max_examples=30)
@given(generators)
def test_changed_captures_of_real_streams_are_shown_or_refused(draw: Random) -> None:
    is_shown_or_refused(draw, recorded_captures())
