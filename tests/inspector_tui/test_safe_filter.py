from __future__ import annotations

from rich.segment import ControlType, Segment
from textual.color import Color

from inspector_tui.safe_filter import SafeFilter

BLACK = Color(0, 0, 0)


def test_what_safe_text_missed_is_dropped() -> None:
    segments = [Segment("a\x1b]52;c;x\x07b"), Segment("\x9b\u202eo\u200bk\ufeff\ud800")]
    assert [text for text, _, _ in SafeFilter().apply(segments, BLACK)] == ["a]52;c;xb", "ok"]


def test_clean_segments_and_the_program_s_own_controls_pass() -> None:
    clean = [Segment("clean ␛ → ↵ 東")]
    assert SafeFilter().apply(clean, BLACK) is clean
    control = Segment("\x1b[H", None, [(ControlType.HOME,)])
    assert SafeFilter().apply([control, Segment("\x00")], BLACK) == [control, Segment("")]
