from __future__ import annotations

from captures.answers import answers_of
from tests.captures import anthropic_stream
from tests.captures.by_hand import streamed
from tests.captures.openai_chat_stream import DONE, HELLO, choice, chunk, finish, text

CHAT = "/v1/chat/completions"
TWO_CHOICES = [
    chunk(choice(0, content="a")),
    chunk(choice(1, content="b")),
    chunk(choice(1, "length", content="B")),
    chunk(choice(0, "stop")),
    DONE,
]


def test_one_message_needs_no_label() -> None:
    [answer] = answers_of(streamed(HELLO, path=CHAT))

    assert (answer.label, answer.message.text, answer.is_current) == ("", "Hello, wörld 👋", True)


def test_every_choice_is_an_answer_of_its_own() -> None:
    answers = answers_of(streamed(TWO_CHOICES, path=CHAT))

    assert [(answer.label, answer.message.text) for answer in answers] == [
        ("choice 1 of 2", "a"),
        ("choice 2 of 2", "bB"),
    ]
    assert [answer.message.stop_reason for answer in answers] == ["stop", "length"]


def test_messages_that_were_spliced_come_in_order() -> None:
    another = anthropic_stream.message_start(id="msg_2")
    pieces = [*anthropic_stream.HELLO[:4], another, *anthropic_stream.HELLO[1:]]

    assert [
        (answer.label, answer.message.text, answer.is_current)
        for answer in answers_of(streamed(pieces))
    ] == [
        ("message 1 of 2", "Hello, ", False),
        ("message 2 of 2", "Hello, wörld 👋", True),
    ]


def test_choices_of_a_spliced_message_have_both_labels() -> None:
    start = chunk(choice(role="assistant", content="x"), id="chatcmpl-2")
    pieces = [*TWO_CHOICES[:2], start, text("y"), finish(), DONE]

    assert [answer.label for answer in answers_of(streamed(pieces, path=CHAT))] == [
        "message 1 of 2 · choice 1 of 2",
        "message 1 of 2 · choice 2 of 2",
        "message 2 of 2",
    ]
