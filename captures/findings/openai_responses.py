"""RSP: what can be wrong with a stream of OpenAI Responses."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

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
    "Something on the way dropped events; ask again from the last number with starting_after.",
    may_be_a_gap=True,
)
RESPONSE_ITEM_NEVER_ADDED = Rule(
    "RSP008",
    Level.ERROR,
    "a delta belongs to an item that was never added",
    "Clients look the item up by its output_index and raise, or drop the delta.",
    may_be_a_gap=True,
)

RESPONSE_TEXT_DIFFERS = Rule(
    "RSP009",
    Level.ERROR,
    "a text told whole differs from the deltas that were streamed of it",
    "Clients that show the deltas and clients that take the whole text hold different answers.",
    may_be_a_gap=True,
)
RESPONSE_OUTPUT_DIFFERS = Rule(
    "RSP010",
    Level.ERROR,
    "the response in the terminal event differs from what was streamed",
    "What the user saw grow is not what the client keeps: compare the two before trusting one.",
    may_be_a_gap=True,
)
RESPONSE_PART_NEVER_ADDED = Rule(
    "RSP011",
    Level.ERROR,
    "a delta belongs to a content part that was never added",
    "Clients look the part up by its content_index and raise, or drop the delta.",
    may_be_a_gap=True,
)
RESPONSE_ITEM_IS_DONE = Rule(
    "RSP012",
    Level.ERROR,
    "a delta belongs to an item that is done",
    "Clients took the item for whole, and may have run the tool it calls, when it was done.",
)
RESPONSE_EVENT_AGAIN = Rule(
    "RSP013",
    Level.ERROR,
    "the same event comes twice",
    "Something on the way sends events again. Leave out a sequence_number that you have seen.",
)
RESPONSE_EVENT_LATE = Rule(
    "RSP014",
    Level.ERROR,
    "an event comes later than its sequence number says",
    "Something on the way reordered events; text that is put together as it comes is garbled.",
)
RESPONSE_NOT_CREATED = Rule(
    "RSP015",
    Level.ERROR,
    "the stream begins without response.created",
    "Clients make the response from it: they raise, or hold one without an id and a model.",
    may_be_a_gap=True,
)
RESPONSE_SECOND_END = Rule(
    "RSP016",
    Level.ERROR,
    "a second terminal event comes for the same response",
    "Clients that read on end the same response twice; with another status the last one wins.",
)
RESPONSE_SPLICED = Rule(
    "RSP017",
    Level.ERROR,
    "another response is created before the first has ended",
    "Clients mix the items of both, or raise. Something on the way joined two streams.",
)
RESPONSE_REFUSED = Rule(
    "RSP018",
    Level.INFO,
    "the model refused to answer",
    "The status is completed all the same: show the refusal, there may be no text beside it.",
)
RESPONSE_NAME_DIFFERS = Rule(
    "RSP019",
    Level.WARNING,
    "the event line and the type in the data disagree",
    "Clients that go by the event line and clients that go by the type see different events.",
)
RESPONSE_NO_USAGE = Rule(
    "RSP020",
    Level.WARNING,
    "the terminal event tells no usage",
    "It is told nowhere else, so nobody can bill or budget this request.",
)
RESPONSE_ITEM_NOT_DONE = Rule(
    "RSP021",
    Level.ERROR,
    "an item is not done when the response completes",
    "Clients act on output_item.done: a tool call that never gets its own is never run.",
    may_be_a_gap=True,
)
RESPONSE_INDEX_AGAIN = Rule(
    "RSP022",
    Level.ERROR,
    "two items are added under one output_index",
    "Clients look items up by their output_index: they raise, or lose the first of the two.",
)
RESPONSE_TOOL_FAILED = Rule(
    "RSP023",
    Level.INFO,
    "a tool that the server ran has failed",
    "The model goes on without its result. The item's error says why.",
)
RESPONSE_PART_INDEX_JUMPS = Rule(
    "RSP024",
    Level.INFO,
    "the indexes of the content parts are not 0, 1, 2 …",
    "Clients that append parts to a list and look them up by content_index raise.",
    may_be_a_gap=True,
)

RULES: tuple[Rule, ...] = (
    RESPONSE_ERROR,
    RESPONSE_NO_END,
    RESPONSE_CUT_BY_LIMIT,
    RESPONSE_STOPPED,
    RESPONSE_ARGUMENTS_INVALID,
    RESPONSE_AFTER_END,
    RESPONSE_SEQUENCE_GAP,
    RESPONSE_ITEM_NEVER_ADDED,
    RESPONSE_TEXT_DIFFERS,
    RESPONSE_OUTPUT_DIFFERS,
    RESPONSE_PART_NEVER_ADDED,
    RESPONSE_ITEM_IS_DONE,
    RESPONSE_EVENT_AGAIN,
    RESPONSE_EVENT_LATE,
    RESPONSE_NOT_CREATED,
    RESPONSE_SECOND_END,
    RESPONSE_SPLICED,
    RESPONSE_REFUSED,
    RESPONSE_NAME_DIFFERS,
    RESPONSE_NO_USAGE,
    RESPONSE_ITEM_NOT_DONE,
    RESPONSE_INDEX_AGAIN,
    RESPONSE_TOOL_FAILED,
    RESPONSE_PART_INDEX_JUMPS,
)
