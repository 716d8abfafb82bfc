from __future__ import annotations

from pathlib import Path

import pytest

from inspector_tui import documents
from inspector_tui.cells import row_width
from inspector_tui.documents import event_rows, finding_rows, request_rows, response_rows
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, texts


def test_the_request_shows_line_fields_and_indented_body(tmp_path: Path) -> None:
    text = texts(request_rows(exchange_of(given.complete(tmp_path)), 80))
    assert text[0] == " POST /v1/messages HTTP/1.1"
    assert " x-api-key: [redacted len=108 fp=3fa9c1e2]" in text
    assert '   "max_tokens": 1024,' in text


def test_a_long_body_is_cut_and_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_SHOWN_BODY", 40)
    text = texts(request_rows(exchange_of(given.complete(tmp_path)), 80))
    assert "more bytes are in the capture file" in text[-1]


def test_a_request_without_body(tmp_path: Path) -> None:
    script = given.CaptureScript(tmp_path, method="GET", body=b"")
    assert texts(request_rows(exchange_of(script.finish()), 80))[-1] == " no body"


def test_the_response_shows_head_ending_proof_and_notes(tmp_path: Path) -> None:
    text = texts(response_rows(exchange_of(given.hostile(tmp_path)), 80))
    assert text[0] == " HTTP/1.1 200 OK"
    assert " content-type: text/event-stream; charset=utf-8" in text
    assert any(line.startswith(" complete after") for line in text)
    assert any(line.startswith(" = same 2,") for line in text)
    assert any("dropped␛[2J_trailers" in line for line in text)


def test_a_body_that_is_no_stream_is_shown_with_its_head(tmp_path: Path) -> None:
    text = texts(response_rows(exchange_of(given.rate_limited(tmp_path)), 80))
    assert " retry-after: 17" in text
    assert '     "type": "rate_limit_error",' in text


def test_lost_bytes_are_said(tmp_path: Path) -> None:
    text = texts(response_rows(exchange_of(given.client_left(tmp_path)), 80))
    assert any("≠" in line for line in text)


def test_a_finding_has_level_code_title_detail_and_advice(tmp_path: Path) -> None:
    rows, owners = finding_rows(exchange_of(given.upstream_cut(tmp_path)).findings, 80)
    text = texts(rows)
    assert text[0] == " error   NET001  the upstream broke the connection"
    assert "the final chunk is missing" in text[1]
    assert text[3].strip() == "they kept."
    assert len(owners) == len(rows)


def test_an_event_shows_time_bytes_chunks_data_and_raw(tmp_path: Path) -> None:
    exchange = exchange_of(given.complete(tmp_path))
    text = texts(event_rows(exchange, 0, 90))
    assert text[0] == " event 0 · message_start · start"
    assert "first byte 30 ms earlier" in text[1]
    assert "network chunks 0 to 1: split over 2" in text[2]
    assert '   "type": "message_start",' in text
    assert text[text.index(" raw") + 1] == " event: message_start↵"
    assert text[-1] == " ↵"
    assert "gap 1.40 s" in texts(event_rows(exchange, 22, 90))[1]


def test_an_event_with_a_finding_tells_it(tmp_path: Path) -> None:
    exchange = exchange_of(given.max_tokens(tmp_path))
    event = exchange.findings[0].event
    assert event is not None
    assert any("ANT004" in line for line in texts(event_rows(exchange, event, 90)))


def test_a_huge_event_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_SHOWN_FRAME", 50)
    exchange = exchange_of(given.complete(tmp_path))
    assert "more bytes of this event" in texts(event_rows(exchange, 0, 90))[-1]


@pytest.mark.parametrize("width", [40, 80, 140])
def test_no_row_is_wider_than_asked_for_and_none_is_unsafe(tmp_path: Path, width: int) -> None:
    exchange = exchange_of(given.hostile(tmp_path))
    rows = request_rows(exchange, width) + response_rows(exchange, width)
    rows += finding_rows(exchange.findings, width)[0]
    for index in range(len(exchange.events)):
        rows += event_rows(exchange, index, width)
    text = "".join(texts(rows))
    assert not set(text) & set("\x1b\x07\x00\x7f\x9b\x9c\x9d\u202e\u2066\u200d")
    wrapped = [row for row in rows if len(row) < 3]
    assert all(row_width(row) <= width for row in wrapped)
