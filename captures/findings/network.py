"""NET: what can go wrong with connections, statuses, codings and the capture itself."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

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
CLIENT_LEFT_UNANSWERED = Rule(
    "NET009",
    Level.WARNING,
    "the client left before the upstream answered",
    "Compare how long it waited with its timeout, and with how long the upstream takes to begin.",
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
    CLIENT_LEFT_UNANSWERED,
)
