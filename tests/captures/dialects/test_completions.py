from __future__ import annotations

import pytest

from captures.dialects.base import EventKind
from captures.dialects.completions import (
    AnthropicCompleteDialect,
    OpenAICompletionsDialect,
    recognises_anthropic,
    recognises_openai,
    whole_anthropic_message,
    whole_openai_message,
)
from captures.findings.other_protocols import OTHER_CUT_BY_LIMIT, OTHER_NO_END, OTHER_STOPPED
from captures.message import Message, Text, Usage
from tests.captures.answer_streams import DONE, completion, data, text_completion, typed
from tests.captures.dialects.folding import fold, frames, rules


def choices(*found: tuple[int, str, str | None]) -> bytes:
    return data(
        object="text_completion",
        choices=[
            {"index": index, "text": text, "finish_reason": reason} for index, text, reason in found
        ],
    )


def test_every_choice_needs_its_finish_reason() -> None:
    dialect = OpenAICompletionsDialect()
    fold(dialect, [choices((0, "a", None), (1, "b", None)), choices((0, "", "stop"))])
    assert rules(dialect.finish()) == [OTHER_NO_END]

    fold(dialect, [choices((1, "c", "length"))])
    assert dialect.may_end
    assert not dialect.finished
    assert dialect.finish() == ()
    assert dialect.message().parts == (Text("a"), Text("bc"))


def test_a_limit_of_several_choices_is_told_once() -> None:
    pieces = [choices((0, "a", "length")), choices((1, "b", "length")), DONE]
    _, complaints = fold(OpenAICompletionsDialect(), pieces)
    assert rules(complaints) == [OTHER_CUT_BY_LIMIT]


def test_done_without_a_finish_reason_is_told_once() -> None:
    dialect = OpenAICompletionsDialect()
    _, complaints = fold(dialect, [text_completion("a"), DONE])
    assert rules([*complaints, *dialect.finish()]) == [OTHER_NO_END]
    assert dialect.missing == ("finish_reason",)


def test_events_of_openai_say_what_they_are() -> None:
    pieces = [
        text_completion("a"),
        text_completion("b", "content_filter"),
        text_completion("", "stop"),
        text_completion(""),
    ]
    events, complaints = fold(OpenAICompletionsDialect(), pieces)
    assert [(event.kind, event.type, event.stop_reason) for event in events] == [
        (EventKind.TEXT, "text", None),
        (EventKind.TEXT, "text", "content_filter"),
        (EventKind.STOP_REASON, "finish_reason", "stop"),
        (EventKind.OTHER, "message", None),
    ]
    assert rules(complaints) == [OTHER_STOPPED]


def test_usage_comes_in_a_chunk_of_its_own() -> None:
    dialect = OpenAICompletionsDialect()
    usage = {"prompt_tokens": 12, "completion_tokens": 30}
    fold(dialect, [text_completion("", "stop", usage=None), data(choices=[], usage=usage)])
    assert dialect.usage == Usage(12, 30)
    assert (dialect.message().id, dialect.message().model) == ("cmpl_1", "made-up")


def test_last_piece_of_anthropic_may_carry_text() -> None:
    dialect = AnthropicCompleteDialect()
    events, complaints = fold(dialect, [completion("a"), typed("ping"), completion("b", "stop")])
    assert [(event.kind, event.text, event.stop_reason) for event in events] == [
        (EventKind.TEXT, "a", None),
        (EventKind.PING, "", None),
        (EventKind.TEXT, "b", "stop"),
    ]
    assert complaints == []
    assert dialect.message() == Message("compl_1", "made-up", (Text("ab"),), "stop")


def test_a_limit_of_anthropic_is_told() -> None:
    _, complaints = fold(AnthropicCompleteDialect(), [completion("", "max_tokens")])
    assert rules(complaints) == [OTHER_CUT_BY_LIMIT]


@pytest.mark.parametrize(
    ("piece", "of_openai", "of_anthropic"),
    [
        (text_completion("a"), True, False),
        (completion("a"), False, True),
        (data(object="chat.completion.chunk"), False, False),
        (DONE, False, False),
    ],
)
def test_each_is_recognised_by_its_shape(piece: bytes, of_openai: bool, of_anthropic: bool) -> None:
    [frame] = frames([piece])
    assert recognises_openai(frame) is of_openai
    assert recognises_anthropic(frame) is of_anthropic


def test_whole_completions_are_read() -> None:
    of_openai = {
        "id": "cmpl_1",
        "object": "text_completion",
        "model": "m",
        "choices": [{"text": "a", "finish_reason": "stop"}, {"text": "b"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    }
    of_anthropic = {"type": "completion", "id": "c", "completion": "a", "stop_reason": "stop"}
    assert whole_openai_message(of_openai) == Message(
        "cmpl_1", "m", (Text("a"), Text("b")), "stop", Usage(1, 2)
    )
    assert whole_anthropic_message(of_anthropic) == Message(
        "c", parts=(Text("a"),), stop_reason="stop"
    )
    assert whole_openai_message(of_anthropic) is None
    assert whole_anthropic_message(of_openai) is None
