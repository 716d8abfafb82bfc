from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from captures.dialects.base import Event, EventKind
from captures.findings.network import NO_EVENT
from captures.findings.rule import Level
from captures.sse import Frame, FrameKind
from captures.verdict import Outcome, Verdict
from inspector_tui import palette
from inspector_tui.cells import row_text, row_width
from inspector_tui.rows import (
    event_header,
    event_row,
    exchange_header,
    exchange_key,
    exchange_row,
    short_model,
    stop_reason_label,
)
from inspector_tui.summary import Summary, unreadable
from tests.inspector_tui.inspector_for_tests import NOW

SUMMARY = Summary(
    path=Path("/captures/a.jsonl"),
    verdict=Verdict(Outcome.COMPLETE, "complete · end_turn"),
    started=NOW - timedelta(minutes=3),
    method="POST",
    target="/v1/messages",
    model="claude-sonnet-4-5-20250929",
    status=200,
    duration=3.2,
    size=12_000,
    events=40,
)


def an_event(kind: EventKind, text: str = "", reason: str | None = None, at: float = 1.5) -> Event:
    frame = Frame(FrameKind.EVENT, 0, 10, at, at, "content_block_delta", "{}")
    return Event(frame, kind, "content_block_delta", text, reason)


def test_an_exchange_has_sign_time_status_model_duration_size_and_verdict() -> None:
    text = row_text(exchange_row(SUMMARY, 79, NOW))
    assert text.split() == [
        "✓",
        "14:27:00",
        "200",
        "sonnet-4-5",
        "3.20",
        "s",
        "12",
        "kB",
        "end_turn",
    ]


@pytest.mark.parametrize("width", [40, 45, 60, 79, 120])
def test_rows_and_headers_of_the_list_keep_their_width(width: int) -> None:
    long = replace(SUMMARY, verdict=Verdict(Outcome.ERROR, "HTTP 529 · " + "overloaded " * 30))
    assert row_width(exchange_row(long, width, NOW)) == width
    assert row_width(exchange_row(long, width, NOW, dated=True)) == width
    assert row_width(exchange_header(width)) == width


@pytest.mark.parametrize("width", [45, 79])
def test_the_header_stands_over_its_columns(width: int) -> None:
    header, row = row_text(exchange_header(width)), row_text(exchange_row(SUMMARY, width, NOW))
    assert header.index("verdict") == row.index("end_turn")
    assert header.index("model") == row.index("sonnet")


def test_findings_are_marked_beside_the_sign() -> None:
    found = replace(SUMMARY, rules=(NO_EVENT,))
    assert row_text(exchange_row(found, 79, NOW)).startswith("✓! ")


def test_a_running_exchange_ticks_and_an_ended_one_does_not() -> None:
    live = replace(SUMMARY, verdict=Verdict(Outcome.LIVE, "streaming · in the text"))
    assert "3m 00s" in row_text(exchange_row(live, 79, NOW))
    later = NOW + timedelta(seconds=1)
    assert exchange_key(live, NOW) != exchange_key(live, later)
    assert exchange_key(SUMMARY, NOW) == exchange_key(SUMMARY, later)


def test_without_a_model_the_path_is_shown() -> None:
    assert "/v1/messages" in row_text(exchange_row(replace(SUMMARY, model=""), 79, NOW))


def test_a_foreign_file_says_why_it_is_none() -> None:
    row = exchange_row(
        unreadable(SUMMARY.path, "/captures/a.jsonl is not a capture: it is empty"), 79, NOW
    )
    assert row_text(row) == "✗! a.jsonl not a capture: it is empty"


def test_a_capture_not_read_yet_shows_its_name() -> None:
    assert row_text(exchange_row(Summary(SUMMARY.path), 79, NOW)).startswith("·  a")


def test_model_names_lose_vendor_and_date() -> None:
    assert short_model("claude-sonnet-4-5-20250929") == "sonnet-4-5"
    assert short_model("gpt-5-mini") == "gpt-5-mini"


def test_an_event_has_mark_number_time_gap_bar_type_and_payload() -> None:
    row = event_row(an_event(EventKind.TEXT, " can"), 7, 0.1, Level.ERROR, 100)
    text = row_text(row)
    assert text.split() == ["!", "7", "1.500", "1.40", "s", "██████▎", "content_block_delta", "can"]
    assert row[-1].text == " can"
    assert row[-1].style == palette.TEXT_DELTA


@pytest.mark.parametrize("width", [30, 59, 75, 120])
@pytest.mark.parametrize("kind", list(EventKind))
def test_an_event_row_is_never_wider_than_asked_for(kind: EventKind, width: int) -> None:
    row = event_row(an_event(kind, "wörds " * 40, "end_turn"), 123, 0.0, None, max(width, 50))
    assert row_width(row) <= max(width, 50)
    assert row_width(event_header(width)) == width


def test_thinking_and_tool_fragments_are_named() -> None:
    assert "thinking Hm" in row_text(event_row(an_event(EventKind.THINKING, "Hm"), 1, 1, None, 100))
    assert 'tool {"a' in row_text(event_row(an_event(EventKind.TOOL, '{"a'), 1, 1, None, 100))


def test_the_stop_reason_is_unmistakable() -> None:
    row = event_row(
        an_event(EventKind.STOP_REASON, "42 output tokens", "end_turn"), 1, 1, None, 100
    )
    label = next(segment for segment in row if "stop_reason" in segment.text)
    assert label.text == " stop_reason: end_turn "
    assert label.style == palette.STOPPED
    assert row_text(row).endswith("42 output tokens")
    assert stop_reason_label("max_tokens").style == palette.STOPPED_BY_LIMIT


def test_the_stop_reason_stays_whole_where_it_is_narrow() -> None:
    event = an_event(EventKind.STOP_REASON, "42 output tokens", "max_tokens")
    row = event_row(replace(event, type="message_delta"), 1, 1, None, 72)
    assert " stop_reason: max_tokens " in row_text(row)
    assert row_width(row) <= 72


def test_the_first_event_has_no_gap_and_a_long_gap_is_an_alarm() -> None:
    assert " s " not in row_text(event_row(an_event(EventKind.PING), 0, None, None, 100))
    row = event_row(an_event(EventKind.TEXT, "x", at=3.0), 1, 0.0, None, 100)
    assert any(segment.style == palette.ALARM and "3.00 s" in segment.text for segment in row)


def test_captured_text_is_made_safe_in_every_column() -> None:
    evil = "\x1b]0;x\x07\x9b\u202e"
    frame = Frame(FrameKind.EVENT, 0, 1, 0, 0, evil, evil)
    rows = [
        event_row(Event(frame, EventKind.OTHER, evil, evil, evil), 0, None, None, 120),
        exchange_row(replace(SUMMARY, model=evil, verdict=Verdict(Outcome.ERROR, evil)), 120, NOW),
        exchange_row(unreadable(Path(f"/{evil}.jsonl"), evil), 120, NOW),
    ]
    assert not set("".join(map(row_text, rows))) & set(evil) - set("]0;x")
