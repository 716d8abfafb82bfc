"""The fold over bodies that are no server-sent events, and over streams without an event."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.base import EventKind
from captures.exchange import Exchange
from captures.findings.aws import CHECKSUM_WRONG
from captures.findings.ndjson import LINE_CUT
from captures.findings.network import BYTES_NOT_KEPT, HTTP_ERROR, NO_EVENT
from captures.findings.openai_chat import CHAT_NO_END
from captures.message import StreamError, Text
from captures.records import Chunk, Ending, Gap, Headers, Record
from captures.verdict import Outcome, verdict_of
from tests.captures import aws_messages, bedrock_stream, ollama_stream
from tests.captures import gemini_stream as gemini
from tests.captures.by_hand import EVENT_STREAM, a_head, an_end, exchange_of, streamed

LINES: Headers = (("content-type", "application/x-ndjson"),)
AWS: Headers = (("content-type", "application/vnd.amazon.eventstream"),)
ARRAY: Headers = (("content-type", "application/json; charset=UTF-8"),)
GEMINI = "/v1beta/models/m:streamGenerateContent"
JSON_ERROR = b'{\n  "error": {"code": 404, "message": "No such model", "status": "NOT_FOUND"}\n}\n'


def codes(exchange: Exchange) -> list[str]:
    return [finding.rule.code for finding in exchange.findings]


@pytest.mark.parametrize(
    ("headers", "path", "body", "framing", "types"),
    [
        (
            LINES,
            "/pull",
            b'{"status": "a"}\n\n{"status": "b"}\n',
            "ndjson",
            ["line", "blank", "line"],
        ),
        (
            ARRAY,
            GEMINI,
            b'[{"a": 1}\n,\r\n{"b": 2}\n]\n',
            "json array",
            ["element", "element", "]"],
        ),
        (AWS, "/", aws_messages.message("Records", b"\xff"), "aws event stream", ["Records"]),
    ],
)
def test_a_stream_of_no_known_protocol_is_shown_by_its_framing(
    headers: Headers, path: str, body: bytes, framing: str, types: list[str]
) -> None:
    exchange = streamed([body], headers=headers, path=f"{path}?x=1")
    assert exchange.framing == framing
    assert [event.type for event in exchange.events][: len(types)] == types


def test_a_cut_line_is_the_finding_of_its_framing() -> None:
    exchange = streamed([b'{"a": 1}\n{"b'], headers=LINES, path="/events")
    [finding] = exchange.findings
    assert (finding.rule, finding.event, finding.offset) == (LINE_CUT, 1, 9)
    assert exchange.events[1].kind is EventKind.UNFINISHED


@pytest.mark.parametrize("how", [Ending.CLIENT_LEFT, Ending.PROXY_SHUTDOWN])
def test_a_line_that_was_cut_by_somebody_else_is_no_finding(how: Ending) -> None:
    exchange = streamed([b'{"a": 1}\n{"b'], how, headers=LINES, path="/events")
    assert LINE_CUT.code not in codes(exchange)


def test_damage_is_a_row_of_its_own() -> None:
    body = bytearray(aws_messages.message("a", {"x": 1}))
    body[-1] ^= 1
    exchange = streamed([bytes(body), aws_messages.message("b")], headers=AWS, path="/")
    assert [event.type for event in exchange.events] == ["damaged", "b"]
    [finding] = exchange.findings
    assert (finding.rule, finding.event, finding.offset) == (CHECKSUM_WRONG, 0, 0)


@pytest.mark.parametrize("place", range(0, 400, 7))
@pytest.mark.parametrize("size", [1, 5, 200])
def test_bytes_that_were_not_kept_are_no_damage(place: int, size: int) -> None:
    body = b"".join(aws_messages.message("a", {"x": number}) for number in range(6))
    gap = Gap(50, 2.0, 40, 50, size, "queue full")
    rest = Chunk(51, 3.0, body[place + size :])
    records: list[Record] = [a_head(headers=AWS), Chunk(2, 1.0, body[:place]), gap, rest, an_end()]
    exchange = exchange_of(records, "/")
    assert [finding.rule for finding in exchange.findings] == [BYTES_NOT_KEPT]


@dataclass(frozen=True)
class Stream:
    """A healthy stream, and what is said of its client that leaves within the text."""

    headers: Headers
    path: str
    pieces: list[bytes]
    dialect: str
    left: str


RESPONSES = [gemini.payload(gemini.candidate({"text": words})) for words in ("Hello, ", "wörld")]
ARRAY_BODY = gemini.array(*RESPONSES, gemini.payload(gemini.candidate(finishReason="STOP")))
STREAMS = {
    "gemini": Stream(
        EVENT_STREAM,
        f"{GEMINI}?alt=sse",
        gemini.HELLO,
        "gemini.generateContent",
        "client left in the text, before finishReason: missed finishReason, usage",
    ),
    "gemini array": Stream(
        ARRAY,
        GEMINI,
        [part + b"}\n,\r\n" for part in ARRAY_BODY.split(b"}\n,\r\n")[:-1]]
        + [ARRAY_BODY.split(b"}\n,\r\n")[-1]],
        "gemini.generateContent",
        "client left in the text, before finishReason: missed finishReason, usage",
    ),
    "ollama": Stream(
        LINES,
        "/api/chat",
        ollama_stream.HELLO,
        "ollama",
        "client left in the text, before done_reason: missed done_reason, usage, done",
    ),
    "converse": Stream(
        AWS,
        "/model/m/converse-stream",
        bedrock_stream.HELLO,
        "bedrock.converse",
        "client left in the text, before stopReason: missed stopReason, messageStop, usage,"
        " metadata",
    ),
    "claude on Bedrock": Stream(
        AWS,
        "/model/m/invoke-with-response-stream",
        bedrock_stream.CLAUDE,
        "bedrock.invoke",
        "client left in the text, before stop_reason: missed stop_reason, usage, message_stop",
    ),
}


@pytest.mark.parametrize("name", STREAMS)
class TestStreams:
    def test_it_is_healthy_at_any_path(self, name: str) -> None:
        stream = STREAMS[name]
        for path in {stream.path, "/gateway" if stream.headers is not ARRAY else stream.path}:
            exchange = streamed(stream.pieces, headers=stream.headers, path=path)
            assert exchange.findings == []
            assert verdict_of(exchange).outcome is Outcome.COMPLETE
            assert exchange.dialect is not None
            assert exchange.dialect.name == stream.dialect

    def test_a_client_that_leaves_in_the_text_is_told_what_it_missed(self, name: str) -> None:
        stream = STREAMS[name]
        count = 3 if "Bedrock" in name or name == "converse" else 1
        exchange = streamed(
            stream.pieces[:count], Ending.CLIENT_LEFT, headers=stream.headers, path=stream.path
        )
        assert verdict_of(exchange).headline == stream.left

    def test_a_clean_end_in_the_text_is_one_finding(self, name: str) -> None:
        stream = STREAMS[name]
        count = 3 if "Bedrock" in name or name == "converse" else 1
        exchange = streamed(stream.pieces[:count], headers=stream.headers, path=stream.path)
        assert verdict_of(exchange).outcome is Outcome.INCOMPLETE
        # The array has a bracket missing as well.
        assert len(exchange.findings) == (2 if name == "gemini array" else 1)

    @given(st.data())
    def test_bytes_that_were_not_kept_anywhere_are_that_finding_alone(
        self, name: str, data: st.DataObject
    ) -> None:
        stream = STREAMS[name]
        body = b"".join(stream.pieces)
        start = data.draw(st.integers(0, len(body)))
        size = data.draw(st.integers(1, len(body)))
        gap = Gap(50, 2.0, 40, 50, size, "queue full")
        rest = Chunk(51, 3.0, body[start + size :])
        records: list[Record] = [a_head(headers=stream.headers), Chunk(2, 1.0, body[:start]), gap]
        exchange = exchange_of([*records, rest, an_end()], stream.path)
        assert [finding.rule for finding in exchange.findings] == [BYTES_NOT_KEPT]


def test_an_error_as_json_under_an_event_streams_type_is_read() -> None:
    exchange = exchange_of(
        [a_head(404, "Not Found", EVENT_STREAM), Chunk(2, 1.0, JSON_ERROR), an_end()], GEMINI
    )
    assert exchange.message().error == StreamError("NOT_FOUND", "No such model")
    assert [finding.rule for finding in exchange.findings] == [HTTP_ERROR]
    assert verdict_of(exchange).headline == "HTTP 404 · NOT_FOUND: No such model"


def test_an_error_as_an_event_under_an_error_status_is_told_once() -> None:
    error = gemini.error(status="NOT_FOUND", message="No such model")
    head = a_head(404, "Not Found", EVENT_STREAM)
    exchange = exchange_of([head, Chunk(2, 1.0, error + b"data: {"), an_end()], GEMINI)
    assert [finding.rule for finding in exchange.findings] == [HTTP_ERROR]
    assert verdict_of(exchange).headline == "HTTP 404 · NOT_FOUND: No such model"


def test_an_error_as_json_under_http_200_is_told_as_one() -> None:
    exchange = streamed([JSON_ERROR], path=GEMINI)
    assert verdict_of(exchange).outcome is Outcome.ERROR
    assert exchange.findings


def test_a_stream_without_an_event_is_judged_by_its_path() -> None:
    exchange = streamed([b": hello\n\n"], path="/v1/chat/completions")
    [finding] = exchange.findings
    assert (finding.rule, finding.detail) == (CHAT_NO_END, "it ended before the first event")
    assert verdict_of(exchange).outcome is Outcome.INCOMPLETE
    [finding] = streamed([], path="/events").findings
    assert (finding.rule, finding.detail) == (NO_EVENT, "its body is empty")


@pytest.mark.parametrize("how", [Ending.CLIENT_LEFT, Ending.UPSTREAM_RESET])
def test_a_stream_that_was_cut_before_its_first_event_is_not_judged_by_its_path(
    how: Ending,
) -> None:
    assert streamed([], how, path="/v1/chat/completions").dialect is None


def test_the_lines_of_a_plain_stream_are_its_text() -> None:
    exchange = streamed([b'{"a": 1}\n[2]\n'], headers=LINES, path="/events")
    assert exchange.message().parts == (Text('{"a": 1}\n[2]'),)


WHOLE = st.sampled_from([b"".join(stream.pieces) for stream in STREAMS.values()])
MUTATED = st.builds(
    lambda body, place, patch: body[: place % len(body)] + patch + body[place % len(body) + 1 :],
    WHOLE,
    st.integers(0, 5000),
    st.binary(max_size=3),
)


@given(
    st.binary(max_size=80) | MUTATED,
    st.sampled_from([EVENT_STREAM, LINES, AWS, ARRAY]),
    st.sampled_from([GEMINI, "/api/chat", "/model/m/converse-stream", "/"]),
)
def test_any_bytes_under_any_type_are_judged(body: bytes, headers: Headers, path: str) -> None:
    exchange = streamed([body], headers=headers, path=path)
    assert verdict_of(exchange).headline
    assert all("\n" not in finding.detail for finding in exchange.findings)
    frames = [event.frame for event in exchange.events]
    assert b"".join(map(exchange.raw, frames)) == (body if exchange.is_stream else b"")
