"""The rules: what can be wrong with an exchange, each with a stable code.

The checks stand where the state is (the fold and the dialects); the codes, levels and words
stand here, so that every face and docs/findings.md say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of finding."""

    code: str
    level: Level
    title: str
    advice: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule met in one exchange."""

    rule: Rule
    detail: str
    """What was found, in one line. Peer text in it is not yet made safe for a terminal."""
    event: int | None = None
    """Index of the event it speaks of."""
    offset: int | None = None
    """Byte offset in the decoded body it speaks of."""


UPSTREAM_BROKE = Rule(
    "NET001",
    Level.ERROR,
    "the upstream broke the connection",
    "The answer is incomplete. Most clients raise nothing here: compare what they kept.",
)
CLIENT_LEFT_EARLY = Rule(
    "NET002",
    Level.WARNING,
    "the client left before the end of the stream",
    "Read the stream to its terminal event; leaving early loses the stop reason and the usage.",
)
NOT_ANSWERED = Rule(
    "NET003",
    Level.ERROR,
    "the upstream could not be asked",
    "The proxy answered in its place. The cause stands in the capture's end record.",
)
BYTES_NOT_KEPT = Rule(
    "NET004",
    Level.WARNING,
    "part of the stream was forwarded and not recorded",
    "Everything after this gap is judged on what is left.",
)
RECORDER_STOPPED = Rule(
    "NET005",
    Level.WARNING,
    "the recorder stopped before the exchange ended",
    "What was recorded until then is shown; how the exchange ended is not known.",
)
CAPTURE_DAMAGED = Rule(
    "NET006",
    Level.WARNING,
    "part of the capture file cannot be read",
    "The other records are shown. A torn last line is what a killed recorder leaves behind.",
)
HTTP_ERROR = Rule(
    "NET007",
    Level.ERROR,
    "the upstream answered with an error status",
    "The body usually says why; retry-after says when to ask again.",
)
NOT_INFLATED = Rule(
    "NET008",
    Level.WARNING,
    "the body's content coding could not be undone",
    "The raw bytes are kept; the events behind this point cannot be shown.",
)
UNFINISHED_EVENT = Rule(
    "SSE001",
    Level.ERROR,
    "the stream ends in the middle of an event",
    "A client that follows the standard discards this event.",
)
OVERSIZED_EVENT = Rule(
    "SSE002",
    Level.WARNING,
    "an event is too long to be shown",
    "Its raw bytes are kept. Many clients limit the length of a line.",
)
DATA_NOT_JSON = Rule(
    "SSE003",
    Level.ERROR,
    "the data of an event is not JSON",
    "Clients of this protocol parse every event and raise, or skip it.",
)
IN_BAND_ERROR = Rule(
    "ANT001",
    Level.ERROR,
    "an error event under HTTP 200",
    "Status checks and retries that look at the response head alone never see it.",
)
NO_STOP_REASON = Rule(
    "ANT002",
    Level.ERROR,
    "the stream ended without a stop reason",
    "Without message_delta nobody knows whether the answer is whole.",
)
NO_MESSAGE_STOP = Rule(
    "ANT003",
    Level.ERROR,
    "the stream ended without message_stop",
    "The terminal event is missing; something on the way ended the stream.",
)
CUT_BY_LIMIT = Rule(
    "ANT004",
    Level.WARNING,
    "the answer was cut off by a limit",
    "stop_reason is max_tokens or model_context_window_exceeded: raise the limit or continue.",
)
OUT_OF_ORDER = Rule(
    "ANT005",
    Level.ERROR,
    "an event comes where the protocol does not allow it",
    "Clients drop it, mix messages up or raise.",
)
TOOL_ARGUMENTS_INVALID = Rule(
    "ANT006",
    Level.WARNING,
    "the arguments of a tool call are not valid JSON when its block stops",
    "Parsing them raises. It happens at max_tokens and with fine-grained tool streaming.",
)

RULES: tuple[Rule, ...] = (
    UPSTREAM_BROKE,
    CLIENT_LEFT_EARLY,
    NOT_ANSWERED,
    BYTES_NOT_KEPT,
    RECORDER_STOPPED,
    CAPTURE_DAMAGED,
    HTTP_ERROR,
    NOT_INFLATED,
    UNFINISHED_EVENT,
    OVERSIZED_EVENT,
    DATA_NOT_JSON,
    IN_BAND_ERROR,
    NO_STOP_REASON,
    NO_MESSAGE_STOP,
    CUT_BY_LIMIT,
    OUT_OF_ORDER,
    TOOL_ARGUMENTS_INVALID,
)
