"""ANT: what can be wrong with a stream of the Anthropic Messages API."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

IN_BAND_ERROR = Rule(
    "ANT001",
    Level.ERROR,
    "an error event under HTTP 200",
    "Status checks and retries that look at the response head alone never see it.",
)
NO_STOP_REASON = Rule(
    "ANT002",
    Level.ERROR,
    "the stream ended without a stop reason",
    "Without message_delta nobody knows whether the answer is whole.",
    may_be_a_gap=True,
)
NO_MESSAGE_STOP = Rule(
    "ANT003",
    Level.ERROR,
    "the stream ended without message_stop",
    "The terminal event is missing; something on the way ended the stream.",
)
CUT_BY_LIMIT = Rule(
    "ANT004",
    Level.WARNING,
    "the answer was cut off by a limit",
    "stop_reason is max_tokens or model_context_window_exceeded: raise the limit or continue.",
)
BEFORE_MESSAGE_START = Rule(
    "ANT005",
    Level.ERROR,
    "an event of a message comes before message_start",
    "Clients have no message to put it in: they drop the event or raise.",
    may_be_a_gap=True,
)
TOOL_ARGUMENTS_INVALID = Rule(
    "ANT006",
    Level.WARNING,
    "the arguments of a tool call are not valid JSON when its block stops",
    "Parsing them raises. It happens at max_tokens and with fine-grained tool streaming.",
    may_be_a_gap=True,
)
SPLICED = Rule(
    "ANT007",
    Level.ERROR,
    "a second message starts before the first has ended",
    "Clients put the blocks of both into one message. Something on the way joined two streams.",
)
REPEATED_MESSAGE_START = Rule(
    "ANT008",
    Level.ERROR,
    "message_start comes again for the same message",
    "Clients start the message over, or count its input tokens twice.",
)
BLOCK_NOT_STOPPED = Rule(
    "ANT009",
    Level.ERROR,
    "a content block is still open where it should have stopped",
    "Clients act on content_block_stop: a tool call that never gets its own is never run.",
    may_be_a_gap=True,
)
DELTA_FOR_STOPPED_BLOCK = Rule(
    "ANT010",
    Level.ERROR,
    "a delta belongs to a content block that has stopped",
    "Clients took the block for whole at its content_block_stop and lose this piece of it.",
)
BLOCK_NEVER_STARTED = Rule(
    "ANT011",
    Level.ERROR,
    "an event belongs to a content block that never started",
    "Clients look the block up by its index and raise, or drop the piece.",
    may_be_a_gap=True,
)
BLOCK_INDEX_JUMPS = Rule(
    "ANT012",
    Level.ERROR,
    "the indexes of the content blocks are not 0, 1, 2 …",
    "Clients append each block to a list and look it up by its index: they mix blocks up or raise.",
    may_be_a_gap=True,
)
AFTER_MESSAGE_STOP = Rule(
    "ANT013",
    Level.ERROR,
    "an event comes after message_stop",
    "Clients that stop reading at message_stop never see it; the others change a whole message.",
)
REPEATED_EVENT = Rule(
    "ANT014",
    Level.ERROR,
    "the same event comes twice",
    "Something on the way sends events again; deltas that came twice are twice in the message.",
)
MESSAGE_START_IS_FILLED = Rule(
    "ANT015",
    Level.WARNING,
    "message_start already carries a stop reason or content",
    "Clients take the answer for ended, or add the content that follows to what is there.",
)
THINKING_NOT_SIGNED = Rule(
    "ANT016",
    Level.WARNING,
    "a thinking block stopped without a signature",
    "Anthropic rejects the next request when this block is sent back with the tool's result.",
    may_be_a_gap=True,
)
STOP_REASON_DOES_NOT_FIT = Rule(
    "ANT017",
    Level.WARNING,
    "the stop reason does not fit the tool calls",
    "Look at the tool_use blocks themselves: a loop that asks stop_reason alone goes wrong here.",
    may_be_a_gap=True,
)
REFUSED = Rule(
    "ANT018",
    Level.INFO,
    "the model refused to answer",
    "stop_reason is refusal under HTTP 200: show it, and drop the refused turn before going on.",
)
PAUSED = Rule(
    "ANT019",
    Level.INFO,
    "the provider paused a long turn",
    "stop_reason is pause_turn: send the message back as it is, and the model goes on.",
)
USAGE_SHRINKS = Rule(
    "ANT020",
    Level.WARNING,
    "a token count goes down although counts are cumulative",
    "Clients keep the last count they were told, so this request is counted too cheap.",
)
NO_USAGE = Rule(
    "ANT021",
    Level.WARNING,
    "no message_delta tells the output tokens",
    "Clients keep the start value of message_start, or raise where they expect a usage.",
    may_be_a_gap=True,
)
EVENT_NAME_DIFFERS = Rule(
    "ANT022",
    Level.WARNING,
    "the event line and the type in the data disagree",
    "Clients that go by the event line and clients that go by the type see different events.",
)
EVENT_NAME_MISSING = Rule(
    "ANT023",
    Level.ERROR,
    "the events have no event line",
    "Anthropic's own clients skip every event without one and end with no message at all.",
    may_be_a_gap=True,
)
CONTENT_AFTER_STOP_REASON = Rule(
    "ANT024",
    Level.ERROR,
    "content comes after the stop reason",
    "Clients that stop reading at the stop reason never see it.",
)
GATEWAY_DONE = Rule(
    "ANT025",
    Level.INFO,
    "a gateway added [DONE], which this protocol does not have",
    "Clients that parse the data of every named event raise here, after a whole answer.",
)

RULES: tuple[Rule, ...] = (
    IN_BAND_ERROR,
    NO_STOP_REASON,
    NO_MESSAGE_STOP,
    CUT_BY_LIMIT,
    BEFORE_MESSAGE_START,
    TOOL_ARGUMENTS_INVALID,
    SPLICED,
    REPEATED_MESSAGE_START,
    BLOCK_NOT_STOPPED,
    DELTA_FOR_STOPPED_BLOCK,
    BLOCK_NEVER_STARTED,
    BLOCK_INDEX_JUMPS,
    AFTER_MESSAGE_STOP,
    REPEATED_EVENT,
    MESSAGE_START_IS_FILLED,
    THINKING_NOT_SIGNED,
    STOP_REASON_DOES_NOT_FIT,
    REFUSED,
    PAUSED,
    USAGE_SHRINKS,
    NO_USAGE,
    EVENT_NAME_DIFFERS,
    EVENT_NAME_MISSING,
    CONTENT_AFTER_STOP_REASON,
    GATEWAY_DONE,
)
