from __future__ import annotations

import gzip

import pytest

from captures.exchange import Exchange
from captures.records import Chunk, Ending, Gap, Head, Record
from captures.verdict import SIGNS, Outcome, verdict_of
from tests.captures import openai_chat_stream, openai_responses_stream
from tests.captures.anthropic_stream import (
    HELLO,
    TOOL_USE,
    error,
    message_start,
    stopped_by,
)
from tests.captures.by_hand import (
    EVENT_STREAM,
    JSON,
    a_head,
    an_end,
    chunks,
    exchange_of,
    streamed,
)

BODY = b"".join(HELLO)
MESSAGE = b'{"type":"message","id":"m","content":[],"stop_reason":"end_turn"}'
RATE_LIMIT = b'{"type":"error","error":{"type":"rate_limit_error","message":"Slow down"}}'
CHAT = "/v1/chat/completions"
MISSED = "missed stop_reason, usage, message_stop"
GAP = Gap(99, 2.0, 5, 5, 200, "queue full")


def answered(
    body: bytes, status: int = 200, reason: str = "OK", content_type: str = "application/json"
) -> Exchange:
    head = a_head(status, reason, (("content-type", content_type),))
    return exchange_of([head, Chunk(2, 1.0, body), an_end()])


def unanswered(how: Ending, why: str = "") -> Exchange:
    return exchange_of([an_end(how, why)])


def interrupted(*records: Record) -> Exchange:
    exchange = exchange_of(records)
    exchange.interrupt()
    return exchange


def encoded(coding: str, body: bytes) -> Exchange:
    return streamed([body], headers=(*EVENT_STREAM, ("Content-Encoding", coding)))


def with_gap(before: int, after: int) -> Exchange:
    return exchange_of([a_head(), *chunks(HELLO[:before]), GAP, *chunks(HELLO[after:]), an_end()])


CASES: dict[str, tuple[Exchange, Outcome, str]] = {
    "a whole answer": (streamed(HELLO), Outcome.COMPLETE, "complete · end_turn"),
    "a tool call": (streamed(TOOL_USE), Outcome.COMPLETE, "complete · tool_use"),
    "a refusal": (streamed(stopped_by("refusal")), Outcome.COMPLETE, "complete · refusal"),
    "max_tokens": (streamed(stopped_by("max_tokens")), Outcome.CUT_OFF, "CUT OFF · max_tokens"),
    "an answer in gzip": (
        encoded("gzip", gzip.compress(BODY)),
        Outcome.COMPLETE,
        "complete · end_turn",
    ),
    "an unknown content coding": (encoded("x-own", BODY), Outcome.COMPLETE, "complete · HTTP 200"),
    "an answer that was not streamed": (answered(MESSAGE), Outcome.COMPLETE, "complete · end_turn"),
    "one cut by its limit that was not streamed": (
        answered(MESSAGE.replace(b"end_turn", b"max_tokens")),
        Outcome.CUT_OFF,
        "CUT OFF · max_tokens",
    ),
    "an answer that is no message": (answered(b"[]"), Outcome.COMPLETE, "complete · HTTP 200"),
    "plain events": (
        streamed([b"data: 1\n\n"], path="/events"),
        Outcome.COMPLETE,
        "complete · HTTP 200",
    ),
    "the second of two choices cut by its limit": (
        streamed(
            [
                openai_chat_stream.chunk(openai_chat_stream.choice(0, "stop", content="a")),
                openai_chat_stream.chunk(openai_chat_stream.choice(1, "length", content="b")),
                openai_chat_stream.DONE,
            ],
            path="/v1/chat/completions",
        ),
        Outcome.CUT_OFF,
        "CUT OFF · length",
    ),
    "two messages spliced": (
        streamed([*HELLO[:4], message_start(id="msg_2"), *HELLO[1:]]),
        Outcome.INCOMPLETE,
        "2 messages in one stream, not all of them ended",
    ),
    "two whole messages": (
        streamed([*HELLO, message_start(id="msg_2"), *HELLO[1:]]),
        Outcome.COMPLETE,
        "complete · end_turn · the last of 2 messages",
    ),
    "message_stop without a stop reason": (
        streamed([*HELLO[:-2], HELLO[-1]]),
        Outcome.INCOMPLETE,
        "ended after message_stop: no stop_reason",
    ),
    "client left before the head": (
        unanswered(Ending.CLIENT_LEFT),
        Outcome.CLIENT_LEFT,
        "client left before the response head",
    ),
    "client left before the first byte": (
        streamed([], Ending.CLIENT_LEFT),
        Outcome.CLIENT_LEFT,
        "client left before the first byte",
    ),
    "client left before the first token": (
        streamed(HELLO[:1], Ending.CLIENT_LEFT),
        Outcome.CLIENT_LEFT,
        f"client left before the first token, before stop_reason: {MISSED}",
    ),
    "client left in the text": (
        streamed(HELLO[:4], Ending.CLIENT_LEFT),
        Outcome.CLIENT_LEFT,
        f"client left in the text, before stop_reason: {MISSED}",
    ),
    "client left in the tool arguments": (
        streamed(TOOL_USE[:6], Ending.CLIENT_LEFT),
        Outcome.CLIENT_LEFT,
        f"client left in the tool arguments, before stop_reason: {MISSED}",
    ),
    "client left when the text stopped": (
        streamed(HELLO[:6], Ending.CLIENT_LEFT),
        Outcome.CLIENT_LEFT,
        f"client left after the last delta, before stop_reason: {MISSED}",
    ),
    "client left after stop_reason": (
        streamed(HELLO[:7], Ending.CLIENT_LEFT),
        Outcome.CLIENT_LEFT,
        "client left after stop_reason, before message_stop: missed message_stop",
    ),
    "client left after message_stop": (
        streamed(HELLO, Ending.CLIENT_LEFT),
        Outcome.COMPLETE,
        "complete · end_turn",
    ),
    "client reset": (
        streamed(HELLO[:4], Ending.CLIENT_RESET),
        Outcome.CLIENT_LEFT,
        f"client reset the connection in the text, before stop_reason: {MISSED}",
    ),
    "client left a plain stream": (
        streamed([b"data: 1\n\n"], Ending.CLIENT_LEFT, path="/events"),
        Outcome.CLIENT_LEFT,
        "client left after event 1",
    ),
    "upstream cut in an event": (
        streamed([*HELLO[:4], HELLO[4][:20]], Ending.UPSTREAM_TRUNCATED),
        Outcome.BROKEN,
        "upstream cut mid-event after 1.0 s",
    ),
    "upstream cut between events": (
        streamed(HELLO[:4], Ending.UPSTREAM_TRUNCATED),
        Outcome.BROKEN,
        "upstream cut in the text after 1.0 s",
    ),
    "upstream reset": (
        streamed(HELLO[:6], Ending.UPSTREAM_RESET),
        Outcome.BROKEN,
        "upstream reset after the last delta after 1.0 s",
    ),
    "upstream cut before the first byte": (
        streamed([], Ending.UPSTREAM_TRUNCATED),
        Outcome.BROKEN,
        "upstream cut before the first byte after 1.0 s",
    ),
    "upstream cut after message_stop": (
        streamed(HELLO, Ending.UPSTREAM_TRUNCATED),
        Outcome.COMPLETE,
        "complete · end_turn · then upstream cut the connection",
    ),
    "upstream cut after the message_stop of a limit": (
        streamed(stopped_by("max_tokens"), Ending.UPSTREAM_RESET),
        Outcome.CUT_OFF,
        "CUT OFF · max_tokens · then upstream reset the connection",
    ),
    "an error event": (
        streamed([*HELLO[:4], error()]),
        Outcome.ERROR,
        "error in the stream · overloaded_error: Overloaded",
    ),
    "an error event and then a cut": (
        streamed([*HELLO[:4], error()], Ending.UPSTREAM_TRUNCATED),
        Outcome.ERROR,
        "error in the stream · overloaded_error: Overloaded",
    ),
    "an error status with the provider's words": (
        answered(RATE_LIMIT, 429, "Too Many Requests"),
        Outcome.ERROR,
        "HTTP 429 · rate_limit_error: Slow down",
    ),
    "an error status with a page": (
        answered(b"<html>oops</html>", 500, "Internal Server Error", "text/html"),
        Outcome.ERROR,
        "HTTP 500 · Internal Server Error",
    ),
    "an error status without words": (answered(b"", 529, ""), Outcome.ERROR, "HTTP 529"),
    "upstream refused": (
        unanswered(Ending.UPSTREAM_REFUSED, "connection refused"),
        Outcome.BROKEN,
        "upstream refused · connection refused",
    ),
    "upstream without a name": (unanswered(Ending.UPSTREAM_DNS), Outcome.BROKEN, "upstream dns"),
    "no TLS": (
        unanswered(Ending.UPSTREAM_TLS, "certificate has expired"),
        Outcome.BROKEN,
        "upstream tls · certificate has expired",
    ),
    "upstream too slow": (
        unanswered(Ending.UPSTREAM_TIMEOUT),
        Outcome.BROKEN,
        "upstream timeout",
    ),
    "proxy stopped before the head": (
        unanswered(Ending.PROXY_SHUTDOWN),
        Outcome.BROKEN,
        "proxy shutdown",
    ),
    "proxy stopped in the text": (
        streamed(HELLO[:4], Ending.PROXY_SHUTDOWN, "SIGTERM"),
        Outcome.BROKEN,
        "proxy shutdown in the text · SIGTERM",
    ),
    "proxy stopped after message_stop": (
        streamed(HELLO, Ending.PROXY_SHUTDOWN),
        Outcome.COMPLETE,
        "complete · end_turn",
    ),
    "recorder killed in the text": (
        interrupted(a_head(), *chunks(HELLO[:4])),
        Outcome.BROKEN,
        "recording interrupted in the text, no end record",
    ),
    "recorder killed before the head": (
        interrupted(),
        Outcome.BROKEN,
        "recording interrupted before the response head, no end record",
    ),
    "a clean end without message_stop": (
        streamed(HELLO[:7]),
        Outcome.INCOMPLETE,
        "ended after stop_reason, before message_stop: no message_stop",
    ),
    "a clean end in the text": (
        streamed(HELLO[:4]),
        Outcome.INCOMPLETE,
        "ended in the text: no stop_reason, usage, message_stop",
    ),
    "a gap in the middle": (with_gap(4, 5), Outcome.COMPLETE, "complete · end_turn"),
    "a gap over the end": (
        with_gap(4, 8),
        Outcome.INCOMPLETE,
        "recorded in part: 200 bytes were not kept",
    ),
    "a response cut by its limit": (
        streamed(openai_responses_stream.stopped_by("max_output_tokens"), path="/v1/responses"),
        Outcome.CUT_OFF,
        "CUT OFF · max_output_tokens",
    ),
    "client left a response in the text": (
        streamed(openai_responses_stream.HELLO[:4], Ending.CLIENT_LEFT, path="/v1/responses"),
        Outcome.CLIENT_LEFT,
        "client left in the text, before status: missed status, usage, response.completed",
    ),
    "a content filter": (
        streamed(openai_chat_stream.stopped_by("content_filter"), path=CHAT),
        Outcome.CUT_OFF,
        "CUT OFF · content_filter",
    ),
    "client left a completion in the text": (
        streamed(openai_chat_stream.HELLO[:2], Ending.CLIENT_LEFT, path=CHAT),
        Outcome.CLIENT_LEFT,
        "client left in the text, before finish_reason: missed finish_reason, usage, [DONE]",
    ),
    "client left a completion before [DONE]": (
        streamed(openai_chat_stream.HELLO[:4], Ending.CLIENT_LEFT, path=CHAT),
        Outcome.CLIENT_LEFT,
        "client left after finish_reason, before [DONE]: missed [DONE]",
    ),
    "a completion without [DONE]": (
        streamed(openai_chat_stream.HELLO[:4], path=CHAT),
        Outcome.COMPLETE,
        "complete · stop",
    ),
    "upstream cut before [DONE]": (
        streamed(openai_chat_stream.HELLO[:4], Ending.UPSTREAM_TRUNCATED, path=CHAT),
        Outcome.BROKEN,
        "upstream cut after finish_reason, before [DONE] after 1.0 s",
    ),
    "a completion cut by its limit that was not streamed": (
        answered(b'{"choices":[{"message":{"content":"a"},"finish_reason":"length"}]}'),
        Outcome.CUT_OFF,
        "CUT OFF · length",
    ),
    "an error status in another provider's words": (
        answered(
            b'{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Quota"}}', 429, ""
        ),
        Outcome.ERROR,
        "HTTP 429 · RESOURCE_EXHAUSTED: Quota",
    ),
    "waiting": (exchange_of([]), Outcome.LIVE, "waiting for the response head"),
    "waiting for the body": (
        exchange_of([a_head()]),
        Outcome.LIVE,
        "streaming · before the first byte",
    ),
    "streaming": (
        exchange_of([a_head(), *chunks(HELLO[:4])]),
        Outcome.LIVE,
        "streaming · in the text",
    ),
    "streaming after the stop reason": (
        exchange_of([a_head(), *chunks(HELLO[:7])]),
        Outcome.LIVE,
        "streaming · end_turn",
    ),
    "receiving what is no stream": (
        exchange_of([a_head(headers=JSON), Chunk(2, 1.0, b'{"a":')]),
        Outcome.LIVE,
        "streaming · 5 bytes into the body",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_verdict_on(name: str) -> None:
    exchange, outcome, headline = CASES[name]

    verdict = verdict_of(exchange)

    assert (verdict.outcome, verdict.headline) == (outcome, headline)


def test_every_outcome_has_a_case_and_a_sign_of_its_own() -> None:
    assert {outcome for _, outcome, _ in CASES.values()} == set(Outcome)
    assert set(SIGNS) == set(Outcome)
    assert len(set(SIGNS.values())) == len(SIGNS)
    assert verdict_of(streamed(HELLO)).sign == "✓"


@pytest.mark.parametrize("how", Ending)
def test_every_ending_has_a_verdict_at_every_point_of_a_stream(how: Ending) -> None:
    assert verdict_of(unanswered(how)).headline
    for count in range(len(HELLO) + 1):
        assert verdict_of(streamed(HELLO[:count], how)).headline
        assert verdict_of(streamed([*HELLO[:count], b"data: x"], how)).headline


def test_headline_is_one_line_of_what_the_provider_says() -> None:
    exchange = exchange_of(
        [Head(1, 0.1, "1.1", 200, "OK", EVENT_STREAM), *chunks([message_start(), error("a", "b")])]
    )
    exchange.feed(an_end())

    assert verdict_of(exchange).headline == "error in the stream · a: b"
