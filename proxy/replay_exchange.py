"""What a replay knows of a recorded exchange: frozen values, the body left in its file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import orjson

from captures.records import Headers


@dataclass(frozen=True, slots=True)
class Answer:
    """A recorded response. Times are seconds since the recorded request."""

    status: int
    headers: Headers
    """The fields to send: valid, and none that belong to one connection only."""
    head_time: float
    end_time: float
    pieces: int
    """How many body pieces are sent."""
    size: int
    """Bytes of these pieces together."""
    whole: bool
    """Whether the body ended as it should; if not, the replay is cut where it ends."""
    coded: bool = False
    """Whether the body is compressed, so that no place in its text can be found."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An exchange to which the upstream gave no answer."""

    time: float
    """Seconds from the recorded request to the failure."""
    how: str
    """An ending's word such as ``upstream_refused``, or ``interrupted``."""
    why: str


@dataclass(frozen=True, slots=True)
class SavedExchange:
    """One capture as a replay sees it."""

    path: Path
    id: str
    method: str
    target: str
    """Path and query as recorded; secret query values are placeholders."""
    body_key: bytes | None
    """The `body_key` of the request body, or None where not all of it was kept."""
    outcome: Answer | Failure


@dataclass(frozen=True, slots=True)
class Recordings:
    """What a replay serves, in recorded order, and what was noticed while loading it."""

    exchanges: tuple[SavedExchange, ...]
    warnings: tuple[str, ...]
    """A line each, plain ASCII."""


def body_key(body: bytes) -> bytes:
    """Equal for equal JSON values, whatever the order of their keys; else for equal bytes.

    Numbers are compared as written: 1 and 1.0 differ.
    """
    try:
        canonical = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return hashlib.sha256(b"bytes\n" + body).digest()
    return hashlib.sha256(b"json\n" + canonical).digest()


def plain(text: str) -> str:
    """Text from a capture or a client as one line of plain ASCII, safe on a terminal."""
    return text.encode("unicode_escape").decode("ascii")
