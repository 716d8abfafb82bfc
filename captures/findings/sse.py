"""SSE: what can be wrong with an event stream, whatever its protocol."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

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

RULES: tuple[Rule, ...] = (
    UNFINISHED_EVENT,
    OVERSIZED_EVENT,
    DATA_NOT_JSON,
)
