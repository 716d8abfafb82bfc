from __future__ import annotations

import pytest

from captures.exchange import Exchange
from captures.findings import sse
from captures.findings.rule import Level, Rule
from captures.portability import Portability
from captures.records import Chunk, Gap, Record
from captures.sse import Decoder
from tests.captures import anthropic_stream, openai_chat_stream
from tests.captures.by_hand import a_head, exchange_of, streamed

CHAT = b"".join(openai_chat_stream.HELLO)
CHAT_PATH = "/v1/chat/completions"
MESSAGES = b"".join(anthropic_stream.HELLO)
GEMINI = (
    b'data: {"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}],'
    b'"usageMetadata":{"totalTokenCount":3,"candidatesTokenCount":1}}\r\n\r\n'
)
GEMINI_PATH = "/v1beta/models/made-up:streamGenerateContent?alt=sse"


def told(exchange: Exchange) -> list[tuple[Rule, int | None]]:
    return [(finding.rule, finding.event) for finding in exchange.findings]


@pytest.mark.parametrize(
    ("before", "detail"),
    [
        (b"retry: 3000\n\n", "retry: 3000"),
        (b"event: ping\n\n", "event: ping"),
        (b"id: 7\n\n", "a silent block after id: 7"),
        (b": one\n\nretry: 0\n\n", "retry: 0"),
    ],
)
def test_block_without_data_before_an_openai_stream(before: bytes, detail: str) -> None:
    exchange = streamed([before + CHAT], path=CHAT_PATH)

    [finding] = exchange.findings
    assert (finding.rule, finding.detail) == (sse.NO_DATA_FOR_OPENAI, detail)
    assert exchange.events[finding.event or 0].frame.start == finding.offset


def test_block_without_data_inside_an_openai_stream() -> None:
    first, *rest = openai_chat_stream.HELLO
    exchange = streamed([first, b"retry: 1\n\n", *rest], path=CHAT_PATH)

    assert told(exchange) == [(sse.NO_DATA_FOR_OPENAI, 1)]


def test_after_an_id_every_blank_line_is_an_event_to_the_openai_client() -> None:
    first, *rest = openai_chat_stream.HELLO
    pings = [b": ping\n\n"] * 3
    exchange = streamed([b"id: 1\n" + first, *pings, *rest], path=CHAT_PATH)

    assert told(exchange) == [(sse.NO_DATA_FOR_OPENAI, 1)]
    assert exchange.findings[0].detail == "a comment block after id: 1"


@pytest.mark.parametrize(
    "pieces",
    [
        [b": ping\n\n" * 9 + CHAT],
        [b"\n\n\n" + CHAT],
        [CHAT + b"retry: 1\n\n"],
        [b"retry: 3000\n" + CHAT],
    ],
    ids=["comments", "blank lines", "after [DONE]", "beside data"],
)
def test_an_openai_stream_that_the_client_reads(pieces: list[bytes]) -> None:
    assert told(streamed(pieces, path=CHAT_PATH)) == []


def test_other_streams_may_hold_blocks_without_data() -> None:
    assert told(streamed([b"retry: 3000\n\n" + MESSAGES])) == []
    assert told(streamed([b"id: 1\n\nretry: 3000\n\ndata: x\n\n"], path="/events")) == []


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b": ping\r\n\r\n" + GEMINI, ": ping"),
        (b"event: message\r\n" + GEMINI, "event: message"),
        (GEMINI.replace(b"data: ", b"data:"), "data:{"),
    ],
)
def test_a_line_of_a_gemini_stream_that_is_not_data(body: bytes, detail: str) -> None:
    [finding] = streamed([body], path=GEMINI_PATH).findings

    assert (finding.rule, finding.event) == (sse.NOT_DATA_FOR_GEMINI, 0)
    assert finding.detail.startswith(detail)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (b"error: x\r\n\r\n", sse.ERROR_FIELD),
        (b"Data: x\r\n\r\n", sse.MISSPELT_FIELD),
        (b"{}\r\n\r\n", sse.NOT_A_FIELD),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_line_that_no_client_reads_is_told_as_that(
    line: bytes, rule: Rule, is_first: bool
) -> None:
    body = line + GEMINI if is_first else GEMINI + line

    assert {rule for rule, _ in told(streamed([body], path=GEMINI_PATH))} == {rule}


def test_a_gemini_stream_is_crlf() -> None:
    assert told(streamed([GEMINI], path=GEMINI_PATH)) == []


def test_crlf_is_told_where_lf_is_usual() -> None:
    exchange = streamed([CHAT.replace(b"\n", b"\r\n")], path=CHAT_PATH)

    assert told(exchange) == [(sse.CRLF_WHERE_LF_IS_USUAL, 0)]
    assert sse.CRLF_WHERE_LF_IS_USUAL.level is Level.INFO
    assert told(streamed([b"data: x\r\n\r\n"], path="/events")) == []


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (b"event: done\n\n", [(sse.NEVER_DISPATCHED, 1)]),
        (b"event: ping\n\n", []),
        (b"event: done\ndata:\n\n", []),
    ],
)
def test_event_without_data(block: bytes, expected: list[tuple[Rule, int]]) -> None:
    assert told(streamed([b"data: x\n\n" + block], path="/events")) == expected


def test_each_rule_is_told_once() -> None:
    exchange = streamed([b"data: x\n\n" + b"event: done\n\n" * 5], path="/events")

    assert told(exchange) == [(sse.NEVER_DISPATCHED, 1)]


def test_torn_event_behind_a_gap_is_no_event_without_data() -> None:
    gap = Gap(3, 1.5, 3, 3, 20, "queue full")
    torn = b"event: done\n\n"
    records: list[Record] = [a_head(), Chunk(2, 1.0, b"data: x\n\n"), gap, Chunk(4, 2.0, torn)]

    assert sse.NEVER_DISPATCHED not in {rule for rule, _ in told(exchange_of(records))}


def test_what_is_kept_before_the_first_event_is_bounded() -> None:
    portability = Portability(lambda frame: b"")
    decoder = Decoder()

    for index in range(500):
        for frame in decoder.feed(b": ping\n\nretry: 1\n\n\n", 0.0):
            assert portability.see(index, frame, None) == []

    assert len(portability._before) < 10
