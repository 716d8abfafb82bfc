"""Whatever is true of every protocol whose events add up to one answer."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.base import EventKind
from captures.dialects.recognise import dialect_for
from captures.exchange import Exchange
from captures.findings.network import BYTES_NOT_KEPT, CLIENT_LEFT_EARLY
from captures.findings.rule import Rule
from captures.records import Chunk, Ending, Gap, Record
from captures.sse import FrameKind
from captures.verdict import Outcome, verdict_of
from tests.captures.answer_streams import STREAMS, AnswerStream, named
from tests.captures.by_hand import a_head, an_end, exchange_of, seen, streamed
from tests.captures.cuts import any_cuts, byte_by_byte
from tests.captures.dialects.folding import frames
from tests.captures.strategies import payloads

every_stream = pytest.mark.parametrize("stream", STREAMS.values(), ids=lambda one: one.dialect)


def rules_of(exchange: Exchange) -> list[Rule]:
    return [finding.rule for finding in exchange.findings]


def first_event(stream: AnswerStream) -> int:
    """Index of the first piece that is an event."""
    return next(index for index, piece in enumerate(stream.pieces) if frames([piece]))


@every_stream
def test_it_is_recognised_by_its_first_event_on_any_path(stream: AnswerStream) -> None:
    assert dialect_for(frames(stream.pieces)[0], "/").name == stream.dialect


@every_stream
def test_healthy_answer_gets_no_finding(stream: AnswerStream) -> None:
    exchange = streamed(stream.pieces, path=stream.path)

    assert exchange.findings == []
    assert exchange.message().text == stream.text
    assert verdict_of(exchange).headline == stream.verdict
    assert exchange.dialect is not None
    assert exchange.dialect.missing == ()


@every_stream
def test_cuts_do_not_matter(stream: AnswerStream) -> None:
    whole = seen(streamed([b"".join(stream.pieces)], path=stream.path))
    assert seen(streamed(byte_by_byte(b"".join(stream.pieces)), path=stream.path)) == whole


@given(st.data(), st.sampled_from(sorted(STREAMS)))
def test_no_cut_matters(data: st.DataObject, name: str) -> None:
    stream = STREAMS[name]
    whole = b"".join(stream.pieces)
    assert seen(streamed(data.draw(any_cuts(whole)), path=stream.path)) == seen(
        streamed([whole], path=stream.path)
    )


@every_stream
def test_a_clean_end_before_the_end_of_the_answer_is_one_finding(stream: AnswerStream) -> None:
    for count in range(first_event(stream) + 1, stream.end + 1):
        exchange = streamed(stream.pieces[:count], path=stream.path)
        assert rules_of(exchange) == [stream.rules.no_end]
        assert verdict_of(exchange).outcome is Outcome.INCOMPLETE


@every_stream
def test_a_clean_end_after_the_end_of_the_answer_is_whole(stream: AnswerStream) -> None:
    for count in range(stream.end + 1, len(stream.pieces) + 1):
        exchange = streamed(stream.pieces[:count], path=stream.path)
        assert exchange.findings == []
        assert verdict_of(exchange).headline == stream.verdict


@every_stream
def test_a_client_that_leaves_early_is_told_what_it_missed(stream: AnswerStream) -> None:
    for count in range(first_event(stream) + 1, stream.end + 1):
        exchange = streamed(stream.pieces[:count], Ending.CLIENT_LEFT, path=stream.path)
        assert rules_of(exchange) == [CLIENT_LEFT_EARLY]
        assert ": missed " in verdict_of(exchange).headline


@every_stream
def test_an_error_is_told_once_and_nothing_more_is_due(stream: AnswerStream) -> None:
    pieces = [*stream.pieces[: stream.end], stream.error]
    exchange = streamed(pieces, path=stream.path)

    assert rules_of(exchange) == [stream.rules.error]
    assert exchange.events[-1].kind is EventKind.ERROR
    assert verdict_of(exchange).outcome is Outcome.ERROR
    assert exchange.message().text


@every_stream
def test_an_event_after_the_last_one_is_told_once(stream: AnswerStream) -> None:
    late = stream.pieces[stream.end - 2 : stream.end]
    exchange = streamed([*stream.pieces, *late], path=stream.path)
    assert rules_of(exchange) == [stream.rules.after_end]


@every_stream
def test_an_unknown_event_is_a_row_and_breaks_nothing(stream: AnswerStream) -> None:
    at = first_event(stream) + 1
    exchange = streamed(
        [*stream.pieces[:at], stream.unknown, *stream.pieces[at:]], path=stream.path
    )
    assert exchange.findings == []
    assert exchange.message().text == stream.text
    assert exchange.events[at].kind in {EventKind.OTHER, EventKind.STRUCTURE}


@every_stream
def test_lost_bytes_are_not_blamed_on_the_stream(stream: AnswerStream) -> None:
    for lost in range(first_event(stream) + 1, len(stream.pieces)):
        records: list[Record] = [a_head()]
        for number, piece in enumerate(stream.pieces):
            taken = Chunk(number + 2, 1.0 + number, piece)
            gap = Gap(number + 2, 1.0 + number, number + 2, number + 2, len(piece), "queue full")
            records.append(gap if number == lost else taken)
        exchange = exchange_of([*records, an_end()], stream.path)
        assert rules_of(exchange) == [BYTES_NOT_KEPT]


@every_stream
def test_a_copy_goes_its_own_way(stream: AnswerStream) -> None:
    found = frames(stream.pieces)
    dialect = dialect_for(found[0], stream.path)
    for frame in found[:-2]:
        dialect.feed(frame)
    before = dialect.message()

    copy = deepcopy(dialect)
    for frame in found[-2:]:
        copy.feed(frame)

    assert dialect.message() == before
    assert copy.may_end


@given(
    st.sampled_from(sorted(STREAMS)),
    st.integers(0, 20),
    st.sampled_from(["type", "delta", "usage", "choices", "results", "token", "error", "content"]),
    payloads,
)
def test_any_payload_in_any_place_folds(name: str, at: int, field: str, payload: object) -> None:
    stream = STREAMS[name]
    found = frames(stream.pieces)
    damaged = named(found[at % len(found)].event, **{field: payload})
    pieces = [*stream.pieces[: at % len(stream.pieces)], damaged, *stream.pieces]
    exchange = streamed(pieces, path=stream.path)
    assert all(event.frame.kind is not FrameKind.UNFINISHED for event in exchange.events)
    assert verdict_of(exchange).headline
