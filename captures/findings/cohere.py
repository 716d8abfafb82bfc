"""COH: what can be wrong with a stream of Cohere's chat."""

from __future__ import annotations

from captures.findings.rule import AnswerRules, Level, Rule

COHERE_ERROR = Rule(
    "COH001",
    Level.ERROR,
    "an error in a stream of Cohere's chat under HTTP 200",
    "Status checks and retries that look at the response head alone never see it.",
)
COHERE_NO_END = Rule(
    "COH002",
    Level.ERROR,
    "the stream of Cohere's chat ended without its last event",
    "The answer broke off, and clients raise nothing: neither finish_reason nor usage has come.",
    may_be_a_gap=True,
)
COHERE_CUT_BY_LIMIT = Rule(
    "COH003",
    Level.WARNING,
    "Cohere's answer was cut off by a limit",
    "finish_reason is MAX_TOKENS: raise max_tokens or continue.",
)
COHERE_STOPPED = Rule(
    "COH004",
    Level.WARNING,
    "a failure or a filter stopped Cohere's answer",
    "The text so far is not whole, and nothing but finish_reason says so.",
)
COHERE_AFTER_END = Rule(
    "COH005",
    Level.ERROR,
    "an event comes after the end of Cohere's answer",
    "Clients stop reading at the end and never see it.",
)
COHERE_ARGUMENTS_INVALID = Rule(
    "COH006",
    Level.WARNING,
    "the arguments of a tool call of Cohere's are not valid JSON at the end",
    "Parsing them raises. It happens at the limit on output tokens.",
    may_be_a_gap=True,
)

COHERE_RULES = AnswerRules(
    error=COHERE_ERROR,
    no_end=COHERE_NO_END,
    cut_by_limit=COHERE_CUT_BY_LIMIT,
    stopped=COHERE_STOPPED,
    after_end=COHERE_AFTER_END,
    arguments_invalid=COHERE_ARGUMENTS_INVALID,
)

RULES: tuple[Rule, ...] = (
    COHERE_ERROR,
    COHERE_NO_END,
    COHERE_CUT_BY_LIMIT,
    COHERE_STOPPED,
    COHERE_AFTER_END,
    COHERE_ARGUMENTS_INVALID,
)
