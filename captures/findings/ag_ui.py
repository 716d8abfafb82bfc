"""AGU: what can be wrong with a stream of AG-UI, the Agent-User Interaction protocol."""

from __future__ import annotations

from captures.findings.rule import AnswerRules, Level, Rule

AG_UI_ERROR = Rule(
    "AGU001",
    Level.ERROR,
    "the run of an agent ended in RUN_ERROR",
    "The HTTP status is 200 all the same. What the agent had said until then is not whole.",
)
AG_UI_NO_END = Rule(
    "AGU002",
    Level.ERROR,
    "the stream ended without RUN_FINISHED and RUN_ERROR",
    "The run broke off. User interfaces that wait for its end show it as running forever.",
    may_be_a_gap=True,
)
AG_UI_ORDER = Rule(
    "AGU003",
    Level.ERROR,
    "an event comes where AG-UI does not allow it",
    "The client checks the order and raises: the user sees nothing of what follows.",
    may_be_a_gap=True,
)
AG_UI_AFTER_END = Rule(
    "AGU004",
    Level.ERROR,
    "an event comes after the end of the run",
    "After RUN_FINISHED only another RUN_STARTED may come. The client raises.",
)
AG_UI_ARGUMENTS_INVALID = Rule(
    "AGU005",
    Level.WARNING,
    "the arguments of a tool call are not valid JSON at its end",
    "Parsing them raises, in the user's browser. A piece was lost, or the model was cut off.",
    may_be_a_gap=True,
)
AG_UI_LEFT_OPEN = Rule(
    "AGU006",
    Level.ERROR,
    "the run finished while a message, a tool call or a step was open",
    "The client raises at RUN_FINISHED: send the missing end before it.",
    may_be_a_gap=True,
)
AG_UI_WAITS = Rule(
    "AGU007",
    Level.INFO,
    "the run was interrupted and waits for the user",
    "It goes on when the client starts another run with the answers to the interrupts.",
)

AG_UI_RULES = AnswerRules(
    error=AG_UI_ERROR,
    no_end=AG_UI_NO_END,
    after_end=AG_UI_AFTER_END,
    arguments_invalid=AG_UI_ARGUMENTS_INVALID,
)

RULES: tuple[Rule, ...] = (
    AG_UI_ERROR,
    AG_UI_NO_END,
    AG_UI_ORDER,
    AG_UI_AFTER_END,
    AG_UI_ARGUMENTS_INVALID,
    AG_UI_LEFT_OPEN,
    AG_UI_WAITS,
)
