"""NDJ: what can be wrong with a stream of JSON lines, and with what Ollama sends in it."""

from __future__ import annotations

from captures.findings.rule import AnswerRules, Level, Rule

LINE_CUT = Rule(
    "NDJ001",
    Level.ERROR,
    "the stream ends in the middle of a JSON line",
    "Clients that parse each line raise on this one, or drop it with what it holds.",
)
LINE_NOT_JSON = Rule(
    "NDJ002",
    Level.ERROR,
    "a line of the stream is not JSON",
    "Clients parse every line by itself and raise. JSON that is spread over lines is no NDJSON.",
    may_be_a_gap=True,
)
LINE_OVERSIZED = Rule(
    "NDJ003",
    Level.WARNING,
    "a line is too long to be shown",
    "Its raw bytes are kept. Many clients limit the length of a line.",
)
LINES_ERROR = Rule(
    "NDJ004",
    Level.ERROR,
    "an error in a stream of JSON lines under HTTP 200",
    "It is a line like any other. A client that looks at the status alone never sees it.",
)
LINES_NO_END = Rule(
    "NDJ005",
    Level.ERROR,
    "the stream ended without the line that ends the answer",
    "Ollama ends with done: true. Without it the answer broke off, and clients raise nothing.",
)
LINES_CUT_BY_LIMIT = Rule(
    "NDJ006",
    Level.WARNING,
    "the answer in JSON lines was cut off by a limit",
    "done_reason is length: raise num_predict or num_ctx, or continue. Thinking counts too.",
)
LINES_STOPPED = Rule(
    "NDJ007",
    Level.WARNING,
    "a filter or a failure stopped the answer in JSON lines",
    "The text so far is not whole, and nothing but the reason in the last line says so.",
)
LINES_AFTER_END = Rule(
    "NDJ008",
    Level.ERROR,
    "a line comes after the one that ends the answer",
    "Clients stop reading at the end of the answer and never see it, or mix two answers up.",
)
LINES_ARGUMENTS_INVALID = Rule(
    "NDJ009",
    Level.WARNING,
    "the arguments of a tool call in JSON lines are not valid JSON at the end",
    "Parsing them raises. It happens where a server passes on what the model wrote, unread.",
    may_be_a_gap=True,
)
LINES_NO_REASON = Rule(
    "NDJ010",
    Level.INFO,
    "the last line gives no reason why the model stopped",
    "Old servers send none: nobody can tell a whole answer from one that a limit cut off.",
)

LINES_RULES = AnswerRules(
    error=LINES_ERROR,
    no_end=LINES_NO_END,
    cut_by_limit=LINES_CUT_BY_LIMIT,
    stopped=LINES_STOPPED,
    after_end=LINES_AFTER_END,
    arguments_invalid=LINES_ARGUMENTS_INVALID,
)

RULES: tuple[Rule, ...] = (
    LINE_CUT,
    LINE_NOT_JSON,
    LINE_OVERSIZED,
    LINES_ERROR,
    LINES_NO_END,
    LINES_CUT_BY_LIMIT,
    LINES_STOPPED,
    LINES_AFTER_END,
    LINES_ARGUMENTS_INVALID,
    LINES_NO_REASON,
)
