"""GEM: what can be wrong with a stream of Gemini's generateContent."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

GEMINI_ERROR = Rule(
    "GEM001",
    Level.ERROR,
    "an error in a Gemini stream under HTTP 200",
    "Status checks and retries that look at the response head alone never see it.",
)
GEMINI_NO_END = Rule(
    "GEM002",
    Level.ERROR,
    "the Gemini stream ended without a finishReason",
    "Gemini has no other sign of the end: the answer broke off, and its clients raise nothing.",
)
GEMINI_CUT_BY_LIMIT = Rule(
    "GEM003",
    Level.WARNING,
    "the Gemini answer was cut off by a limit",
    "finishReason is MAX_TOKENS: raise maxOutputTokens or continue. Thinking counts against it.",
)
PROMPT_BLOCKED = Rule(
    "GEM004",
    Level.WARNING,
    "Gemini refused the prompt",
    "There is no candidate: clients that read the first one raise or see an empty answer.",
)
GEMINI_FILTERED = Rule(
    "GEM005",
    Level.WARNING,
    "a filter stopped the Gemini answer",
    "The text so far is not whole, and nothing but finishReason says so.",
)
GEMINI_FAILED = Rule(
    "GEM006",
    Level.WARNING,
    "Gemini gave up the answer, or its call of a tool",
    "No usable call or text came, and the SDKs raise nothing. Ask again; look at finishMessage.",
)
GEMINI_AFTER_END = Rule(
    "GEM007",
    Level.WARNING,
    "content comes after the finishReason, and no other finishReason after it",
    "Clients that stop at finishReason lose it. Nobody knows whether what came is whole.",
)
GEMINI_SPLICED = Rule(
    "GEM008",
    Level.ERROR,
    "the responseId changes in the middle of a Gemini stream",
    "Two answers came as one, and clients join their texts. Something on the way asked again.",
)
GEMINI_USAGE_SHRANK = Rule(
    "GEM009",
    Level.WARNING,
    "the last token counts of a Gemini stream are smaller than earlier ones",
    "The last counts are those of the whole answer. Look at what rewrites or joins the stream.",
    may_be_a_gap=True,
)
GEMINI_NO_USAGE = Rule(
    "GEM010",
    Level.INFO,
    "the Gemini stream tells no token counts",
    "usageMetadata is missing: cost and limits cannot be followed.",
    may_be_a_gap=True,
)
ARRAY_CUT = Rule(
    "GEM011",
    Level.ERROR,
    "the JSON array of a Gemini stream is not closed",
    "Clients that parse the whole body raise; those that read it by element lose the last one.",
)
ARRAY_DAMAGED = Rule(
    "GEM012",
    Level.ERROR,
    "the body of a Gemini stream is no JSON array of responses",
    "Without alt=sse Gemini sends an array. Look at what answers in its place, or changes it.",
    may_be_a_gap=True,
)
CALL_NOT_ENDED = Rule(
    "GEM013",
    Level.WARNING,
    "the streamed arguments of a Gemini function call never ended",
    "willContinue was true to the last: what there is of the arguments must not be executed.",
    may_be_a_gap=True,
)
ELEMENT_OVERSIZED = Rule(
    "GEM014",
    Level.WARNING,
    "an element of the array is too long to be shown",
    "Its raw bytes are kept. Inline images are the usual reason.",
)

RULES: tuple[Rule, ...] = (
    GEMINI_ERROR,
    GEMINI_NO_END,
    GEMINI_CUT_BY_LIMIT,
    PROMPT_BLOCKED,
    GEMINI_FILTERED,
    GEMINI_FAILED,
    GEMINI_AFTER_END,
    GEMINI_SPLICED,
    GEMINI_USAGE_SHRANK,
    GEMINI_NO_USAGE,
    ARRAY_CUT,
    ARRAY_DAMAGED,
    CALL_NOT_ENDED,
    ELEMENT_OVERSIZED,
)
