from __future__ import annotations

from copy import deepcopy

from captures.dialects.answer import Answer
from captures.message import Message, OtherPart, Text, Thinking, ToolCall


def test_parts_stand_in_the_order_in_which_they_appeared() -> None:
    answer = Answer()
    answer.thinking("0").text.add("Which ")
    answer.text("0").text.add("Hello")
    answer.call("0").name = "weather"
    answer.thinking("0").text.add("city?")
    answer.call("0").text.add("{}")

    assert answer.message().parts == (
        Thinking("Which city?"),
        Text("Hello"),
        ToolCall("", "weather", "{}", finished=False),
    )


def test_text_without_a_letter_is_no_part_yet() -> None:
    answer = Answer()
    answer.text()
    assert answer.message() == Message()


def test_a_part_with_a_name_takes_the_place_of_its_last_version() -> None:
    answer = Answer()
    answer.put(OtherPart("search", "1"), "a")
    answer.put(OtherPart("note", "2"))
    answer.put(OtherPart("note", "3"))
    answer.put(OtherPart("search", "4"), "a")
    assert [part.content for part in answer.message().parts if isinstance(part, OtherPart)] == [
        "4",
        "2",
        "3",
    ]


def test_citations_stand_with_their_text() -> None:
    answer = Answer()
    answer.text("1").citations.append("{}")
    answer.text("1").text.add("a")
    assert answer.message().parts == (Text("a", ("{}",)),)


def test_calls_are_told_apart_by_their_names() -> None:
    answer = Answer()
    answer.call("a").id = "1"
    answer.call("b").id = "2"
    assert answer.call("a") is answer.calls[0]
    assert [call.id for call in answer.calls] == ["1", "2"]
    assert answer.has_call("b")
    assert not answer.has_call("c")


def test_a_copy_grows_by_itself() -> None:
    answer = Answer()
    answer.text("0").text.add("a")
    answer.call("0").text.add("{")
    copy = deepcopy(answer)
    copy.text("0").text.add("b")
    copy.call("0").text.add("}")

    assert answer.message().parts == (Text("a"), ToolCall("", "", "{", finished=False))
    assert copy.message().parts == (Text("ab"), ToolCall("", "", "{}", finished=False))
