"""The rules: what can be wrong with an exchange, each with a stable code.

The checks stand where the state is (the fold and the dialects); the codes, levels and words
stand here, so that every face and docs/findings.md say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of finding."""

    code: str
    level: Level
    title: str
    advice: str
    may_be_a_gap: bool = False
    """Whether a healthy stream looks like this when bytes of it were not recorded."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule met in one exchange."""

    rule: Rule
    detail: str
    """What was found, in one line. Peer text in it is not yet made safe for a terminal."""
    event: int | None = None
    """Index of the event it speaks of."""
    offset: int | None = None
    """Byte offset in the decoded body it speaks of."""


UPSTREAM_BROKE = Rule(
    "NET001",
    Level.ERROR,
    "the upstream broke the connection",
    "The answer is incomplete. Most clients raise nothing here: compare what they kept.",
)
CLIENT_LEFT_EARLY = Rule(
    "NET002",
    Level.WARNING,
    "the client left before the end of the stream",
    "Read the stream to its terminal event; leaving early loses the stop reason and the usage.",
)
NOT_ANSWERED = Rule(
    "NET003",
    Level.ERROR,
    "the upstream could not be asked",
    "The proxy answered in its place. The cause stands in the capture's end record.",
)
BYTES_NOT_KEPT = Rule(
    "NET004",
    Level.WARNING,
    "part of the stream was forwarded and not recorded",
    "Everything after this gap is judged on what is left.",
)
RECORDER_STOPPED = Rule(
    "NET005",
    Level.WARNING,
    "the recorder stopped before the exchange ended",
    "What was recorded until then is shown; how the exchange ended is not known.",
)
CAPTURE_DAMAGED = Rule(
    "NET006",
    Level.WARNING,
    "part of the capture file cannot be read",
    "The other records are shown. A torn last line is what a killed recorder leaves behind.",
)
HTTP_ERROR = Rule(
    "NET007",
    Level.ERROR,
    "the upstream answered with an error status",
    "The body usually says why; retry-after says when to ask again.",
)
NOT_INFLATED = Rule(
    "NET008",
    Level.WARNING,
    "the body's content coding could not be undone",
    "The raw bytes are kept; the events behind this point cannot be shown.",
)
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
OUT_OF_ORDER = Rule(
    "ANT005",
    Level.ERROR,
    "an event comes where the protocol does not allow it",
    "Clients drop it, mix messages up or raise.",
    may_be_a_gap=True,
)
TOOL_ARGUMENTS_INVALID = Rule(
    "ANT006",
    Level.WARNING,
    "the arguments of a tool call are not valid JSON when its block stops",
    "Parsing them raises. It happens at max_tokens and with fine-grained tool streaming.",
    may_be_a_gap=True,
)

CHAT_ERROR = Rule(
    "OAI001",
    Level.ERROR,
    "an error in a Chat Completions stream under HTTP 200",
    "Status checks and retries that look at the response head alone never see it.",
)
CHAT_NO_FINISH_REASON = Rule(
    "OAI002",
    Level.ERROR,
    "[DONE] came without a finish_reason",
    "Nobody knows whether the answer is whole, was cut, or waits for the result of a tool.",
    may_be_a_gap=True,
)
CHAT_NO_END = Rule(
    "OAI003",
    Level.ERROR,
    "the stream ended without finish_reason and [DONE]",
    "The answer broke off, and most clients raise nothing: compare what they kept.",
)
CHAT_CUT_BY_LIMIT = Rule(
    "OAI004",
    Level.WARNING,
    "the Chat Completions answer was cut off by a limit",
    "finish_reason is length: raise the limit or continue. Reasoning counts against it too.",
)
CHAT_STOPPED = Rule(
    "OAI005",
    Level.WARNING,
    "a filter or a failure stopped the Chat Completions answer",
    "The text so far is not whole, and nothing but finish_reason says so.",
)
CHAT_ARGUMENTS_INVALID = Rule(
    "OAI006",
    Level.WARNING,
    "the arguments of a Chat Completions tool call are not valid JSON at the end",
    "Parsing them raises. It happens at the length limit and where a gateway merges two calls.",
    may_be_a_gap=True,
)
CHAT_AFTER_DONE = Rule(
    "OAI007",
    Level.ERROR,
    "an event comes after [DONE]",
    "Clients stop reading at [DONE] and never see it.",
)
CHAT_STOP_WITH_TOOL_CALLS = Rule(
    "OAI008",
    Level.INFO,
    "finish_reason is stop although tools were called",
    "Some vendors do this. Look at the tool calls themselves, not at finish_reason alone.",
)
CHAT_EMPTY_FINISH_REASON = Rule(
    "OAI009",
    Level.WARNING,
    "finish_reason is an empty text where it should be null",
    "Clients that test for null take the answer for finished at its first chunk.",
)
CHAT_SECOND_CALL_ON_INDEX = Rule(
    "OAI010",
    Level.WARNING,
    "a second tool call comes under the index of the first",
    "Clients that join fragments by index merge the two calls into one that is not valid.",
)

RESPONSE_ERROR = Rule(
    "RSP001",
    Level.ERROR,
    "an error in a Responses stream under HTTP 200",
    "It comes as error or as response.failed: a client must watch for both.",
)
RESPONSE_NO_END = Rule(
    "RSP002",
    Level.ERROR,
    "the stream ended without a terminal event of the response",
    "Neither completed, failed nor incomplete came: the answer broke off. Clients raise nothing.",
)
RESPONSE_CUT_BY_LIMIT = Rule(
    "RSP003",
    Level.WARNING,
    "the response was cut off by a limit",
    "Raise max_output_tokens or continue. Reasoning counts against it too.",
)
RESPONSE_STOPPED = Rule(
    "RSP004",
    Level.WARNING,
    "a filter or a cancellation stopped the response",
    "The text so far is not whole, and nothing but the terminal event says so.",
)
RESPONSE_ARGUMENTS_INVALID = Rule(
    "RSP005",
    Level.WARNING,
    "the arguments of a call are not valid JSON when its item is done",
    "Parsing them raises. It happens at the limit on output tokens.",
    may_be_a_gap=True,
)
RESPONSE_AFTER_END = Rule(
    "RSP006",
    Level.ERROR,
    "an event comes after the terminal event of the response",
    "Clients stop reading at the terminal event, or mix two responses up.",
)
RESPONSE_SEQUENCE_GAP = Rule(
    "RSP007",
    Level.ERROR,
    "the sequence numbers of the events have a gap",
    "Something on the way dropped, repeated or reordered events.",
    may_be_a_gap=True,
)
RESPONSE_ITEM_NEVER_ADDED = Rule(
    "RSP008",
    Level.ERROR,
    "a delta belongs to an item that was never added",
    "Clients look the item up by its output_index and raise, or drop the delta.",
    may_be_a_gap=True,
)

RULES: tuple[Rule, ...] = (
    UPSTREAM_BROKE,
    CLIENT_LEFT_EARLY,
    NOT_ANSWERED,
    BYTES_NOT_KEPT,
    RECORDER_STOPPED,
    CAPTURE_DAMAGED,
    HTTP_ERROR,
    NOT_INFLATED,
    UNFINISHED_EVENT,
    OVERSIZED_EVENT,
    DATA_NOT_JSON,
    IN_BAND_ERROR,
    NO_STOP_REASON,
    NO_MESSAGE_STOP,
    CUT_BY_LIMIT,
    OUT_OF_ORDER,
    TOOL_ARGUMENTS_INVALID,
    CHAT_ERROR,
    CHAT_NO_FINISH_REASON,
    CHAT_NO_END,
    CHAT_CUT_BY_LIMIT,
    CHAT_STOPPED,
    CHAT_ARGUMENTS_INVALID,
    CHAT_AFTER_DONE,
    CHAT_STOP_WITH_TOOL_CALLS,
    CHAT_EMPTY_FINISH_REASON,
    CHAT_SECOND_CALL_ON_INDEX,
    RESPONSE_ERROR,
    RESPONSE_NO_END,
    RESPONSE_CUT_BY_LIMIT,
    RESPONSE_STOPPED,
    RESPONSE_ARGUMENTS_INVALID,
    RESPONSE_AFTER_END,
    RESPONSE_SEQUENCE_GAP,
    RESPONSE_ITEM_NEVER_ADDED,
)
