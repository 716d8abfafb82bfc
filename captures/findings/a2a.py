"""A2A: what can be wrong with a stream of the Agent2Agent protocol."""

from __future__ import annotations

from captures.findings.rule import AnswerRules, Level, Rule

A2A_ERROR = Rule(
    "A2A001",
    Level.ERROR,
    "an agent's stream ends in an error",
    "The HTTP status is 200 all the same. The code tells whose mistake it was.",
)
A2A_NO_END = Rule(
    "A2A002",
    Level.ERROR,
    "an agent's stream ended while the task was still going on",
    "Subscribe to the task again, or ask for its state: the agent may be at work still.",
    may_be_a_gap=True,
)
A2A_STOPPED = Rule(
    "A2A003",
    Level.WARNING,
    "the task failed, was canceled or was rejected",
    "The artifacts so far are not whole, and nothing but the state says so.",
)
A2A_AFTER_END = Rule(
    "A2A004",
    Level.ERROR,
    "an event comes after the last one of the task",
    "Clients close the stream at the final state and never see it.",
)
A2A_APPENDED_TO_NOTHING = Rule(
    "A2A005",
    Level.WARNING,
    "a chunk is appended to an artifact that never began",
    "Clients drop the chunk or begin the artifact with it: its first part is missing.",
    may_be_a_gap=True,
)
A2A_OTHER_TASK = Rule(
    "A2A006",
    Level.WARNING,
    "an event belongs to another task",
    "A stream tells of one task. Clients that do not look at the id mix the two up.",
)
A2A_WAITS = Rule(
    "A2A007",
    Level.INFO,
    "the task waits for input or for authorization",
    "It goes on when the client sends another message with the id of this task.",
)
A2A_FINAL_AT_WORK = Rule(
    "A2A008",
    Level.WARNING,
    "the event is marked final although the task is still at work",
    "Clients close the stream at final and take the task for done.",
)

A2A_RULES = AnswerRules(
    error=A2A_ERROR,
    no_end=A2A_NO_END,
    stopped=A2A_STOPPED,
    after_end=A2A_AFTER_END,
)

RULES: tuple[Rule, ...] = (
    A2A_ERROR,
    A2A_NO_END,
    A2A_STOPPED,
    A2A_AFTER_END,
    A2A_APPENDED_TO_NOTHING,
    A2A_OTHER_TASK,
    A2A_WAITS,
    A2A_FINAL_AT_WORK,
)
