"""Plain-text reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from captures.loading import load
from captures.plain_body import exchange_of_body
from captures.records import End, Ending, Latency, Tally
from ssescope.report import (
    BAR_CELLS,
    Ink,
    exchange_lines,
    gap_bar,
    proof,
    timeline_lines,
)
from tests.ssescope.saved import answer, event, save, text_delta

PLAIN = Ink(colour=False)


def lines_of(capture: Path) -> list[str]:
    return list(exchange_lines(load(capture), PLAIN))


def test_a_whole_answer_reads_from_verdict_to_message(tmp_path: Path) -> None:
    lines = lines_of(save(tmp_path))
    assert lines[0] == "✓ complete · end_turn"
    assert "POST /v1/messages -> https://api.example  200 OK  test-model" in lines[1]
    assert lines[3].startswith(
        "  head 0.100 s · first byte 0.200 s · first event 0.200 s · first token 0.400 s · "
        "first text 0.400 s · total 0.700 s · longest gap 100 ms before event "
    )
    assert lines[3].endswith(" · wait saved by streaming 0.300 s")
    assert lines[4] == "  5 input tokens · 7 output tokens"
    assert "sha256 equal · 6 chunks" in lines[5]
    assert lines[-3:] == ["  text", "  Hello", "  ◀ stop_reason: end_turn"]


def test_a_broken_stream_ends_with_what_was_found_and_what_to_do(tmp_path: Path) -> None:
    capture = save(tmp_path, answer()[:3], how=Ending.UPSTREAM_TRUNCATED)
    lines = lines_of(capture)
    assert lines[0].startswith("✗ upstream cut in the text after")
    found = "\n".join(lines)
    assert "NET001 error  the upstream broke the connection" in found
    assert "missing stop_reason, usage, message_stop" in found
    assert "Most clients raise nothing here" in found


def test_each_kind_of_event_is_told_by_words_alone(tmp_path: Path) -> None:
    pieces = (
        answer()[0],
        event("content_block_start", index=0, content_block={"type": "thinking"}),
        event("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "hm"}),
        event("content_block_stop", index=0),
        event("ping"),
        b": keep-alive\n\n",
        b"retry: 10\n\n",
        event("error", error={"type": "overloaded_error", "message": "Overloaded"}),
    )
    shown = "\n".join(lines_of(save(tmp_path, pieces)))
    for words in (
        "thinking “hm”",
        "ping",
        "comment              keep-alive",
        "retry                10 ms",
        "error                overloaded_error: Overloaded",
        "! error in the stream · overloaded_error: Overloaded",
    ):
        assert words in shown
    marked = [line for line in shown.splitlines() if line.startswith("!  ")]
    assert len(marked) == 1


def test_a_long_timeline_shows_its_ends_and_counts_the_rest(tmp_path: Path) -> None:
    deltas = tuple(text_delta(str(number)) for number in range(50))
    exchange = load(save(tmp_path, (*answer()[:2], *deltas, *answer()[3:])))
    lines = list(timeline_lines(exchange, PLAIN, ends=3))
    assert len(lines) == 7
    assert lines[3].strip() == "⋮  49 more events"
    assert len(list(timeline_lines(exchange, PLAIN))) == 55


def test_the_timeline_of_a_saved_body_has_no_times() -> None:
    exchange = exchange_of_body("a.sse", "text/event-stream", answer())
    first, *_ = timeline_lines(exchange, PLAIN)
    assert first.split()[:2] == ["0", "message_start"]


def test_colour_is_added_and_takes_nothing_away(tmp_path: Path) -> None:
    exchange = load(save(tmp_path))
    coloured = "\n".join(exchange_lines(exchange, Ink(colour=True)))
    assert "\x1b[" in coloured
    for words in ("complete · end_turn", "“Hello”", "stop_reason: end_turn"):
        assert words in coloured


@pytest.mark.parametrize(
    ("gap", "bar"),
    [(0.0, ""), (0.0009, ""), (0.01, "██"), (0.1, "████"), (10.0, "████████"), (600, "████████")],
)
def test_the_bar_of_a_gap_is_logarithmic_and_of_one_width(gap: float, bar: str) -> None:
    assert gap_bar(gap) == bar.ljust(BAR_CELLS)


def test_the_proof_tells_bytes_hash_and_latency_in_one_line() -> None:
    same, less = Tally(1234, "a", 3), Tally(1000, "b", 2)
    end = End(9, 1.0, Ending.COMPLETE, "", same, same)
    assert proof(end) == "1,234 B = 1,234 B · sha256 equal · 3 chunks"
    timed = replace(end, latency=Latency(0.0001, 0.00021, 0.0004, 0.0))
    assert proof(timed).endswith(" · 3 chunks · +0.21 ms p99")
    slow_client = replace(end, latency=Latency(0.0001, 0.00021, 0.0004, 1.5))
    assert proof(slow_client).endswith(" · the client made us wait 1.50 s")
    assert proof(replace(end, client=less)) == (
        "1,234 B from the upstream, 1,000 B to the client · 3 chunks"
    )
