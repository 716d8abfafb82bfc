"""GIN: what can be wrong with a stream of Gemini interactions."""

from __future__ import annotations

from captures.findings.rule import AnswerRules, Level, Rule

INTERACTION_ERROR = Rule(
    "GIN001",
    Level.ERROR,
    "an error in a stream of an interaction under HTTP 200",
    "Status checks and retries that look at the response head alone never see it.",
)
INTERACTION_NO_END = Rule(
    "GIN002",
    Level.ERROR,
    "the stream ended without interaction.completed",
    "The answer broke off. It can be resumed: ask for the interaction with the last event_id.",
    may_be_a_gap=True,
)
INTERACTION_CUT_BY_LIMIT = Rule(
    "GIN003",
    Level.WARNING,
    "a limit cut the interaction off",
    "The status is incomplete or budget_exceeded. Thinking counts against the limit too.",
)
INTERACTION_STOPPED = Rule(
    "GIN004",
    Level.WARNING,
    "a failure or a cancellation stopped the interaction",
    "The steps so far are not whole, and nothing but the status says so.",
)
INTERACTION_AFTER_END = Rule(
    "GIN005",
    Level.ERROR,
    "an event comes after interaction.completed",
    "Clients stop reading at interaction.completed, or mix two interactions up.",
)
INTERACTION_ARGUMENTS_INVALID = Rule(
    "GIN006",
    Level.WARNING,
    "the arguments of a function call are not valid JSON at the end of the interaction",
    "Parsing them raises. It happens at a limit on output tokens.",
    may_be_a_gap=True,
)
INTERACTION_STEP_NEVER_STARTED = Rule(
    "GIN007",
    Level.ERROR,
    "a delta belongs to a step that never started",
    "Clients look the step up by its index and raise, or drop the delta.",
    may_be_a_gap=True,
)

INTERACTION_RULES = AnswerRules(
    error=INTERACTION_ERROR,
    no_end=INTERACTION_NO_END,
    cut_by_limit=INTERACTION_CUT_BY_LIMIT,
    stopped=INTERACTION_STOPPED,
    after_end=INTERACTION_AFTER_END,
    arguments_invalid=INTERACTION_ARGUMENTS_INVALID,
)

RULES: tuple[Rule, ...] = (
    INTERACTION_ERROR,
    INTERACTION_NO_END,
    INTERACTION_CUT_BY_LIMIT,
    INTERACTION_STOPPED,
    INTERACTION_AFTER_END,
    INTERACTION_ARGUMENTS_INVALID,
    INTERACTION_STEP_NEVER_STARTED,
)
