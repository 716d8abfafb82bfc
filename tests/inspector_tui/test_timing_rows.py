from __future__ import annotations

from pathlib import Path

import pytest

from captures.exchange import Exchange
from captures.records import Request
from inspector_tui.cells import row_width
from inspector_tui.timing_lines import TimingLines
from inspector_tui.timing_rows import GAP_BOUNDS, blame_lane, gap_class, timing_rows
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, lines_text, texts


def stalled(folder: Path) -> Exchange:
    """An answer with a wait of eight seconds in its text."""
    script = given.CaptureScript(folder)
    script.head()
    for place, data in enumerate(given.answer()):
        script.send(data, 8.0 if place == 20 else 0.03)
    return exchange_of(script.finish())


def test_the_first_times_stand_in_their_order(tmp_path: Path) -> None:
    text = lines_text(TimingLines(exchange_of(given.complete(tmp_path))), 78)
    assert text[0] == " first times  seconds since the request"
    assert [line.split("  ")[1].strip() for line in text[1:9]] == [
        "response head", "first byte", "first event", "first token", "first text", "last token",
        "stop reason", "total",
    ]  # fmt: skip
    assert text[8].split()[:3] == ["total", "2.95", "s"]


def test_streaming_and_not_streaming_stand_against_each_other(tmp_path: Path) -> None:
    text = lines_text(TimingLines(exchange_of(given.complete(tmp_path))), 78)
    place = text.index(" first word after  2.64 s of waiting saved")
    assert text[place + 1].startswith("   streaming         0.32 s ░")
    assert text[place + 2].startswith("   not streaming     2.95 s ░")
    assert text[place + 1].count("█") > 30
    assert text[place + 2].count("█") == 1


def test_the_waits_between_tokens_have_percentiles_and_a_histogram(tmp_path: Path) -> None:
    text = lines_text(TimingLines(exchange_of(given.complete(tmp_path))), 78)
    place = next(at for at, line in enumerate(text) if line.startswith(" between tokens"))
    assert text[place + 1].startswith("   p50 30 ms  p95 48 ms  p99 1.40 s  longest 1.40 s  of 38")
    classes = [line for line in text[place + 2 :] if " – " in line]
    assert classes[0].startswith("   10 ms – 20 ms          6 ")
    assert classes[-1].split()[:6] == ["1", "s", "–", "2", "s", "1"]
    assert sum(int(line[19:27]) for line in classes) == 38


def test_a_stall_is_told_with_its_place_and_who_was_idle(tmp_path: Path) -> None:
    text = lines_text(TimingLines(stalled(tmp_path)), 120)
    assert text[-2].startswith(" stalls  1 wait in the answer too long")
    assert "8.00 s before event 20, in the text; no ping came" in text[-1]
    assert text[-1].endswith("the upstream was idle")


def test_an_answer_that_was_held_back_is_told(tmp_path: Path) -> None:
    script = given.CaptureScript(tmp_path)
    script.head()
    script.send(b"".join(given.answer(given.ANSWER * 2)), 4.0)
    text = " ".join(lines_text(TimingLines(exchange_of(script.finish())), 140))
    assert "held back on the way, until the answer was whole: 78 of 78 events came in 1" in text


def test_who_was_waited_for_is_told_in_seconds(tmp_path: Path) -> None:
    text = lines_text(TimingLines(exchange_of(given.complete(tmp_path))), 120)
    words = "2.95 s for the upstream · 0 ms for the client · 0.41 ms at most for ssescope, a chunk"
    assert f"   {words}" in text


def test_without_stalls_that_is_said(tmp_path: Path) -> None:
    assert lines_text(TimingLines(exchange_of(given.max_tokens(tmp_path))), 78)[-1] == "   ✓ none"


def test_the_lane_tells_bytes_from_silence(tmp_path: Path) -> None:
    exchange = stalled(tmp_path)
    lane = blame_lane(exchange, exchange.events[-1].frame.last_time, 50)
    assert lane.startswith("·")
    assert lane.count("░") > 30
    assert lane.endswith("█")


def test_a_wait_falls_into_its_class() -> None:
    assert gap_class(0.0) == gap_class(0.001) == 0
    assert gap_class(0.0011) == 1
    assert gap_class(11.0) == len(GAP_BOUNDS)


def test_a_body_without_times_says_so() -> None:
    request = Request("", "", "", "GET", "/", "1.1", ())
    rows = timing_rows(Exchange(request, timed=False), [], 78)
    assert texts(rows) == [" no times: the body was saved without them"]


@pytest.mark.parametrize("width", [58, 78, 140])
@pytest.mark.parametrize(
    "write", [given.complete, given.hostile, given.rate_limited, given.torn, given.client_left]
)
def test_no_row_is_wider_than_asked_for(write: object, width: int, tmp_path: Path) -> None:
    assert callable(write)
    lines = TimingLines(exchange_of(write(tmp_path)))
    lines.update(width)
    assert all(row_width(lines.row(index)) <= width for index in range(len(lines)))
