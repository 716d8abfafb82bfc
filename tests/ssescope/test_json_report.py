"""Reports for programs."""

from __future__ import annotations

import json
from pathlib import Path

from captures.loading import load
from captures.plain_body import exchange_of_body
from captures.records import Ending
from ssescope.json_report import exchange_fields, summary_fields
from tests.ssescope.saved import answer, save, text_delta


def test_a_summary_holds_what_a_listing_needs(tmp_path: Path) -> None:
    capture = save(tmp_path)
    summary = summary_fields(load(capture))
    assert summary == {
        "id": capture.stem,
        "started": summary["started"],
        "upstream": "https://api.example",
        "method": "POST",
        "path": "/v1/messages",
        "status": 200,
        "model": "test-model",
        "verdict": {"outcome": "complete", "headline": "complete · end_turn"},
        "stop_reason": "end_turn",
        "ending": "complete",
        "seconds": summary["seconds"],
        "bytes": sum(map(len, answer())),
        "events": 6,
        "findings": [],
    }


def test_an_exchange_is_json_whatever_became_of_it(tmp_path: Path) -> None:
    for number, how in enumerate((*Ending, None)):
        exchange = load(save(tmp_path / str(number), answer()[:4], how=how))
        fields = json.loads(json.dumps(exchange_fields(exchange)))
        assert fields["ending"] == (how.value if how else None)
        assert fields["message"]["parts"] == [{"part": "text", "text": "Hello", "citations": []}]
        assert fields["event_list"][2]["text"] == "Hello"
        assert fields["timing"]["first_text"] == 0.4


def test_a_saved_body_has_no_times_and_no_zeros() -> None:
    fields = exchange_fields(exchange_of_body("a.sse", "text/event-stream", answer()))
    assert (fields["timed"], fields["timing"], fields["chunks"], fields["end"]) == (
        False,
        None,
        None,
        None,
    )
    assert {(event["time"], event["first_time"]) for event in fields["event_list"]} == {
        (None, None)
    }


def test_the_times_come_with_their_percentiles_and_stalls(tmp_path: Path) -> None:
    pieces = (*answer()[:2], *(text_delta(str(number)) for number in range(11)), *answer()[3:])
    timing = exchange_fields(load(save(tmp_path, pieces)))["timing"]
    assert timing["inter_token"]["count"] == 10
    assert round(timing["inter_token"]["p95"], 3) == 0.1
    assert timing["stalls"] == []
    assert round(timing["tokens_per_second"], 3) == 7.0
