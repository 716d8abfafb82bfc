"""OAI: what can be wrong with a stream of OpenAI Chat Completions."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

CHAT_ERROR = Rule(
    "OAI001",
    Level.ERROR,
    "an error in a Chat Completions stream under HTTP 200",
    "Status checks and retries that look at the response head alone never see it.",
)
CHAT_NO_FINISH_REASON = Rule(
    "OAI002",
    Level.ERROR,
    "[DONE] came without a finish_reason",
    "Nobody knows whether the answer is whole, was cut, or waits for the result of a tool.",
    may_be_a_gap=True,
)
CHAT_NO_END = Rule(
    "OAI003",
    Level.ERROR,
    "the stream ended without finish_reason and [DONE]",
    "The answer broke off, and most clients raise nothing: compare what they kept.",
)
CHAT_CUT_BY_LIMIT = Rule(
    "OAI004",
    Level.WARNING,
    "the Chat Completions answer was cut off by a limit",
    "finish_reason is length: raise the limit or continue. Reasoning counts against it too.",
)
CHAT_STOPPED = Rule(
    "OAI005",
    Level.WARNING,
    "a filter or a failure stopped the Chat Completions answer",
    "The text so far is not whole, and nothing but finish_reason says so.",
)
CHAT_ARGUMENTS_INVALID = Rule(
    "OAI006",
    Level.WARNING,
    "the arguments of a Chat Completions tool call are not valid JSON at the end",
    "Parsing them raises. It happens at the length limit and where a gateway merges two calls.",
    may_be_a_gap=True,
)
CHAT_AFTER_DONE = Rule(
    "OAI007",
    Level.ERROR,
    "an event comes after [DONE]",
    "Clients stop reading at [DONE] and never see it.",
)
CHAT_STOP_WITH_TOOL_CALLS = Rule(
    "OAI008",
    Level.INFO,
    "finish_reason is stop although tools were called",
    "Some vendors do this. Look at the tool calls themselves, not at finish_reason alone.",
)
CHAT_EMPTY_FINISH_REASON = Rule(
    "OAI009",
    Level.WARNING,
    "finish_reason is an empty text where it should be null",
    "Clients that test for null take the answer for finished at its first chunk.",
)
CHAT_SECOND_CALL_ON_INDEX = Rule(
    "OAI010",
    Level.WARNING,
    "a second tool call comes under the index of the first",
    "Clients that join fragments by index merge the two calls into one that is not valid.",
)

RULES: tuple[Rule, ...] = (
    CHAT_ERROR,
    CHAT_NO_FINISH_REASON,
    CHAT_NO_END,
    CHAT_CUT_BY_LIMIT,
    CHAT_STOPPED,
    CHAT_ARGUMENTS_INVALID,
    CHAT_AFTER_DONE,
    CHAT_STOP_WITH_TOOL_CALLS,
    CHAT_EMPTY_FINISH_REASON,
    CHAT_SECOND_CALL_ON_INDEX,
)
