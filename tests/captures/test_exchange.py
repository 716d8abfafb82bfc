from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures import exchange as exchange_module
from captures import inflate
from captures.dialects.base import Event, EventKind
from captures.exchange import Exchange
from captures.findings.anthropic import AFTER_MESSAGE_STOP, BEFORE_MESSAGE_START, NO_MESSAGE_STOP
from captures.findings.network import (
    BYTES_NOT_KEPT,
    CLIENT_LEFT_EARLY,
    HTTP_ERROR,
    NOT_ANSWERED,
    NOT_INFLATED,
    RECORDER_STOPPED,
    UPSTREAM_BROKE,
)
from captures.findings.rule import Level, Rule
from captures.message import Message, StreamError
from captures.records import Boundary, Chunk, Damage, Ending, Gap, Note, Record, RequestChunk
from captures.sse import Frame
from captures.verdict import verdict_of
from tests.captures import strategies
from tests.captures.anthropic_stream import (
    HELLO,
    MESSAGE_STOP,
    PING,
    TOOL_USE,
    error,
    stopped_by,
    text,
)
from tests.captures.by_hand import (
    EVENT_STREAM,
    JSON,
    a_head,
    an_end,
    chunks,
    exchange_of,
    seen,
    streamed,
)
from tests.captures.cuts import any_cuts, at, byte_by_byte

GZIP = (*EVENT_STREAM, ("content-encoding", "gzip"))
BODY = b"".join(HELLO)


def rules(exchange: Exchange) -> list[Rule]:
    return [finding.rule for finding in exchange.findings]


def kinds(exchange: Exchange) -> list[EventKind]:
    return [event.kind for event in exchange.events]


class TestCuts:
    @given(
        st.data(),
        st.sampled_from(
            [
                [b": hello\r\n\r\n", *HELLO, b"data: [DONE]\n\n"],
                TOOL_USE,
                [*stopped_by("max_tokens"), PING],
                [*HELLO[:5], error()],
                [*HELLO[:4], b"data: {broken\r\r", *HELLO[5:7], b"event: message_st"],
            ]
        ),
    )
    def test_nothing_depends_on_how_a_stream_is_cut(
        self, data: st.DataObject, stream: list[bytes]
    ) -> None:
        body = b"".join(stream)
        pieces = data.draw(any_cuts(body))

        assert seen(streamed(pieces)) == seen(streamed([body]))

    @pytest.mark.parametrize("stream", [HELLO, TOOL_USE, [*HELLO[:4], error()]])
    def test_nothing_depends_on_one_byte_chunks(self, stream: list[bytes]) -> None:
        assert seen(streamed(byte_by_byte(b"".join(stream)))) == seen(streamed(stream))

    @given(st.data())
    def test_nothing_depends_on_how_a_gzip_stream_is_cut(self, data: st.DataObject) -> None:
        pieces = data.draw(any_cuts(gzip.compress(BODY)))

        assert seen(streamed(pieces, headers=GZIP)) == seen(streamed([BODY]))


class TestAnyInput:
    @given(st.lists(strategies.records | strategies.damages, max_size=12), st.booleans())
    def test_any_records_in_any_order_are_folded(
        self, records: list[Record | Damage], killed: bool
    ) -> None:
        self.fold_and_ask(records, killed)

    @given(st.data())
    def test_real_records_in_any_order_are_folded(self, data: st.DataObject) -> None:
        coding = data.draw(st.sampled_from(["", "gzip", "br", "own"]))
        heads = [
            a_head(data.draw(st.sampled_from([200, 429])), "", headers)
            for headers in (JSON, (*EVENT_STREAM, ("content-encoding", coding)))
        ]
        bodies = data.draw(
            st.lists(st.sampled_from([*HELLO, *TOOL_USE, error(), b"data: ", b"\r", b"{}"]))
        )
        gap = Gap(5, 1.0, 2, 4, 100, "queue full")
        ends = [an_end(how) for how in Ending]
        pool: list[Record | Damage] = [*heads, *chunks(bodies), gap, *ends, Damage(3, 9, "torn")]

        self.fold_and_ask(data.draw(st.lists(st.sampled_from(pool), max_size=20)), killed=True)

    def fold_and_ask(self, records: Iterable[Record | Damage], killed: bool) -> None:
        exchange = exchange_of(records)
        if killed:
            exchange.interrupt()
        assert verdict_of(exchange).headline
        exchange.timing()
        exchange.message()
        assert exchange.live == (exchange.end is None and not killed)
        for number, event in enumerate(exchange.events):
            exchange.raw(event.frame)
            exchange.findings_of(number)


class TestEvents:
    def test_blocks_that_dispatch_nothing_are_rows_too(self) -> None:
        exchange = streamed(
            [b": one\n: two\n\n", b"retry: 500\n\n", b"event: x\n\n", b"id: 3\n\n", b"\n", *HELLO]
        )

        assert [(event.kind, event.type, event.text) for event in exchange.events[:5]] == [
            (EventKind.COMMENT, "comment", "one  two"),
            (EventKind.NOTHING, "retry", "500 ms"),
            (EventKind.NOTHING, "x", ""),
            (EventKind.NOTHING, "no data", ""),
            (EventKind.NOTHING, "blank", ""),
        ]
        assert exchange.findings == []

    def test_unfinished_event_is_the_last_row_and_is_found_at_its_place(self) -> None:
        exchange = streamed([*HELLO, b"data: {"])

        last = exchange.events[-1]
        assert (last.kind, last.type, last.text) == (
            EventKind.UNFINISHED,
            "unfinished event",
            "data: {",
        )
        [finding] = exchange.findings
        assert (finding.event, finding.offset) == (len(HELLO), len(BODY))
        assert exchange.findings_of(len(HELLO)) == [finding]
        assert exchange.findings_of(0) == []

    def test_finding_of_an_event_carries_its_index_and_offset(self) -> None:
        exchange = streamed([*HELLO[:4], b"data: x\n\n", *HELLO[4:]])

        [finding] = exchange.findings
        assert (finding.event, finding.offset) == (4, len(b"".join(HELLO[:4])))

    def test_raw_bytes_of_an_event_are_those_the_client_got(self) -> None:
        exchange = streamed([gzip.compress(BODY)], headers=GZIP)

        assert [exchange.raw(event.frame) for event in exchange.events] == HELLO

    def test_event_knows_the_chunk_that_brought_it(self) -> None:
        exchange = streamed(at(BODY, [10, 400]))

        frame: Frame = exchange.events[0].frame
        assert exchange.body.chunk_at(frame.start) == 0
        assert exchange.body.chunk_at(frame.stop - 1) == 1

    def test_stream_in_another_protocol_is_plain_events(self) -> None:
        exchange = streamed([b"event: tick\ndata: 1\n\n"], path="/events")

        assert exchange.dialect is not None
        assert exchange.dialect.name == "sse"
        assert [event.type for event in exchange.events] == ["tick"]


class TestResponses:
    @pytest.mark.parametrize(
        ("content_type", "is_stream"),
        [
            ("text/event-stream", True),
            ("Text/Event-Stream ; charset=UTF-8", True),
            ("text/event-stream;charset=utf-8", True),
            ("application/json", False),
            ("", False),
        ],
    )
    def test_content_type_decides_what_is_a_stream(
        self, content_type: str, is_stream: bool
    ) -> None:
        exchange = exchange_of([a_head(headers=(("Content-Type", content_type),))])

        assert exchange.is_stream is is_stream

    def test_error_answer_gives_its_words(self) -> None:
        body = b'{"type":"error","error":{"type":"rate_limit_error","message":"Slow down"}}'
        head = a_head(429, "Too Many Requests", JSON)

        exchange = exchange_of([head, *chunks(byte_by_byte(body)), an_end()])

        assert exchange.message().error == StreamError("rate_limit_error", "Slow down")
        [finding] = exchange.findings
        assert (finding.rule, finding.detail) == (
            HTTP_ERROR,
            "HTTP 429 Too Many Requests; SDKs ask again, and no retry-after says when",
        )

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"\xff\x00", b"[" * 5000])
    def test_answer_that_is_no_message_is_an_empty_one(self, body: bytes) -> None:
        exchange = exchange_of([a_head(headers=JSON), Chunk(2, 1.0, body), an_end()])

        assert exchange.message() == Message()
        assert exchange.findings == []

    def test_long_answer_is_not_read_as_a_message(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exchange_module, "MAX_WHOLE_BODY_SIZE", 20)
        body = b'{"type":"message","id":"msg_1"}'

        exchange = exchange_of([a_head(headers=JSON), Chunk(2, 1.0, body), an_end()])

        assert exchange.message().id == ""

    def test_request_body_is_kept_up_to_its_limit_and_counted_whole(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exchange_module, "MAX_REQUEST_BODY_SIZE", 5)

        exchange = exchange_of([RequestChunk(1, 0.1, b"abc"), RequestChunk(2, 0.2, b"defg")])

        assert (exchange.request_body, exchange.request_size) == (b"abcde", 7)

    def test_notes_and_gaps_are_kept(self) -> None:
        note, gap = Note(1, 0.1, "retried", "once"), Gap(5, 0.5, 2, 5, 10, "queue full")

        exchange = exchange_of([note, gap])

        assert (exchange.notes, exchange.gaps) == ([note], [gap])


class TestContentCoding:
    def test_garbage_is_found_once_and_the_chunks_are_still_mapped(self) -> None:
        exchange = streamed(HELLO, headers=GZIP)

        assert rules(exchange) == [NOT_INFLATED]
        assert len(exchange.body.chunks) == len(HELLO)
        assert exchange.body.size == 0

    def test_unknown_coding_is_named(self) -> None:
        exchange = streamed(HELLO, headers=(*EVENT_STREAM, ("content-encoding", "own")))

        [finding] = exchange.findings
        assert finding.detail == "the content coding 'own' is not known"

    def test_events_before_the_damage_are_shown(self) -> None:
        compressor = zlib.compressobj(wbits=31)
        good = compressor.compress(b"".join(HELLO[:4])) + compressor.flush(zlib.Z_SYNC_FLUSH)

        exchange = streamed([good, b"\xff" * 50, good], headers=GZIP)

        assert len(exchange.events) == 4
        assert NOT_INFLATED in rules(exchange)

    def test_bomb_is_a_finding(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(inflate, "MAX_INFLATED_SIZE", 1000)

        exchange = streamed([gzip.compress(bytes(100_000))], headers=GZIP)

        assert "more than 1000 bytes" in exchange.findings[0].detail


class TestGaps:
    @given(st.sampled_from([HELLO, TOOL_USE]), st.integers(0, 2000), st.integers(0, 300))
    def test_healthy_stream_with_a_gap_anywhere_gets_that_finding_alone(
        self, stream: list[bytes], start: int, size: int
    ) -> None:
        body = b"".join(stream)
        kept, rest = body[:start], body[start:][size:]
        gap = Gap(50, 2.0, 40, 50, size, "queue full")

        exchange = exchange_of([a_head(), Chunk(2, 1.0, kept), gap, Chunk(51, 3.0, rest), an_end()])

        assert rules(exchange) == [BYTES_NOT_KEPT]
        assert exchange.findings[0].detail == f"{size} bytes in records 40 to 50: queue full"

    def test_events_on_both_sides_of_a_gap_are_shown_at_their_offsets(self) -> None:
        gap = Gap(50, 2.0, 40, 50, len(HELLO[4]), "queue full")
        records = [a_head(), *chunks([*HELLO[:4], b"data: tor"]), gap, *chunks([b"n\n\n", PING])]

        exchange = exchange_of(records)

        assert kinds(exchange)[-3:] == [EventKind.UNFINISHED, EventKind.NOTHING, EventKind.PING]
        last: Event = exchange.events[-1]
        assert exchange.raw(last.frame) == PING

    def test_gap_in_the_request_does_not_excuse_the_response(self) -> None:
        gap = Gap(1, 0.1, 1, 1, 100, "queue full")

        exchange = exchange_of([gap, a_head(), *chunks(HELLO[:-1]), an_end()])

        assert rules(exchange) == [BYTES_NOT_KEPT, NO_MESSAGE_STOP]


class TestEndings:
    @pytest.mark.parametrize(
        ("how", "rule"),
        [
            (Ending.UPSTREAM_TRUNCATED, UPSTREAM_BROKE),
            (Ending.UPSTREAM_RESET, UPSTREAM_BROKE),
            (Ending.UPSTREAM_PROTOCOL, UPSTREAM_BROKE),
            (Ending.UPSTREAM_TIMEOUT, UPSTREAM_BROKE),
            (Ending.CLIENT_LEFT, CLIENT_LEFT_EARLY),
            (Ending.CLIENT_RESET, CLIENT_LEFT_EARLY),
        ],
    )
    def test_culprit_of_a_cut_is_named_first(self, how: Ending, rule: Rule) -> None:
        assert rules(streamed(HELLO[:4], how))[0] is rule
        assert {rule.level for rule in rules(streamed(HELLO, how))} <= {Level.INFO}

    @pytest.mark.parametrize(
        "how", [ending for ending in Ending if ending.value.startswith("upstream_")]
    )
    def test_upstream_that_never_answered_could_not_be_asked(self, how: Ending) -> None:
        exchange = exchange_of([an_end(how, "why it failed")])

        [finding] = exchange.findings
        assert (finding.rule, finding.detail) == (NOT_ANSWERED, "why it failed")

    @pytest.mark.parametrize("how", [Ending.PROXY_SHUTDOWN, Ending.PROXY_ERROR])
    def test_cut_by_the_proxy_is_not_held_against_the_stream(self, how: Ending) -> None:
        assert rules(streamed([*HELLO[:4], b"data: "], how)) == []

    def test_client_that_left_is_told_what_it_missed(self) -> None:
        [finding] = streamed(HELLO[:6], Ending.CLIENT_LEFT).findings

        assert finding.detail == "after the last delta; it missed stop_reason, usage, message_stop"

    def test_recorder_that_stopped_is_found_once(self) -> None:
        exchange = exchange_of([a_head(), *chunks(HELLO[:4])])
        exchange.interrupt()
        exchange.interrupt()

        assert rules(exchange) == [RECORDER_STOPPED]
        assert not exchange.live

    def test_interrupting_an_ended_exchange_changes_nothing(self) -> None:
        exchange = streamed(HELLO)
        exchange.interrupt()

        assert not exchange.interrupted
        assert exchange.findings == []

    def test_damage_names_its_line(self) -> None:
        [finding] = exchange_of([Damage(7, 100, "not JSON")]).findings

        assert finding.detail == "line 7: not JSON"

    def test_boundary_of_a_socket_read_changes_no_event(self) -> None:
        records = [Chunk(2, 1.0, BODY[:30], Boundary.READ), Chunk(3, 1.0, BODY[30:])]

        exchange = exchange_of([a_head(), *records, an_end()])

        assert seen(exchange) == seen(streamed([BODY]))
        assert [chunk.boundary for chunk in exchange.body.chunks] == [
            Boundary.READ,
            Boundary.CHUNK,
        ]


def test_message_stop_without_anything_else_is_judged() -> None:
    exchange = streamed([MESSAGE_STOP, text(0, "x")])

    assert rules(exchange) == [BEFORE_MESSAGE_START, AFTER_MESSAGE_STOP]
