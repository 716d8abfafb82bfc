from __future__ import annotations

import pytest

from captures.dialects.anthropic import AnthropicDialect
from captures.dialects.base import Dialect, EventKind
from captures.dialects.bedrock_agent import AgentDialect
from captures.dialects.bedrock_converse import ConverseDialect, NovaDialect
from captures.dialects.bedrock_invoke import InvokeDialect
from captures.dialects.bedrock_native import NativeTextDialect
from captures.dialects.cohere_v1 import CohereV1Dialect
from captures.dialects.gemini import GeminiDialect
from captures.dialects.ollama import OllamaDialect
from captures.dialects.openai_chat import OpenAIChatDialect
from captures.dialects.openai_responses import OpenAIResponsesDialect
from captures.dialects.plain import PlainDialect
from captures.message import Message, Usage
from captures.sse import Frame, FrameKind
from captures.timing import TOKEN_KINDS

ALL = [
    AnthropicDialect,
    PlainDialect,
    OpenAIChatDialect,
    OpenAIResponsesDialect,
    GeminiDialect,
    OllamaDialect,
    CohereV1Dialect,
    ConverseDialect,
    NovaDialect,
    InvokeDialect,
    NativeTextDialect,
    AgentDialect,
]


@pytest.mark.parametrize("make", ALL)
def test_a_dialect_that_has_seen_nothing_says_so(make: type[Dialect]) -> None:
    dialect = make()
    assert dialect.name
    assert dialect.message() == Message()
    assert dialect.usage == Usage()
    assert not dialect.finished
    assert dialect.position == "before the first event"
    assert dialect.may_end == (not dialect.missing)
    assert not dialect.missing or dialect.stop_reason_name in dialect.missing


@pytest.mark.parametrize("make", ALL)
def test_any_frame_becomes_an_event_of_its_own(make: type[Dialect]) -> None:
    frame = Frame(FrameKind.EVENT, 0, 9, 0.5, 1.0, event="message", data="not JSON")
    event, _ = make().feed(frame)
    assert event.frame is frame
    assert event.stop_reason is None
    assert event.text == "not JSON"


def test_tokens_are_what_the_model_wrote() -> None:
    assert {EventKind.TEXT, EventKind.THINKING, EventKind.TOOL} == TOKEN_KINDS
