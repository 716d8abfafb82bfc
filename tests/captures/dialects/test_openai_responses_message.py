from __future__ import annotations

from typing import Any

from hypothesis import given

from captures.dialects.openai_responses_message import (
    ResponseBuilder,
    index_within,
    whole_message,
)
from captures.message import Message, StreamError, Text, Usage
from tests.captures.strategies import payloads


def whole(*items: dict[str, Any], **fields: Any) -> Message:
    message = whole_message({"object": "response", "output": list(items), **fields})
    assert message is not None
    return message


def test_item_is_found_by_its_id_where_the_index_is_missing() -> None:
    builder = ResponseBuilder()
    for index in (0, 1):
        item, _ = builder.item({"output_index": index})
        builder.take_item(item, {"id": f"item_{index}", "type": "message"})

    found, known = builder.item({"item_id": "item_0"})
    assert known
    assert found is builder.items[0]


def test_item_without_index_and_id_is_the_one_at_hand() -> None:
    builder = ResponseBuilder()
    first, known = builder.item({"output_index": 3})

    assert not known
    assert builder.item({}) == (first, True)
    assert builder.item({"item_id": "another"})[0] is builder.items[1]


def test_items_stand_by_their_index() -> None:
    builder = ResponseBuilder()
    for index, words in ((1, "b"), (0, "a")):
        builder.item({"output_index": index}, "output_text")[0].add("output_text", 0, words)

    assert builder.message().parts == (Text("a"), Text("b"))


def test_terminal_event_tells_status_usage_and_error() -> None:
    usage = {
        "input_tokens": 1,
        "output_tokens": 2,
        "input_tokens_details": {"cached_tokens": 3},
    }
    message = whole(status="failed", usage=usage, error={"code": "x", "message": "m"}, model="g")

    assert (message.stop_reason, message.model) == ("failed", "g")
    assert message.usage == Usage(1, 2, 3)
    assert message.error == StreamError("x", "m")
    reason = {"reason": "max_output_tokens"}
    assert whole(status="incomplete", incomplete_details=reason).stop_reason == "max_output_tokens"


def test_deltas_of_an_item_are_told_apart() -> None:
    assert [
        index_within(payload) for payload in ({"content_index": 1}, {"summary_index": 2}, {})
    ] == [
        1,
        2,
        0,
    ]


@given(payloads)
def test_what_is_no_response_is_none_and_any_response_is_read(payload: object) -> None:
    assert whole_message(payload) is None
    whole(output=payload, usage=payload, error=payload, incomplete_details=payload)
