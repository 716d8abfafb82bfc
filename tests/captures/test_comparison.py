from __future__ import annotations

from captures.comparison import compare, said
from captures.exchange import Exchange
from captures.plain_body import exchange_of_body
from captures.records import RequestChunk
from tests.captures.anthropic_stream import HELLO, TOOL_USE, stopped_by, text
from tests.captures.by_hand import a_head, an_end, chunks, exchange_of, streamed

OTHER = [*HELLO[:4], text(0, "another end"), *HELLO[5:]]


def asked(body: bytes, start: float = 1.0) -> Exchange:
    return exchange_of([RequestChunk(1, 0.0, body), a_head(), *chunks(HELLO, start), an_end()])


def test_the_same_exchange_differs_in_nothing() -> None:
    comparison = compare(streamed(HELLO), streamed(HELLO))
    assert comparison.is_same
    assert all(run.equal for run in comparison.words)


def test_other_times_alone_are_told_and_do_not_count() -> None:
    comparison = compare(asked(b"{}"), asked(b"{}", start=2.0))
    assert comparison.is_same
    first = {pair.name: (pair.before, pair.after) for pair in comparison.times}["first byte"]
    assert first == (1.0, 2.0)


def test_requests_are_compared_by_place() -> None:
    comparison = compare(asked(b'{"a": {"b": 1}, "c": 2}'), asked(b'{"c": 2, "a": {"b": 3}}'))
    (place,) = comparison.request
    assert (place.at, place.recorded, place.asked) == ("a.b", "1", "3")
    assert not comparison.is_same


def test_a_message_is_compared_word_by_word_and_its_events_by_what_they_carry() -> None:
    before, after = streamed(HELLO), streamed(OTHER)
    comparison = compare(before, after)
    changed = [(run.before, run.after) for run in comparison.words if not run.equal]
    assert changed == [(" wörld 👋", " another end")]
    (run,) = [run for run in comparison.events if not run.equal]
    assert [before.events[index].text for index in range(*run.before)] == ["wörld 👋"]
    assert [after.events[index].text for index in range(*run.after)] == ["another end"]


def test_facts_name_what_became_of_each() -> None:
    comparison = compare(streamed(HELLO), streamed(stopped_by("max_tokens")))
    facts = {pair.name: (pair.before, pair.after) for pair in comparison.facts}
    assert facts["stop reason"] == ("end_turn", "max_tokens")
    assert facts["findings"] == ("", "ANT004")
    assert "status" not in facts


def test_tool_calls_are_part_of_what_is_said() -> None:
    assert said(streamed(TOOL_USE).message()).endswith('weather({"city": "Genève"})')


def test_bodies_without_times_are_compared_without_them() -> None:
    saved = exchange_of_body("a.sse", "text/event-stream", [b"".join(HELLO)])
    assert compare(saved, saved).times == ()
