from __future__ import annotations

import base64

import pytest

from captures.aws_event_stream import MessageDecoder
from captures.dialects.base import EventKind
from captures.dialects.bedrock_agent import AgentDialect, recognises
from captures.findings.aws import AWS_EXCEPTION, PAYLOAD_NOT_JSON
from captures.message import OtherPart, Text
from tests.captures.aws_messages import exception, message, wrapped
from tests.captures.dialects.folding import fold, frames, rules

TRACE = message("trace", {"trace": {"orchestrationTrace": {}}})
CITED = message(
    "chunk",
    {
        "bytes": base64.b64encode("wörld".encode()).decode(),
        "attribution": {"citations": [{"retrievedReferences": []}]},
    },
)


def test_chunks_are_text_and_traces_are_rows() -> None:
    dialect = AgentDialect()
    events, complaints = fold(dialect, [TRACE, wrapped("Hello, "), CITED], MessageDecoder)
    assert [(event.kind, event.type, event.text[:9]) for event in events] == [
        (EventKind.OTHER, "trace", '{"trace":'),
        (EventKind.TEXT, "chunk", "Hello, "),
        (EventKind.TEXT, "chunk", "wörld"),
    ]
    assert complaints == []
    assert dialect.finish() == ()
    assert dialect.message().parts == (Text("Hello, wörld", ('{"retrievedReferences":[]}',)),)
    assert (dialect.may_end, dialect.missing, dialect.position) == (True, (), "in the text")


def test_an_answer_that_is_json_is_text() -> None:
    dialect = AgentDialect()
    fold(dialect, [wrapped({"answer": 1})], MessageDecoder)
    assert dialect.message().text == '{"answer": 1}'


def test_what_the_caller_must_do_is_a_part() -> None:
    dialect = AgentDialect()
    fold(dialect, [message("returnControl", {"invocationId": "1"})], MessageDecoder)
    assert dialect.message().parts == (OtherPart("returnControl", '{"invocationId":"1"}'),)


def test_exceptions_and_broken_payloads_are_told() -> None:
    broken = [message("trace", b"oops"), message("chunk", {"bytes": "?", "attribution": {}})]
    dialect = AgentDialect()
    _, complaints = fold(dialect, [*broken, exception("throttlingException", "x")], MessageDecoder)
    assert rules(complaints) == [PAYLOAD_NOT_JSON, AWS_EXCEPTION]
    assert dialect.finished


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (TRACE, True),
        (CITED, True),
        (wrapped("words"), True),
        (wrapped({"type": "message_start"}), False),
        (message("messageStart", {}), False),
        (message("trace", b"x"), False),
    ],
)
def test_it_is_recognised_by_its_events(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece], MessageDecoder)[0]) is recognised
