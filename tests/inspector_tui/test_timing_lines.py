from __future__ import annotations

from pathlib import Path

import pytest

from inspector_tui import timing_lines
from inspector_tui.timing_lines import TimingLines
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, lines_text


def test_waits_are_counted_a_few_at_a_time_and_none_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = exchange_of(given.complete(tmp_path))
    whole = lines_text(TimingLines(exchange), 78)
    monkeypatch.setattr(timing_lines, "WAITS_AT_ONCE", 7)
    lines = TimingLines(exchange)
    for _ in range(len(exchange.events) // 7 + 1):
        lines.update(78)
    assert lines_text(lines, 78) == whole


def test_the_rows_are_built_again_only_when_there_is_more(tmp_path: Path) -> None:
    lines = TimingLines(exchange_of(given.complete(tmp_path)))
    lines.update(78)
    first, key = lines.row(1), lines.key(1)
    lines.update(78)
    assert lines.row(1) is first
    lines.update(60)
    assert lines.key(1) != key
