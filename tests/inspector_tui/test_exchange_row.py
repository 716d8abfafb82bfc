from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from captures.findings.network import NO_EVENT
from captures.verdict import Outcome, Verdict
from inspector_tui.cells import row_text, row_width
from inspector_tui.exchange_row import (
    Around,
    exchange_header,
    exchange_key,
    exchange_row,
    short_model,
)
from inspector_tui.list_order import NEWEST_FIRST, Column, Order
from inspector_tui.summary import Summary, unreadable
from tests.inspector_tui.inspector_for_tests import NOW

SUMMARY = Summary(
    Path("/captures"),
    "a.jsonl",
    verdict=Verdict(Outcome.COMPLETE, "complete · end_turn"),
    started=NOW - timedelta(minutes=3),
    method="POST",
    target="/v1/messages",
    model="claude-sonnet-4-5-20250929",
    status=200,
    duration=3.2,
    size=12_000,
    events=40,
    tokens_per_second=61.25,
    stop_reason="end_turn",
)
AROUND = Around(NOW)


def shown(summary: Summary, width: int = 79, around: Around = AROUND) -> str:
    return row_text(exchange_row(summary, width, around))


def test_an_exchange_has_sign_time_status_model_duration_size_and_verdict() -> None:
    assert shown(SUMMARY).split() == [
        "✓", "14:27:00", "200", "sonnet-4-5", "3.20", "s", "12", "kB", "end_turn",
    ]  # fmt: skip


def test_where_there_is_room_path_stop_reason_and_every_number_have_their_columns() -> None:
    assert shown(SUMMARY, 150).split() == [
        "✓", "14:27:00", "200", "POST", "/v1/messages", "sonnet-4-5", "3.20", "s", "12", "kB",
        "40", "61.2", "end_turn", "complete",
    ]  # fmt: skip
    cut = replace(SUMMARY, verdict=Verdict(Outcome.CUT_OFF, "CUT OFF · max_tokens"))
    assert shown(cut, 100).endswith("end_turn      cut off")
    left = replace(SUMMARY, verdict=Verdict(Outcome.CLIENT_LEFT, "client left"), stop_reason="")
    assert shown(left, 100).endswith("–             client left")


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("column", list(Column))
@pytest.mark.parametrize("width", [40, 45, 60, 79, 92, 110, 150])
def test_rows_and_headers_of_the_list_keep_their_width(
    width: int, column: Column, turned: bool
) -> None:
    order = Order(column, turned)
    long = replace(SUMMARY, verdict=Verdict(Outcome.ERROR, "HTTP 529 · " + "overloaded " * 30))
    for dated in (False, True):
        around = Around(NOW, order, dated=dated, marked=dated)
        assert row_width(exchange_row(long, width, around)) == width
        header = exchange_header(width, order, dated=dated, notes=["only marked"] * dated)
        assert row_width(header) == width
        assert order.sign in row_text(header)
        assert ("only marked" in row_text(header)) is dated


@pytest.mark.parametrize("width", [45, 79])
def test_the_header_stands_over_its_columns(width: int) -> None:
    header, row = row_text(exchange_header(width, NEWEST_FIRST)), shown(SUMMARY, width)
    assert header.index("verdict") == row.index("end_turn")
    assert header.index("model") == row.index("sonnet")


def test_what_the_list_is_sorted_by_is_shown_also_where_it_is_narrow() -> None:
    order = Order(Column.SPEED, turned=True)
    for width in (45, 79, 150):
        assert "tok/s▲" in row_text(exchange_header(width, order))
        assert " 61.2 " in shown(SUMMARY, width, Around(NOW, order))
    assert "by findings ▼" in row_text(exchange_header(79, Order(Column.FINDINGS)))
    assert " – " in shown(replace(SUMMARY, tokens_per_second=None), 79, Around(NOW, order))


def test_findings_are_marked_beside_the_sign_and_marks_behind_them() -> None:
    found = replace(SUMMARY, rules=(NO_EVENT,))
    assert shown(found).startswith("✓! 1")
    assert shown(found, around=Around(NOW, marked=True)).startswith("✓!*1")
    assert exchange_key(found, AROUND) != exchange_key(found, Around(NOW, marked=True))


def test_a_running_exchange_ticks_and_an_ended_one_does_not() -> None:
    live = replace(SUMMARY, verdict=Verdict(Outcome.LIVE, "streaming · in the text"))
    assert "3m 00s" in shown(live)
    later = Around(NOW + timedelta(seconds=1))
    assert exchange_key(live, AROUND) != exchange_key(live, later)
    assert exchange_key(SUMMARY, AROUND) == exchange_key(SUMMARY, later)


def test_without_a_model_method_and_path_are_shown() -> None:
    assert "POST /v1/messages" in shown(replace(SUMMARY, model=""))


def test_a_foreign_file_says_why_it_is_none() -> None:
    foreign = unreadable(SUMMARY.path, "/captures/a.jsonl is not a capture: it is empty")
    assert shown(foreign) == "✗! a.jsonl not a capture: it is empty"
    assert shown(foreign, around=Around(NOW, marked=True)).startswith("✗!*")


def test_a_capture_not_read_yet_shows_its_name() -> None:
    assert shown(Summary(SUMMARY.folder, SUMMARY.file)).startswith("·  a")


def test_model_names_lose_vendor_and_date() -> None:
    assert short_model("claude-sonnet-4-5-20250929") == "sonnet-4-5"
    assert short_model("gpt-5-mini") == "gpt-5-mini"


def test_captured_text_is_made_safe_in_every_column() -> None:
    evil = "\x1b]0;x\x07\x9b\u202e"
    verdict = Verdict(Outcome.ERROR, evil)
    hostile = replace(SUMMARY, model=evil, verdict=verdict, stop_reason=evil, target=evil)
    rows = [shown(hostile, 120), shown(unreadable(Path(f"/{evil}.jsonl"), evil), 120)]
    rows.append(shown(replace(hostile, model="")))
    assert not set("".join(rows)) & set(evil) - set("]0;x")
