"""SSE: what can be wrong with an event stream, whatever its protocol.

Where a rule names clients that fail, they were seen to: docs/rules/ says which versions.
"""

from __future__ import annotations

from captures.findings.rule import Level, Rule

UNFINISHED_EVENT = Rule(
    "SSE001",
    Level.ERROR,
    "the stream ends in the middle of an event",
    "A client that follows the standard discards this event.",
)
OVERSIZED_EVENT = Rule(
    "SSE002",
    Level.WARNING,
    "an event is too long to be shown",
    "Its raw bytes are kept. Many clients limit the length of a line.",
)
DATA_NOT_JSON = Rule(
    "SSE003",
    Level.ERROR,
    "the data of an event is not JSON",
    "Clients of this protocol parse every event and raise, or skip it.",
)
ERROR_FIELD = Rule(
    "SSE004",
    Level.ERROR,
    "an error stands in a field that no client reads",
    "Send it as the data of an event: as it is, clients see the stream end and nothing else.",
    stands_for=frozenset({"SSE021"}),
)
MISSPELT_FIELD = Rule(
    "SSE005",
    Level.ERROR,
    "a field is spelt so that clients ignore its line",
    "Field names are lower case, at the start of the line, with no blank before the colon.",
    may_be_a_gap=True,
    once=True,
    stands_for=frozenset({"ANT023", "SSE021"}),
)
UNKNOWN_FIELD = Rule(
    "SSE006",
    Level.WARNING,
    "a line has a field that the standard does not know",
    "Clients ignore the line. If it is text, each line of it needs its own data field.",
    may_be_a_gap=True,
    once=True,
    stands_for=frozenset({"SSE021"}),
)
NOT_A_FIELD = Rule(
    "SSE007",
    Level.ERROR,
    "a line of the body is no line of an event stream",
    "Clients ignore the line. Look whether the body is JSON, HTML or text under a wrong type.",
    may_be_a_gap=True,
    once=True,
    stands_for=frozenset({"SSE001", "SSE003", "SSE011", "SSE014", "SSE021"}),
)
BYTE_ORDER_MARK_FIRST = Rule(
    "SSE008",
    Level.WARNING,
    "the stream begins with a byte order mark",
    "The Python SDKs of OpenAI and Anthropic lose the first event: do not send the mark.",
    stands_for=frozenset({"SSE021"}),
)
BYTE_ORDER_MARK_INSIDE = Rule(
    "SSE009",
    Level.ERROR,
    "a line begins with a byte order mark",
    "Only one at the very start is skipped: clients ignore this line. Join streams without it.",
    once=True,
    stands_for=frozenset({"ANT023", "SSE021"}),
)
LONE_CR = Rule(
    "SSE010",
    Level.WARNING,
    "the lines end in CR alone",
    "Go's bufio.Scanner and splitters on a blank line in LF never see an event: send LF.",
    once=True,
)
MIXED_LINE_ENDS = Rule(
    "SSE011",
    Level.WARNING,
    "the stream mixes line ends",
    "Splitters on a blank line hold events back or join them: send one kind, best LF.",
    may_be_a_gap=True,
    once=True,
)
LINE_SEPARATOR = Rule(
    "SSE012",
    Level.WARNING,
    "an event holds a character at which some clients split the line",
    "Escape it in the JSON. Readers over str.splitlines or iter_lines tear the event in two.",
    once=True,
)
NO_SPACE = Rule(
    "SSE013",
    Level.INFO,
    "a field has no space after its colon",
    "The standard allows it. Clients that look for the prefix with the space see no data.",
    once=True,
)
NOT_UTF8 = Rule(
    "SSE014",
    Level.ERROR,
    "an event is not valid UTF-8",
    "Some clients raise, others put U+FFFD in place. Look for who cuts or re-encodes the text.",
    may_be_a_gap=True,
    once=True,
)
RETRY_NOT_DIGITS = Rule(
    "SSE015",
    Level.WARNING,
    "a retry field is no number of milliseconds",
    "Clients ignore it or read it differently: it takes ASCII digits alone.",
    once=True,
)
NUL_IN_ID = Rule(
    "SSE016",
    Level.WARNING,
    "an event id holds a NUL",
    "Clients ignore this id, and resume from the one before it.",
    once=True,
)
EVENTS_RUN_TOGETHER = Rule(
    "SSE017",
    Level.ERROR,
    "events run together for want of a blank line between them",
    "Clients join their data into a text that is not JSON. End every event with a blank line.",
    may_be_a_gap=True,
    once=True,
    stands_for=frozenset({"SSE003", "SSE018"}),
)
JSON_IN_LINES = Rule(
    "SSE018",
    Level.INFO,
    "the JSON of an event is spread over several data lines",
    "The standard joins them. Clients that parse each line by itself raise: send it in one.",
    once=True,
)
LONG_LINE = Rule(
    "SSE019",
    Level.INFO,
    "a line is longer than 64 KiB",
    "Readers by line have limits: Go's bufio.Scanner 64 KiB, older aiohttp 128 KiB.",
    once=True,
)
NO_DATA_FOR_OPENAI = Rule(
    "SSE020",
    Level.WARNING,
    "a block without data comes in a stream of the OpenAI API",
    "OpenAI's Python SDK parses its empty data and raises JSONDecodeError. Use comments instead.",
    may_be_a_gap=True,
    once=True,
)
NOT_DATA_FOR_GEMINI = Rule(
    "SSE021",
    Level.WARNING,
    "a line of a Gemini stream is not data",
    "google-genai takes every line that does not begin with the prefix for JSON, and raises.",
    may_be_a_gap=True,
    once=True,
    stands_for=frozenset({"SSE013"}),
)
CRLF_WHERE_LF_IS_USUAL = Rule(
    "SSE022",
    Level.INFO,
    "the lines end in CR LF where this protocol's streams end in LF",
    "Something on the way framed the stream anew. Splitters on two LF never see an event.",
)
NEVER_DISPATCHED = Rule(
    "SSE023",
    Level.INFO,
    "an event has no data and is never dispatched",
    "Clients that follow the standard drop it: give it a data line if somebody waits for it.",
    may_be_a_gap=True,
    once=True,
)

REPEATED_EVENT = Rule(
    "SSE024",
    Level.WARNING,
    "the same event comes twice in a row",
    "Something on the way sends events again: look for text that clients have twice.",
    once=True,
)

RULES: tuple[Rule, ...] = (
    UNFINISHED_EVENT,
    OVERSIZED_EVENT,
    DATA_NOT_JSON,
    ERROR_FIELD,
    MISSPELT_FIELD,
    UNKNOWN_FIELD,
    NOT_A_FIELD,
    BYTE_ORDER_MARK_FIRST,
    BYTE_ORDER_MARK_INSIDE,
    LONE_CR,
    MIXED_LINE_ENDS,
    LINE_SEPARATOR,
    NO_SPACE,
    NOT_UTF8,
    RETRY_NOT_DIGITS,
    NUL_IN_ID,
    EVENTS_RUN_TOGETHER,
    JSON_IN_LINES,
    LONG_LINE,
    NO_DATA_FOR_OPENAI,
    NOT_DATA_FOR_GEMINI,
    CRLF_WHERE_LF_IS_USUAL,
    NEVER_DISPATCHED,
    REPEATED_EVENT,
)
