from __future__ import annotations

import pytest

from captures.faults.grammar import LINE_SEPARATOR
from captures.plain_body import exchange_of_body
from tests.captures.faults.harmed import ANTHROPIC, CHAT, GEMINI, RESPONSES, harmed, sse

STREAMS = (ANTHROPIC, CHAT, GEMINI, RESPONSES)
BODY = b"".join(ANTHROPIC)


def text_of(body: bytes) -> str:
    return exchange_of_body("a.sse", "text/event-stream", [body]).message().text


def test_a_byte_order_mark_comes_once_and_first() -> None:
    assert harmed("bom", ANTHROPIC) == b"\xef\xbb\xbf" + BODY


def test_line_ends_are_others() -> None:
    assert harmed("cr", ANTHROPIC) == BODY.replace(b"\n", b"\r")
    assert harmed("crlf", ANTHROPIC) == BODY.replace(b"\n", b"\r\n")


def test_the_blank_behind_data_is_gone() -> None:
    assert harmed("no-space", ANTHROPIC) == BODY.replace(b"data: ", b"data:")


@pytest.mark.parametrize("pieces", STREAMS, ids=["anthropic", "chat", "gemini", "responses"])
def test_a_separator_stands_in_front_of_every_text(pieces: list[bytes]) -> None:
    body = harmed("line-separator", pieces)
    assert body.decode().count(LINE_SEPARATOR) == b"".join(pieces).count(b'"a"') + b"".join(
        pieces
    ).count(b'"b"')


def test_a_separator_stays_out_of_the_arguments_of_a_tool() -> None:
    pieces = sse({"type": "response.function_call_arguments.delta", "delta": '{"a"'}, event=True)
    assert harmed("line-separator", pieces) == b"".join(pieces)


def test_retry_comes_alone_before_the_first_event_and_an_id_with_every_one() -> None:
    assert harmed("retry:milliseconds=5", CHAT) == b"retry: 5\n\n" + b"".join(CHAT)
    assert harmed("ids", CHAT).startswith(b"id: 0\ndata: ")
    assert harmed("ids", CHAT).count(b"id: ") == len(CHAT)


@pytest.mark.parametrize("text", ["bom", "cr", "crlf", "no-space", "retry", "ids"])
def test_a_decoder_after_the_standard_reads_the_same_text(text: str) -> None:
    for pieces in STREAMS:
        assert text_of(harmed(text, pieces)) == text_of(b"".join(pieces))
