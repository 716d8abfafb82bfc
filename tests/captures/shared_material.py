"""Recorded streams and parser vectors that lie beside the repository, where they do."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_SHARED = Path(__file__).parents[3] / "shared"
STREAMS = _SHARED / "streams"
VECTORS = _SHARED / "vectors"

CONTENT_TYPES = {
    ".sse": "text/event-stream",
    ".ndjson": "application/x-ndjson",
    ".eventstream": "application/vnd.amazon.eventstream",
    ".jsonarray": "application/json",
}
"""The media type of a recording by the suffix of its file."""

needs_streams = pytest.mark.skipif(not STREAMS.is_dir(), reason=f"no recordings in {STREAMS}")
needs_vectors = pytest.mark.skipif(not VECTORS.is_dir(), reason=f"no vectors in {VECTORS}")


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded response body and what is known of it."""

    path: Path
    about: dict[str, Any]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def body(self) -> bytes:
        return self.path.read_bytes()

    @property
    def raw(self) -> bytes | None:
        """The body with its content coding, where that was recorded too."""
        path = self.path.with_suffix(".raw")
        return path.read_bytes() if path.exists() else None

    @property
    def content_type(self) -> str:
        """Of the response; the usual one of such a body where it was not recorded."""
        recorded = str(self.about["response"]["headers"].get("content-type"))
        return recorded if "/" in recorded else CONTENT_TYPES[self.path.suffix]

    @property
    def target(self) -> str:
        return str(self.about["request"]["path"] or "/")

    @property
    def protocol(self) -> str:
        return str(self.about["protocol"])


@dataclass(frozen=True, slots=True)
class Vector:
    """One event stream of another parser's test-suite, and what it must come to."""

    id: str
    name: str
    chunks: tuple[bytes, ...]
    expected: dict[str, Any]

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)


def recordings() -> list[Recording]:
    """All recordings, by name."""
    return [
        Recording(path, json.loads(path.with_suffix(".json").read_bytes()))
        for path in sorted(STREAMS.glob("*"))
        if path.suffix not in {".json", ".raw", ".md"}
    ]


def sse_recordings() -> list[Recording]:
    """All recorded event streams, by name."""
    return [recording for recording in recordings() if recording.path.suffix == ".sse"]


def recording_named(name: str) -> Recording:
    """The recording of this name."""
    [found] = [recording for recording in recordings() if recording.name == name]
    return found


def anthropic_recordings() -> list[Recording]:
    """The recorded streams of the Anthropic Messages API."""
    return [
        recording for recording in sse_recordings() if recording.protocol == "anthropic.messages"
    ]


def vector_files() -> dict[str, Any]:
    """The parsed vector files by name."""
    return {path.stem: json.loads(path.read_bytes()) for path in sorted(VECTORS.glob("*.json"))}


def vectors() -> list[Vector]:
    """The vectors of all files."""
    return [
        Vector(
            entry["id"],
            entry["name"],
            tuple(base64.b64decode(chunk) for chunk in entry["chunks_b64"]),
            entry["expect"],
        )
        for content in vector_files().values()
        for entry in content["vectors"]
    ]
