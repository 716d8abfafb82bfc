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


def sse_recordings() -> list[Recording]:
    """All recorded event streams, by name."""
    return [
        Recording(path, json.loads(path.with_suffix(".json").read_bytes()))
        for path in sorted(STREAMS.glob("*.sse"))
    ]


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
