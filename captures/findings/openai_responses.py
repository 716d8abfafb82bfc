"""RSP: what can be wrong with a stream of OpenAI Responses."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

RESPONSE_ERROR = Rule(
    "RSP001",
    Level.ERROR,
    "an error in a Responses stream under HTTP 200",
    "It comes as error or as response.failed: a client must watch for both.",
)
RESPONSE_NO_END = Rule(
    "RSP002",
    Level.ERROR,
    "the stream ended without a terminal event of the response",
    "Neither completed, failed nor incomplete came: the answer broke off. Clients raise nothing.",
)
RESPONSE_CUT_BY_LIMIT = Rule(
    "RSP003",
    Level.WARNING,
    "the response was cut off by a limit",
    "Raise max_output_tokens or continue. Reasoning counts against it too.",
)
RESPONSE_STOPPED = Rule(
    "RSP004",
    Level.WARNING,
    "a filter or a cancellation stopped the response",
    "The text so far is not whole, and nothing but the terminal event says so.",
)
RESPONSE_ARGUMENTS_INVALID = Rule(
    "RSP005",
    Level.WARNING,
    "the arguments of a call are not valid JSON when its item is done",
    "Parsing them raises. It happens at the limit on output tokens.",
    may_be_a_gap=True,
)
RESPONSE_AFTER_END = Rule(
    "RSP006",
    Level.ERROR,
    "an event comes after the terminal event of the response",
    "Clients stop reading at the terminal event, or mix two responses up.",
)
RESPONSE_SEQUENCE_GAP = Rule(
    "RSP007",
    Level.ERROR,
    "the sequence numbers of the events have a gap",
    "Something on the way dropped, repeated or reordered events.",
    may_be_a_gap=True,
)
RESPONSE_ITEM_NEVER_ADDED = Rule(
    "RSP008",
    Level.ERROR,
    "a delta belongs to an item that was never added",
    "Clients look the item up by its output_index and raise, or drop the delta.",
    may_be_a_gap=True,
)

RULES: tuple[Rule, ...] = (
    RESPONSE_ERROR,
    RESPONSE_NO_END,
    RESPONSE_CUT_BY_LIMIT,
    RESPONSE_STOPPED,
    RESPONSE_ARGUMENTS_INVALID,
    RESPONSE_AFTER_END,
    RESPONSE_SEQUENCE_GAP,
    RESPONSE_ITEM_NEVER_ADDED,
)
