"""OTH: what can be wrong with an answer in one of the smaller protocols."""

from __future__ import annotations

from captures.findings.rule import AnswerRules, Level, Rule

OTHER_ERROR = Rule(
    "OTH001",
    Level.ERROR,
    "an error in the stream under HTTP 200",
    "Status checks and retries that look at the response head alone never see it.",
)
OTHER_NO_END = Rule(
    "OTH002",
    Level.ERROR,
    "the stream ended before the event that ends the answer",
    "The answer broke off, and most clients raise nothing: compare what they kept.",
    may_be_a_gap=True,
)
OTHER_CUT_BY_LIMIT = Rule(
    "OTH003",
    Level.WARNING,
    "a limit cut the answer off",
    "Raise the limit or continue. Without a look at the stop reason it reads like a whole answer.",
)
OTHER_STOPPED = Rule(
    "OTH004",
    Level.WARNING,
    "a filter, a failure or a cancellation stopped the answer",
    "The text so far is not whole, and nothing but the stop reason says so.",
)
OTHER_AFTER_END = Rule(
    "OTH005",
    Level.ERROR,
    "an event comes after the end of the answer",
    "Clients stop reading at the end and never see it, or add it to the next answer.",
)
OTHER_ARGUMENTS_INVALID = Rule(
    "OTH006",
    Level.WARNING,
    "the arguments of a tool call are not valid JSON at the end of the answer",
    "Parsing them raises. It happens at a limit on output tokens.",
    may_be_a_gap=True,
)

OTHER_RULES = AnswerRules(
    error=OTHER_ERROR,
    no_end=OTHER_NO_END,
    cut_by_limit=OTHER_CUT_BY_LIMIT,
    stopped=OTHER_STOPPED,
    after_end=OTHER_AFTER_END,
    arguments_invalid=OTHER_ARGUMENTS_INVALID,
)

RULES: tuple[Rule, ...] = (
    OTHER_ERROR,
    OTHER_NO_END,
    OTHER_CUT_BY_LIMIT,
    OTHER_STOPPED,
    OTHER_AFTER_END,
    OTHER_ARGUMENTS_INVALID,
)
