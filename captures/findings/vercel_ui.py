"""VUI: what can be wrong with the streams of Vercel's AI SDK to its user interfaces."""

from __future__ import annotations

from captures.findings.rule import AnswerRules, Level, Rule

VERCEL_ERROR = Rule(
    "VUI001",
    Level.ERROR,
    "an error part in a stream of the AI SDK",
    "The HTTP status is 200 all the same. By default its text is masked: look at the server's log.",
)
VERCEL_NO_END = Rule(
    "VUI002",
    Level.ERROR,
    "the stream of the AI SDK ended without finish and [DONE]",
    "The answer broke off. The client shows it as if it were whole: compare what it kept.",
    may_be_a_gap=True,
)
VERCEL_NEVER_STARTED = Rule(
    "VUI003",
    Level.ERROR,
    "a piece belongs to a part that is not open",
    "The client raises at it, and the user sees nothing of what follows.",
    may_be_a_gap=True,
)
VERCEL_AFTER_END = Rule(
    "VUI004",
    Level.ERROR,
    "a part comes after the end of the stream",
    "Clients stop reading at the end and never see it.",
)
VERCEL_STOPPED = Rule(
    "VUI005",
    Level.WARNING,
    "the answer of the AI SDK was aborted, filtered or failed",
    "What the user sees is not whole, and nothing but the reason says so.",
)
VERCEL_CUT_BY_LIMIT = Rule(
    "VUI006",
    Level.WARNING,
    "the answer of the AI SDK was cut off by a limit",
    "finishReason is length: raise maxOutputTokens or continue.",
)
VERCEL_ARGUMENTS_INVALID = Rule(
    "VUI007",
    Level.WARNING,
    "the input of a tool is not valid JSON at the end",
    "The SDK turns it into an input error for the model, or the call is never made.",
    may_be_a_gap=True,
)
VERCEL_TOOL_FAILED = Rule(
    "VUI008",
    Level.WARNING,
    "a tool of the AI SDK failed",
    "The model may go on as if nothing had happened. The error's text is masked by default.",
)

VERCEL_RULES = AnswerRules(
    error=VERCEL_ERROR,
    no_end=VERCEL_NO_END,
    after_end=VERCEL_AFTER_END,
    cut_by_limit=VERCEL_CUT_BY_LIMIT,
    stopped=VERCEL_STOPPED,
    arguments_invalid=VERCEL_ARGUMENTS_INVALID,
)

RULES: tuple[Rule, ...] = (
    VERCEL_ERROR,
    VERCEL_NO_END,
    VERCEL_NEVER_STARTED,
    VERCEL_AFTER_END,
    VERCEL_STOPPED,
    VERCEL_CUT_BY_LIMIT,
    VERCEL_ARGUMENTS_INVALID,
    VERCEL_TOOL_FAILED,
)
