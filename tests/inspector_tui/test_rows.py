from __future__ import annotations

from dataclasses import replace

import pytest

from captures.dialects.base import Event, EventKind
from captures.findings.rule import Level
from captures.sse import Frame, FrameKind
from inspector_tui import palette
from inspector_tui.cells import row_text, row_width
from inspector_tui.rows import (
    event_header,
    event_row,
    stop_reason_label,
)


def an_event(kind: EventKind, text: str = "", reason: str | None = None, at: float = 1.5) -> Event:
    frame = Frame(FrameKind.EVENT, 0, 10, at, at, "content_block_delta", "{}")
    return Event(frame, kind, "content_block_delta", text, reason)


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
    row = event_row(Event(frame, EventKind.OTHER, evil, evil, evil), 0, None, None, 120)
    assert not set(row_text(row)) & set(evil) - set("]0;x")
