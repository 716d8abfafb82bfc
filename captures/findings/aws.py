"""AWS: what can be wrong with an AWS event stream, and with what Bedrock sends in it."""

from __future__ import annotations

from captures.findings.rule import AnswerRules, Level, Rule

CHECKSUM_WRONG = Rule(
    "AWS001",
    Level.ERROR,
    "a checksum of the event stream does not match its bytes",
    "Something on the way changed or dropped bytes. AWS's clients raise and give up the stream.",
    may_be_a_gap=True,
)
MESSAGE_IMPOSSIBLE = Rule(
    "AWS002",
    Level.ERROR,
    "a message of the event stream is not built as the encoding has it",
    "Its checksum holds, so its sender built it so. AWS's clients raise and give up the stream.",
)
MESSAGE_CUT = Rule(
    "AWS003",
    Level.ERROR,
    "the event stream ends in the middle of a message",
    "A message counts when its last checksum has come: clients raise, or drop what they have.",
)
AWS_EXCEPTION = Rule(
    "AWS004",
    Level.ERROR,
    "an exception in the event stream under HTTP 200",
    "Retries that look at the response head alone never see it: catch it while you iterate.",
)
BEDROCK_NO_END = Rule(
    "AWS005",
    Level.ERROR,
    "the event stream ended before the model's answer did",
    "Neither messageStop nor the model's own last chunk came. Iterating clients raise nothing.",
)
BEDROCK_CUT_BY_LIMIT = Rule(
    "AWS006",
    Level.WARNING,
    "the answer from Bedrock was cut off by a limit",
    "Raise maxTokens or continue. Reasoning counts against it too.",
)
BEDROCK_STOPPED = Rule(
    "AWS007",
    Level.WARNING,
    "a guardrail, a filter or a failure stopped the answer from Bedrock",
    "The text so far is not whole, and nothing but the stop reason says so.",
)
PAYLOAD_NOT_JSON = Rule(
    "AWS008",
    Level.ERROR,
    "the payload of a Bedrock message is not JSON",
    "Clients parse every payload and raise. The checksums hold, so its sender built it so.",
)
BEDROCK_AFTER_END = Rule(
    "AWS009",
    Level.ERROR,
    "an event of the answer comes after messageStop",
    "Only metadata may follow. Clients that stop reading there never see it.",
)
BEDROCK_ARGUMENTS_INVALID = Rule(
    "AWS010",
    Level.WARNING,
    "the arguments of a Converse tool call are not valid JSON at the end",
    "Parsing them raises. It happens at maxTokens.",
    may_be_a_gap=True,
)
CONVERSE_OUT_OF_ORDER = Rule(
    "AWS011",
    Level.ERROR,
    "a content block of a Converse stream is out of order",
    "Blocks come one after the other and never go on once stopped: clients mix them up or raise.",
    may_be_a_gap=True,
)
CONVERSE_NO_METADATA = Rule(
    "AWS012",
    Level.WARNING,
    "a Converse stream ended without its metadata",
    "The answer is whole; its token counts, which come in the very last event, are lost.",
    may_be_a_gap=True,
)

BEDROCK_RULES = AnswerRules(
    error=AWS_EXCEPTION,
    no_end=BEDROCK_NO_END,
    cut_by_limit=BEDROCK_CUT_BY_LIMIT,
    stopped=BEDROCK_STOPPED,
    after_end=BEDROCK_AFTER_END,
    arguments_invalid=BEDROCK_ARGUMENTS_INVALID,
)

RULES: tuple[Rule, ...] = (
    CHECKSUM_WRONG,
    MESSAGE_IMPOSSIBLE,
    MESSAGE_CUT,
    AWS_EXCEPTION,
    BEDROCK_NO_END,
    BEDROCK_CUT_BY_LIMIT,
    BEDROCK_STOPPED,
    PAYLOAD_NOT_JSON,
    BEDROCK_AFTER_END,
    BEDROCK_ARGUMENTS_INVALID,
    CONVERSE_OUT_OF_ORDER,
    CONVERSE_NO_METADATA,
)
