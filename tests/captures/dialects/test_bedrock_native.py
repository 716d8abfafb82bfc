from __future__ import annotations

import pytest

from captures.aws_event_stream import MessageDecoder
from captures.dialects.base import EventKind
from captures.dialects.bedrock_native import NativeTextDialect, recognises
from captures.findings.aws import BEDROCK_CUT_BY_LIMIT, BEDROCK_NO_END
from captures.message import Message, Text, Usage
from tests.captures.aws_messages import wrapped
from tests.captures.bedrock_stream import COMMAND, LLAMA, MISTRAL, TITAN
from tests.captures.dialects.folding import fold, frames, rules


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [(TITAN, "FINISH"), (LLAMA, "stop"), (MISTRAL, "stop"), (COMMAND, "COMPLETE")],
)
def test_answers_of_every_model_add_up(pieces: list[bytes], reason: str) -> None:
    dialect = NativeTextDialect()
    _, complaints = fold(dialect, pieces, MessageDecoder)
    assert (complaints, dialect.finish()) == ([], ())
    assert dialect.message() == Message(
        parts=(Text("Hello"),), stop_reason=reason, usage=Usage(12, 30)
    )


def test_events_say_what_they_are() -> None:
    events, _ = fold(NativeTextDialect(), [*TITAN, LLAMA[1], wrapped({"x": 1})], MessageDecoder)
    assert [(event.kind, event.text, event.stop_reason) for event in events] == [
        (EventKind.TEXT, "Hel", None),
        (EventKind.TEXT, "lo", "FINISH"),
        (EventKind.TERMINAL, "30 output tokens", "stop"),
        (EventKind.OTHER, '{"x": 1}', None),
    ]


def test_counts_of_the_model_stand_where_bedrock_gives_none() -> None:
    dialect = NativeTextDialect()
    fold(
        dialect,
        [LLAMA[0], wrapped({"generation": "", "generation_token_count": 5})],
        MessageDecoder,
    )
    assert dialect.usage == Usage(12, 5)


def test_a_cut_and_a_limit_are_told() -> None:
    dialect = NativeTextDialect()
    _, complaints = fold(dialect, TITAN[:1], MessageDecoder)
    assert rules([*complaints, *dialect.finish()]) == [BEDROCK_NO_END]
    length = wrapped({"generation": "", "stop_reason": "length"})
    _, complaints = fold(NativeTextDialect(), [length], MessageDecoder)
    assert rules(complaints) == [BEDROCK_CUT_BY_LIMIT]


def test_other_chunks_are_not_recognised() -> None:
    found = frames([TITAN[0], wrapped({"outputs": []}), wrapped({"type": "x"})], MessageDecoder)
    assert [recognises(frame) for frame in found] == [True, False, False]
