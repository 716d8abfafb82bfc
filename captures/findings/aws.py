"""AWS: what can be wrong with an AWS event stream, and with what Bedrock sends in it."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

CHECKSUM_WRONG = Rule(
    "AWS001",
    Level.ERROR,
    "a checksum of the event stream does not match its bytes",
    "Something on the way changed or dropped bytes. AWS's clients raise and give up the stream.",
    may_be_a_gap=True,
)
MESSAGE_IMPOSSIBLE = Rule(
    "AWS002",
    Level.ERROR,
    "a message of the event stream is not built as the encoding has it",
    "Its checksum holds, so its sender built it so. AWS's clients raise and give up the stream.",
)
MESSAGE_CUT = Rule(
    "AWS003",
    Level.ERROR,
    "the event stream ends in the middle of a message",
    "A message counts when its last checksum has come: clients raise, or drop what they have.",
)

RULES: tuple[Rule, ...] = (
    CHECKSUM_WRONG,
    MESSAGE_IMPOSSIBLE,
    MESSAGE_CUT,
)
