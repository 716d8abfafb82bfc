from __future__ import annotations

import pytest
from hypothesis import given

from captures.dialects.base import EventKind
from captures.dialects.gemini_message import GeminiBuilder, reason_in, whole_message
from captures.message import Message, OtherPart, StreamError, Text, Thinking, ToolCall, Usage
from tests.captures.gemini_stream import candidate, payload
from tests.captures.strategies import payloads


def parts_of(*candidates: dict[str, object]) -> tuple[object, ...]:
    builder = GeminiBuilder()
    for entry in candidates:
        builder.add(payload(entry))
    return builder.message().parts


def test_pieces_of_one_kind_grow_together() -> None:
    assert parts_of(
        candidate({"text": "Hm", "thought": True}),
        candidate({"text": ".", "thought": True}, {"text": "Yes"}),
        candidate({"text": ""}, {"thoughtSignature": "AA"}, {"text": "!"}),
    ) == (Thinking("Hm."), Text("Yes!"))


def test_text_behind_another_part_is_a_part_of_its_own() -> None:
    code = {"executableCode": {"language": "PYTHON", "code": "1"}}
    result = {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}}
    assert parts_of(candidate({"text": "a"}, code, result), candidate({"text": "b"})) == (
        Text("a"),
        OtherPart("executableCode", '{"language":"PYTHON","code":"1"}'),
        OtherPart("codeExecutionResult", '{"outcome":"OUTCOME_OK","output":"1"}'),
        Text("b"),
    )


def test_data_is_accounted_for_and_not_kept_a_second_time() -> None:
    data = {"mimeType": "image/png", "data": "AAAAAA=="}
    assert parts_of(candidate({"inlineData": data})) == (
        OtherPart("inlineData", '{"mimeType":"image/png","bytes":4}'),
    )


def test_a_call_comes_whole_or_in_pieces() -> None:
    streamed = [
        {"name": "a", "id": "1", "willContinue": True},
        {"partialArgs": [{"jsonPath": "$.x", "stringValue": "y"}], "willContinue": True},
        {},
    ]
    pieces = [candidate({"functionCall": fields}) for fields in streamed]
    whole = candidate({"functionCall": {"name": "b", "args": {"z": 1}}})
    assert parts_of(*pieces, whole) == (
        ToolCall("1", "a", '{"x":"y"}', finished=True),
        ToolCall("", "b", '{"z":1}', finished=True),
    )
    assert parts_of(*pieces[:2]) == (ToolCall("1", "a", '{"x":"y"}', finished=False),)


def test_two_calls_in_one_response_are_two() -> None:
    calls = [{"functionCall": {"name": name, "args": {}}} for name in "ab"]
    assert parts_of(candidate(*calls)) == (
        ToolCall("", "a", "{}", finished=True),
        ToolCall("", "b", "{}", finished=True),
    )


def test_sources_stand_with_the_last_text_each_once() -> None:
    grounding = {"groundingChunks": [{"web": {"uri": "https://example.com", "title": "e"}}]}
    citations = {"citations": [{"startIndex": 1, "endIndex": 4}]}
    assert parts_of(
        candidate({"text": "a"}, citationMetadata=citations),
        candidate({"executableCode": {}}, {"text": "b"}, groundingMetadata=grounding),
        candidate(groundingMetadata=grounding),
    )[-1] == Text(
        "b",
        (
            '{"startIndex":1,"endIndex":4}',
            '{"web":{"uri":"https://example.com","title":"e"}}',
        ),
    )


def test_candidates_are_kept_apart() -> None:
    builder = GeminiBuilder()
    builder.add(payload(candidate({"text": "b"}, index=1), candidate({"text": "a"}, index=0)))
    builder.add(payload(candidate({"text": "B"}, index=1, finishReason="STOP")))
    assert builder.message().parts == (Text("a"), Text("bB"))
    assert builder.stop_reason is None
    assert not builder.all_finished


def test_counts_are_the_latest() -> None:
    builder = GeminiBuilder()
    builder.add(payload(candidate({"text": "a"}), output=4))
    usage = {"promptTokenCount": 12, "thoughtsTokenCount": 7, "cachedContentTokenCount": 3}
    content = builder.add({"usageMetadata": usage})
    assert content.has_usage
    assert builder.usage == Usage(12, 4, cache_read_tokens=3, thinking_tokens=7)
    builder.add({"usageMetadata": {"candidatesTokenCount": 3}})
    assert builder.shrunk == "candidatesTokenCount is 3 at the end and was 4"
    builder.add({"usageMetadata": {"candidatesTokenCount": 5}})
    assert builder.shrunk == ""


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("STOP", "STOP"),
        (2, "MAX_TOKENS"),
        (17, "finishReason 17"),
        (0, None),
        (True, None),
        ("FINISH_REASON_UNSPECIFIED", None),
        ("", None),
        (None, None),
        ([], None),
    ],
)
def test_reasons_are_words_or_numbers(value: object, reason: str | None) -> None:
    assert reason_in({"finishReason": value}, "finishReason") == reason


def test_deltas_say_which_field_they_come_from() -> None:
    content = GeminiBuilder().add(
        payload(candidate({"text": "a", "thought": True}, {"functionCall": {"name": "f"}}))
    )
    assert [(delta.kind, delta.name, delta.text) for delta in content.deltas] == [
        (EventKind.THINKING, "thought", "a"),
        (EventKind.STRUCTURE, "functionCall", "f"),
    ]


def test_whole_answer_is_read() -> None:
    answer = payload(candidate({"text": "a"}, finishReason="STOP"))
    expected = Message("resp-1", "gemini-made-up", (Text("a"),), "STOP", Usage(12, 4))
    assert whole_message(answer) == expected
    blocked = whole_message({"promptFeedback": {"blockReason": "OTHER"}})
    assert blocked is not None
    assert blocked.stop_reason == "OTHER"


def test_an_array_of_responses_is_one_answer() -> None:
    first = payload(candidate({"text": "a"}))
    error = {"error": {"status": "UNAVAILABLE", "message": "m"}}
    message = whole_message([first, payload(candidate({"text": "b"})), error])
    assert message is not None
    assert (message.text, message.error) == ("ab", StreamError("UNAVAILABLE", "m"))


@pytest.mark.parametrize("other", [{}, [], [1], {"candidates": "x"}, {"promptFeedback": {}}, None])
def test_another_answer_is_none(other: object) -> None:
    assert whole_message(other) is None


@given(payloads)
def test_any_payload_is_a_message_or_none(found: object) -> None:
    whole_message(found)
    whole_message({"candidates": [found, {"content": found}, {"content": {"parts": [found]}}]})
    whole_message({"candidates": [{"content": {"parts": [{"functionCall": found}]}}]})
