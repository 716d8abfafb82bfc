from __future__ import annotations

from pathlib import Path

import pytest

from inspector_tui import moment_lines
from inspector_tui.moment_lines import MomentLines
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, lines_text


def shown_at(lines: MomentLines, event: int) -> list[str]:
    assert lines.aim(event)
    while not lines.approach():
        pass
    return lines_text(lines, 78)


def test_the_text_is_as_the_client_had_it_forwards_and_back(tmp_path: Path) -> None:
    lines = MomentLines(exchange_of(given.complete(tmp_path)))
    assert "  A stream can end" in shown_at(lines, 5)
    assert "  A stream can end in many ways," in shown_at(lines, 9)
    early = shown_at(lines, 3)
    assert "  A stream" in early
    assert early[-1] == " at this moment in the text · still due: stop_reason, usage, message_stop"


def test_a_tool_call_is_open_with_the_json_that_had_come(tmp_path: Path) -> None:
    text = shown_at(MomentLines(exchange_of(given.tool_use(tmp_path))), 13)
    assert any(line.startswith(" tool call weather") and "still open" in line for line in text)
    assert '  {"city": "Zür' in text
    assert any("in the tool arguments" in line for line in text)


def test_at_the_end_it_is_the_whole_message(tmp_path: Path) -> None:
    text = shown_at(MomentLines(exchange_of(given.tool_use(tmp_path))), 18)
    assert any("stop_reason: tool_use" in line for line in text)
    assert not any("at this moment" in line for line in text)


def test_before_the_first_event_there_is_nothing(tmp_path: Path) -> None:
    lines = MomentLines(exchange_of(given.complete(tmp_path)))
    assert lines_text(lines, 78)
    assert any("still" in line or "before" in line for line in shown_at(lines, 0))


def test_going_far_takes_several_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment_lines, "EVENTS_AT_ONCE", 10)
    lines = MomentLines(exchange_of(given.complete(tmp_path)))
    lines.aim(40)
    steps = 1
    while not lines.approach():
        steps += 1
    assert steps == 5
    assert not lines.aim(40)
