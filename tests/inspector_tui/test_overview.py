from __future__ import annotations

from pathlib import Path

import pytest

from captures.verdict import Outcome, Verdict, verdict_of
from inspector_tui.cells import row_text, row_width
from inspector_tui.library import Counts
from inspector_tui.overview import (
    follow_row,
    keys_row,
    summary_rows,
    top_bar_row,
    verdict_row,
)
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import NOW, TITLE, exchange_of, texts


def test_the_top_bar_counts() -> None:
    row = top_bar_row(TITLE, Counts(24, 1, 9, 3), follow_row(True, 0), 140)
    assert row_width(row) == 140
    text = row_text(row)
    assert text.startswith(
        f" ssescope   {TITLE}   24 exchanges · ● 1 live · ! 9 with findings · 3 "
    )
    assert text.endswith(" ▼ FOLLOW ")


@pytest.mark.parametrize("width", [60, 80, 110])
def test_the_top_bar_gives_way_but_says_follow(width: int) -> None:
    row = top_bar_row(
        "a very long title " * 9, Counts(24_000, 10, 900), follow_row(False, 123), width
    )
    assert row_width(row) == width
    assert row_text(row).endswith("‖ PAUSED +123 ")


def test_pausing_without_news_says_no_number() -> None:
    assert row_text(follow_row(False, 0)) == " ‖ PAUSED "


def test_the_verdict_line_has_sign_and_headline_over_the_whole_width() -> None:
    verdict = Verdict(Outcome.CUT_OFF, "CUT OFF · max_tokens")
    row = verdict_row(verdict, "20251123", 80)
    assert row_text(row).startswith(" ✂  CUT OFF · max_tokens")
    assert row_text(row).endswith(" 20251123 ")
    assert row_width(row) == 80
    assert all(segment.style and segment.style.bgcolor for segment in row)


def test_a_long_headline_matters_more_than_the_name() -> None:
    row = verdict_row(Verdict(Outcome.ERROR, "x" * 75), "20251123", 80)
    assert "20251123" not in row_text(row)
    assert row_width(row) == 80


def test_the_summary_of_a_whole_answer(tmp_path: Path) -> None:
    text = texts(summary_rows(exchange_of(given.complete(tmp_path)), 120, NOW))
    assert text[0].startswith(" claude-sonnet-4-5-20250929 · POST /v1/messages · HTTP 200")
    assert text[1].startswith(
        " first head 0.21 s  byte 0.24 s  event 0.27 s  token 0.32 s  text 0.32 s"
    )
    assert "wait saved" in text[2]
    assert "25 in  39 out" in text[2]
    assert "longest gap 1.40 s" in text[2]
    assert text[3].startswith(" = same 5,695 bytes to the client · sha256 ")


def test_where_it_is_narrow_the_first_text_stays(tmp_path: Path) -> None:
    text = texts(summary_rows(exchange_of(given.complete(tmp_path)), 60, NOW))
    assert text[1] == " first head 0.21 s  event 0.27 s  token 0.32 s  text 0.32 s"
    assert max(map(len, text)) <= 60


def test_a_running_exchange_shows_no_provisional_rate(tmp_path: Path) -> None:
    script = given.live(tmp_path)
    text = texts(summary_rows(exchange_of(script.file.path), 120, NOW))
    assert "total –" in text[2]
    assert "tok/s" not in text[2]
    assert "network chunks" in text[3]
    script.abandon()


def test_the_keys_that_fit_are_shown() -> None:
    assert row_text(keys_row((("q", "quit"), ("?", "keys")), 10)) == " ? keys"


def test_every_outcome_has_its_verdict_row(tmp_path: Path) -> None:
    for write in (given.complete, given.client_left, given.upstream_cut, given.rate_limited):
        verdict = verdict_of(exchange_of(write(tmp_path)))
        assert row_text(verdict_row(verdict, "", 100)).startswith(f" {verdict.sign}  ")
