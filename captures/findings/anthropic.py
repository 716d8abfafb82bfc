"""ANT: what can be wrong with a stream of the Anthropic Messages API."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

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
    may_be_a_gap=True,
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
    may_be_a_gap=True,
)
TOOL_ARGUMENTS_INVALID = Rule(
    "ANT006",
    Level.WARNING,
    "the arguments of a tool call are not valid JSON when its block stops",
    "Parsing them raises. It happens at max_tokens and with fine-grained tool streaming.",
    may_be_a_gap=True,
)

RULES: tuple[Rule, ...] = (
    IN_BAND_ERROR,
    NO_STOP_REASON,
    NO_MESSAGE_STOP,
    CUT_BY_LIMIT,
    OUT_OF_ORDER,
    TOOL_ARGUMENTS_INVALID,
)
