"""OAI: what can be wrong with a stream of OpenAI Chat Completions."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

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

CHAT_SPLICED = Rule(
    "OAI011",
    Level.ERROR,
    "another completion starts before the first has ended",
    "Clients put the text of both into one message. Something on the way joined two streams.",
)
CHAT_CONTENT_AFTER_FINISH_REASON = Rule(
    "OAI012",
    Level.ERROR,
    "content comes after the finish_reason",
    "Clients that stop reading at the finish_reason lose it.",
)
CHAT_TWO_FINISH_REASONS = Rule(
    "OAI013",
    Level.WARNING,
    "two finish_reasons come that differ",
    "Clients that keep the first and clients that keep the last go on in different ways.",
)
CHAT_CONTENT_WITH_FINISH_REASON = Rule(
    "OAI014",
    Level.INFO,
    "the last content comes in the chunk that has the finish_reason",
    "Read the delta before the finish_reason, or the end of the answer is lost.",
)
CHAT_CALL_WITHOUT_INDEX = Rule(
    "OAI015",
    Level.INFO,
    "a fragment of a tool call has no index",
    "Clients that join fragments by index raise, or merge the calls of one message.",
)
CHAT_ARGUMENTS_NOT_TEXT = Rule(
    "OAI016",
    Level.INFO,
    "the arguments of a tool call are not a text",
    "Clients that add one fragment to the other raise or lose them. Take null for nothing.",
)
CHAT_NO_CALL = Rule(
    "OAI017",
    Level.WARNING,
    "finish_reason says that a tool was called, and none was",
    "A loop that asks finish_reason alone waits for the result of a call that is not there.",
    may_be_a_gap=True,
)
CHAT_USAGE_SHRINKS = Rule(
    "OAI018",
    Level.WARNING,
    "the completion tokens go down although usage is cumulative",
    "Clients keep the last usage they were told, so this request is counted too cheap.",
)
CHAT_REFUSED = Rule(
    "OAI019",
    Level.INFO,
    "the model refused to answer",
    "The words stand in refusal, and content is null: a client that shows content shows nothing.",
)
CHAT_CONTENT_IS_A_LIST = Rule(
    "OAI020",
    Level.INFO,
    "the content of a delta is a list where clients expect a text",
    "Mistral sends thinking so. Take each part by its type; adding the deltas up raises.",
)
CHAT_CALL_INDEX_JUMPS = Rule(
    "OAI021",
    Level.WARNING,
    "the indexes of the tool calls are not 0, 1, 2 …",
    "Clients that keep the calls in a list look for an entry that is not there and raise.",
    may_be_a_gap=True,
)
CHAT_NO_CHOICES = Rule(
    "OAI022",
    Level.INFO,
    "a chunk has null or nothing where clients expect a list of choices",
    "Clients that go through the choices of every chunk raise. Take it for an empty list.",
)

RULES: tuple[Rule, ...] = (
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
    CHAT_SPLICED,
    CHAT_CONTENT_AFTER_FINISH_REASON,
    CHAT_TWO_FINISH_REASONS,
    CHAT_CONTENT_WITH_FINISH_REASON,
    CHAT_CALL_WITHOUT_INDEX,
    CHAT_ARGUMENTS_NOT_TEXT,
    CHAT_NO_CALL,
    CHAT_USAGE_SHRINKS,
    CHAT_REFUSED,
    CHAT_CONTENT_IS_A_LIST,
    CHAT_CALL_INDEX_JUMPS,
    CHAT_NO_CHOICES,
)
