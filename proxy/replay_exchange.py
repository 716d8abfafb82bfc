"""What a replay knows of what it serves and of what it is asked: frozen values, no bodies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from captures.records import Headers
from captures.request_body import BodyPrint

_PLAIN_HEADERS: Headers = (
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-cache"),
)


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
    size: int | None
    """Bytes of these pieces together; None where they are as many as the file then holds."""
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
    body: BodyPrint | None
    """Of the request body, or None where not all of it was kept."""
    outcome: Answer | Failure
    mount: str = ""
    """The prefix of the path that stood for the upstream."""

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets it answers to: as recorded, and as the upstream got it."""
        behind = self.target.removeprefix(self.mount)
        if behind == self.target or not behind.startswith("/"):
            return (self.target,)
        return (self.target, behind)


@dataclass(frozen=True, slots=True)
class PlainStream:
    """A file that holds the bytes of an event stream: it has no request, no head and no times."""

    path: Path

    @property
    def id(self) -> str:
        """Its name."""
        return self.path.name

    @property
    def outcome(self) -> Answer:
        """It is served as a good answer, whole and at once but for the pace of its events."""
        return Answer(200, _PLAIN_HEADERS, 0.0, 0.0, pieces=0, size=None, whole=True)


Served = SavedExchange | PlainStream


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that a client makes of a replay."""

    method: str
    target: str
    """Path and query as sent."""
    plain_body: bytes
    """Its body without a content coding."""
    key: bytes
    """The `captures.request_body.key_of` this body."""


class AnsweredBy(StrEnum):
    """Who answered a request."""

    CAPTURE = "capture"
    CLOSEST = "closest"
    """A capture of another request."""
    UPSTREAM = "upstream"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Told:
    """What a replay tells of a request, or of what it finds among its files."""

    line: str
    """Plain ASCII, without secrets."""
    answered_by: AnsweredBy | None = None
    """None where it is not of a request."""


def plain(text: str) -> str:
    """Text from a capture or a client as one line of plain ASCII, safe on a terminal."""
    return text.encode("unicode_escape").decode("ascii")
