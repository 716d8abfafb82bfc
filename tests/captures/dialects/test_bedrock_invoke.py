from __future__ import annotations

import pytest

from captures.aws_event_stream import MessageDecoder
from captures.dialects.base import EventKind
from captures.dialects.bedrock_invoke import InvokeDialect, recognises
from captures.findings.anthropic import NO_STOP_REASON
from captures.findings.aws import AWS_EXCEPTION, BEDROCK_NO_END, PAYLOAD_NOT_JSON
from captures.findings.openai_chat import CHAT_NO_END
from captures.findings.rule import Rule
from captures.message import StreamError, Text
from tests.captures.aws_messages import exception, message, wrapped
from tests.captures.bedrock_stream import CLAUDE, LLAMA, NOVA, TITAN
from tests.captures.dialects.folding import fold, frames, rules

CHAT = [
    wrapped({"choices": [{"index": 0, "delta": {"content": "Hello"}}]}),
    wrapped({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
]
FAILED = exception("modelStreamErrorException", "The model stopped")


def folded(pieces: list[bytes]) -> InvokeDialect:
    dialect = InvokeDialect()
    fold(dialect, pieces, MessageDecoder)
    return dialect


def all_rules(pieces: list[bytes]) -> list[Rule]:
    dialect = InvokeDialect()
    _, complaints = fold(dialect, pieces, MessageDecoder)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize("pieces", [CLAUDE, NOVA, TITAN, LLAMA, CHAT])
def test_the_models_own_protocol_is_read(pieces: list[bytes]) -> None:
    assert all_rules(pieces) == []
    dialect = folded(pieces)
    assert dialect.message().parts == (Text("Hello"),)
    assert dialect.may_end
    assert dialect.earlier == ()


def test_claude_is_read_as_on_its_own_api() -> None:
    dialect = folded(CLAUDE[:3])
    assert (dialect.position, dialect.stop_reason_name) == ("in the text", "stop_reason")
    assert dialect.missing == ("stop_reason", "usage", "message_stop")
    assert not dialect.finished
    assert folded(CLAUDE).finished
    assert folded(CLAUDE).usage.output_tokens == 30


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        (NO_STOP_REASON, CLAUDE[:3]),
        (BEDROCK_NO_END, TITAN[:1]),
        (BEDROCK_NO_END, []),
        (CHAT_NO_END, CHAT[:1]),
        (AWS_EXCEPTION, [*CLAUDE[:3], FAILED]),
        (PAYLOAD_NOT_JSON, [wrapped("oops"), *CLAUDE]),
    ],
)
def test_rule_is_broken_once(rule: Rule, pieces: list[bytes]) -> None:
    assert all_rules(pieces) == [rule]


def test_an_exception_ends_the_stream() -> None:
    dialect = InvokeDialect()
    events, _ = fold(dialect, [*CLAUDE[:3], FAILED], MessageDecoder)
    assert (events[-1].kind, events[-1].type) == (EventKind.ERROR, "modelStreamErrorException")
    message_ = dialect.message()
    assert message_.error == StreamError("modelStreamErrorException", "The model stopped")
    assert message_.text == "Hello"
    assert (dialect.finished, dialect.may_end, dialect.missing) == (True, True, ())
    assert dialect.position == "after the exception"


def test_a_model_that_is_not_known_is_shown_as_it_is() -> None:
    dialect = folded([wrapped({"new": "shape"})])
    assert dialect.message().text == '{"new": "shape"}'
    assert dialect.may_end


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (CLAUDE[0], True),
        (wrapped({"new": "shape"}), True),
        (wrapped("words"), False),
        (message("trace", {}), False),
    ],
)
def test_it_is_recognised_by_its_chunks(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece], MessageDecoder)[0]) is recognised
