from __future__ import annotations

from pathlib import Path

import pytest

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


def test_a_row_changes_when_a_finding_comes_or_the_next_event(tmp_path: Path) -> None:
    script = given.live(tmp_path)
    before = EventLines(exchange_of(script.file.path))
    script.send(given.text_deltas([" fresh"])[0])
    after = EventLines(exchange_of(script.file.path))
    last = len(before) - 1
    assert before.key(0) == after.key(0)
    assert before.key(last) != after.key(last)
    lines = EventLines(exchange_of(given.max_tokens(tmp_path)))
    unmarked = [lines.key(index) for index in range(len(lines))]
    lines.update(80)
    assert [lines.key(index) for index in range(len(lines))] != unmarked
    script.abandon()


def test_only_events_of_some_types_are_shown(tmp_path: Path) -> None:
    lines = EventLines(exchange_of(given.complete(tmp_path)))
    lines.types = "stop ping"
    text = lines_text(lines, 100)
    assert [line.split()[-1] for line in text if "ping" in line] == ["ping"]
    assert [lines.event(row) for row in range(len(lines))] == [2, 42, 43, 44]
    assert [lines.row_of(event) for event in (0, 2, 3, 44, 99)] == [0, 0, 1, 3, 4]
    assert lines.is_filtered
    lines.types = ""
    lines.update(100)
    assert len(lines) == 45


def test_pings_and_comments_are_left_out(tmp_path: Path) -> None:
    events = given.answer()
    events.insert(5, b": still here\n\n")
    lines = EventLines(exchange_of(given.stream(tmp_path, 1, events).finish()))
    quiet = [line for line in lines_text(lines, 100) if "ping" in line or "still here" in line]
    assert len(quiet) == 2
    lines.hides_pings = True
    assert len(lines_text(lines, 100)) == len(events) - 2


def test_a_filter_looks_at_a_few_events_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_lines, "FILTER_SLICE", 40)
    lines = EventLines(exchange_of(given.complete(tmp_path)))
    lines.types = "stop"
    lines.update(100)
    assert len(lines) == 0
    lines.update(100)
    assert len(lines) == 3


def test_search_skips_what_is_not_shown(tmp_path: Path) -> None:
    lines = EventLines(exchange_of(given.complete(tmp_path)))
    lines.types = "stop"
    lines.update(100)
    found, following = lines.find("stop", 0, 1)
    while found is None and following < lines.count:
        found, following = lines.find("stop", following, 1)
    assert found == 42


def test_events_of_one_chunk_are_tied_together_and_cut_ones_marked(tmp_path: Path) -> None:
    script = given.CaptureScript(tmp_path)
    script.head()
    events = given.answer()
    script.send(b"".join(events[:3]))
    script.send(events[3] + events[4][:20])
    script.send(events[4][20:])
    script.send(events[5])
    lines = EventLines(exchange_of(script.finish()))
    text = lines_text(lines, 100)
    assert "".join(line[1] for line in text) == "╭│╰╭╎ "
