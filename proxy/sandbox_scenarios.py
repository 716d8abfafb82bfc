"""What the sandbox can say and how it can fail: one literal tuple, in no particular dialect."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass


class Ending(enum.Enum):
    """How an answer ends on the wire, once it has begun."""

    COMPLETE = "everything is sent"
    ERROR_EVENT = "an error event takes the place of the rest"
    CUT_IN_EVENT = "half an event, then the connection closes without the final chunk"
    CUT_BETWEEN_EVENTS = "the connection closes after a whole event, without the final chunk"
    SILENT = "the HTTP response ends in order, the message does not"
    STALL = "nothing more is sent until the client leaves"


@dataclass(frozen=True, slots=True)
class Text:
    """A block of plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """A block of thinking and the signature that closes it."""

    thinking: str
    signature: str


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call of a tool.

    Attributes:
        name: the tool's name.
        fragments: the pieces in which the JSON of its input is streamed.
        on_server: whether the provider runs the tool itself.
    """

    name: str
    fragments: tuple[str, ...]
    on_server: bool = False


Block = Text | Thinking | ToolUse


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an answer was refused after it had begun."""

    category: str
    explanation: str


@dataclass(frozen=True, slots=True)
class HttpError:
    """An answer that never becomes a stream.

    Attributes:
        status: the HTTP status code.
        message: what the error says.
        headers: headers that go with it.
    """

    status: int
    message: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way an answer can go.

    Attributes:
        name: what it is called in a request.
        description: what happens, in one line.
        blocks: what the answer says, in full; an ending may keep the rest of it back.
        stop_reason: why the model stops.
        refusal: the details of stop reason "refusal".
        ending: how the answer ends on the wire.
        error: the error that takes the place of the whole answer.
    """

    name: str
    description: str
    blocks: tuple[Block, ...]
    stop_reason: str = "end_turn"
    refusal: Refusal | None = None
    ending: Ending = Ending.COMPLETE
    error: HttpError | None = None


_ANSWER = Text(
    "Streaming doesn’t make a model faster — it lets you read while it is still writing. "
    "The text arrives in small pieces, each in an event called content_block_delta, like sips "
    "from a cup in a café ☕. Why it ended is said only once, at the very end: stop_reason comes "
    "in message_delta, just before message_stop. Leave when the words stop, and you will never "
    "know whether this was the whole answer or only the part that fitted. 🌊"
)
_THOUGHT = Thinking(
    "The question is about streaming. I should say where the text arrives and where the stop "
    "reason does — a sentence or two will do.",
    "c3Nlc2NvcGUgc2FuZGJveDogdGhpcyBzaWduYXR1cmUgc2lnbnMgbm90aGluZw==",
)
_AFTER_THOUGHT = Text(
    "Text arrives in content_block_delta; thinking, as you have just seen, does too. The stop "
    "reason follows in message_delta — voilà. ✨"
)
_CUT_OFF = Text(
    "There are three things to know about a stream. First, it comes in pieces, and the network "
    "— not the model — decides where they are cut. Second, the text may end before the answer "
    "does, and nothing in the text will tell you. Third, and this matters most of"
)
_BEFORE_STOP_SEQUENCE = Text(
    "One, two, three — the stop sequence would come next, but it is never part of the text: "
)
_BEFORE_REFUSAL = Text("That is a naïve plan — let me begin with the first")
_BEFORE_TOOL = Text("I’ll look up the weather in Zürich — just a moment. 🌦️")
_WEATHER = ToolUse(
    "get_weather", ("", '{"city', '": "Zür', 'ich"', ', "unit": "cel', 'sius", "days', '": 3}')
)
_BEFORE_SEARCH = Text("Let me search for that — it may take a while. 🔎")
_SEARCH = ToolUse("web_search", ("", '{"query": "server-sent', ' events café"}'), on_server=True)

SCENARIOS: tuple[Scenario, ...] = (
    Scenario("end_turn", "A few sentences, complete. What an unnamed scenario gets.", (_ANSWER,)),
    Scenario("thinking", "Thinking with its signature, then text.", (_THOUGHT, _AFTER_THOUGHT)),
    Scenario(
        "tool_use",
        "Text, then a tool call; a request that brings a tool result back gets end_turn.",
        (_BEFORE_TOOL, _WEATHER),
        stop_reason="tool_use",
    ),
    Scenario(
        "max_tokens",
        "Cut off in mid-sentence; only stop_reason tells.",
        (_CUT_OFF,),
        stop_reason="max_tokens",
    ),
    Scenario(
        "stop_sequence",
        "Ends at the request's first stop sequence (END if it has none).",
        (_BEFORE_STOP_SEQUENCE,),
        stop_reason="stop_sequence",
    ),
    Scenario(
        "refusal",
        "A few words, then refused, with stop_details.",
        (_BEFORE_REFUSAL,),
        stop_reason="refusal",
        refusal=Refusal("cyber", "The sandbox refuses this request because it was asked to."),
    ),
    Scenario(
        "pause_turn",
        "Paused during a server tool; the client is to send the turn back.",
        (_BEFORE_SEARCH, _SEARCH),
        stop_reason="pause_turn",
    ),
    Scenario(
        "overloaded",
        "An error event in mid-stream, under HTTP 200; without streaming, HTTP 529.",
        (_ANSWER,),
        ending=Ending.ERROR_EVENT,
    ),
    Scenario(
        "cut",
        "The connection closes in mid-event; without streaming, in mid-body.",
        (_ANSWER,),
        ending=Ending.CUT_IN_EVENT,
    ),
    Scenario(
        "truncated",
        "The connection closes between two events; without streaming, in mid-body.",
        (_ANSWER,),
        ending=Ending.CUT_BETWEEN_EVENTS,
    ),
    Scenario(
        "silent_end",
        "HTTP ends in order, but no stop_reason comes; without streaming, half a JSON body.",
        (_ANSWER,),
        ending=Ending.SILENT,
    ),
    Scenario(
        "stall",
        "Goes silent in the middle, for ten minutes at most; without streaming, in mid-body.",
        (_ANSWER,),
        ending=Ending.STALL,
    ),
    Scenario(
        "rate_limited",
        "HTTP 429 with retry-after, before any stream.",
        (),
        error=HttpError(
            429, "This request would exceed the sandbox's rate limit.", (("retry-after", "1"),)
        ),
    ),
    Scenario(
        "overloaded_529",
        "HTTP 529, before any stream.",
        (),
        error=HttpError(529, "Overloaded"),
    ),
)

DEFAULT_SCENARIO = SCENARIOS[0]

MODEL_PREFIX = "sandbox-"


def model_name(scenario: Scenario) -> str:
    """The model a client asks for to get a scenario, such as `sandbox-max-tokens`."""
    return MODEL_PREFIX + scenario.name.replace("_", "-")


def choose_scenario(model: str, prompt: str) -> Scenario:
    """The scenario that a request asks for.

    The last `scenario: <name>` of the prompt that names one wins, then a scenario's name as whole
    words within the model's name (the longest, where several are), then the default. Case does
    not matter, and `-` equals `_`.

    Raises:
        LookupError: the model begins with `sandbox-`, yet names no scenario.
    """
    by_name = {scenario.name: scenario for scenario in SCENARIOS}
    asked = re.findall(r"scenario:\s*([\w-]+)", prompt, re.IGNORECASE)
    for name in reversed(asked):
        if scenario := by_name.get(_normal(name)):
            return scenario
    normal_model = _normal(model)
    for name in sorted(by_name, key=len, reverse=True):
        if re.search(rf"(?<![a-z0-9]){name}(?![a-z0-9])", normal_model):
            return by_name[name]
    if normal_model.startswith(_normal(MODEL_PREFIX)):
        known = ", ".join(model_name(scenario) for scenario in SCENARIOS)
        raise LookupError(f"model: {model} (expected one of {known})")
    return DEFAULT_SCENARIO


def _normal(name: str) -> str:
    return name.lower().replace("-", "_")
