from __future__ import annotations

from pathlib import Path

from ssescope.run_summary import MOST_LINES, summary_lines
from tests.ssescope.saved import HOSTILE, answer, save


def test_each_exchange_is_a_line_with_its_verdict(tmp_path: Path) -> None:
    whole = save(tmp_path)
    cut = save(tmp_path, answer(stop_reason="max_tokens"))
    head, first, second = summary_lines([whole.stem, cut.stem], tmp_path)
    assert head == f"ssescope: 2 exchanges in {tmp_path}"
    assert first.startswith("  ✓ test-model")
    assert "complete · end_turn" in first
    assert "CUT OFF · max_tokens" in second
    assert second.endswith(cut.stem)


def test_of_many_only_the_newest_are_told(tmp_path: Path) -> None:
    capture = save(tmp_path).stem
    lines = list(summary_lines([capture] * (MOST_LINES + 5), tmp_path))
    assert lines[0].startswith(f"ssescope: {MOST_LINES + 5} exchanges")
    assert len(lines) == MOST_LINES + 2


def test_no_exchange_at_all_is_told_with_a_hint(tmp_path: Path) -> None:
    (line,) = summary_lines([], tmp_path)
    assert "--env-var" in line


def test_a_capture_that_cannot_be_read_and_peer_text_do_no_harm(tmp_path: Path) -> None:
    hostile = save(tmp_path, answer(stop_reason=HOSTILE))
    _, missing, shown = summary_lines(["nothing", hostile.stem], tmp_path)
    assert "cannot open" in missing
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
