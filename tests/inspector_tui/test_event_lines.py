from __future__ import annotations

from pathlib import Path

from inspector_tui import event_lines
from inspector_tui.event_lines import EventLines
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, lines_text


def test_one_row_an_event_with_findings_marked(tmp_path: Path) -> None:
    exchange = exchange_of(given.max_tokens(tmp_path))
    text = lines_text(EventLines(exchange), 100)
    assert len(text) == len(exchange.events)
    assert [line[0] for line in text].count("!") == 1
    assert "stop_reason: max_tokens" in next(line for line in text if line[0] == "!")


def test_findings_are_found_in_both_directions(tmp_path: Path) -> None:
    lines = EventLines(exchange_of(given.hostile(tmp_path)))
    lines.update(80)
    first = lines.marked(-1, 1)
    assert first is not None
    following = lines.marked(first, 1)
    assert following is not None
    assert lines.marked(following, -1) == first
    assert lines.marked(first, -1) is None
    assert lines.marked(10_000, 1) is None


def test_search_goes_on_where_a_slice_ended(tmp_path: Path) -> None:
    lines = EventLines(exchange_of(given.complete(tmp_path)))
    found, after = lines.find("end_turn", 0, 1)
    assert found is not None
    assert after == found + 1
    assert lines.find("end_turn", after, 1) == (None, len(lines))
    assert lines.find("end_turn", len(lines) - 1, -1)[0] == found
    assert lines.find("x", -1, -1) == (None, -1)
    assert event_lines.SEARCH_SLICE > 0


def test_a_row_changes_only_when_a_finding_comes(tmp_path: Path) -> None:
    lines = EventLines(exchange_of(given.complete(tmp_path)))
    lines.update(80)
    assert lines.key(0) is None
