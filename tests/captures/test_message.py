from __future__ import annotations

import pytest

from captures.message import Message, OtherPart, Text, Thinking, ToolCall


@pytest.mark.parametrize(
    ("arguments", "valid"),
    [
        ("", True),
        ("{}", True),
        ('{"a": [1, 2.5, "é", null]}', True),
        ("{", False),
        ('{"a": 1}}', False),
        ("nonsense", False),
        ("[" * 100_000, False),
        ("9" * 5000, False),
    ],
)
def test_arguments_are_valid_when_they_parse_whole(arguments: str, valid: bool) -> None:
    assert ToolCall("t", "n", arguments, finished=True).arguments_are_valid is valid


@pytest.mark.parametrize(
    ("stop_reason", "cut"),
    [
        ("max_tokens", True),
        ("model_context_window_exceeded", True),
        ("length", True),
        ("max_output_tokens", True),
        ("MAX_TOKENS", True),
        ("content_filter", True),
        ("SAFETY", True),
        ("stop", False),
        ("STOP", False),
        ("completed", False),
        ("tool_calls", False),
        ("end_turn", False),
        ("tool_use", False),
        ("refusal", False),
        (None, False),
    ],
)
def test_a_limit_a_filter_or_a_failure_cuts_an_answer_off(
    stop_reason: str | None, cut: bool
) -> None:
    assert Message(stop_reason=stop_reason).cut_off is cut


def test_text_is_what_the_user_sees_alone() -> None:
    call = ToolCall("t", "n", "{}", finished=True)

    message = Message(parts=(Thinking("hm"), Text("a"), call, OtherPart("x", "{}"), Text("b")))

    assert message.text == "ab"
