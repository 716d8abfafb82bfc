"""Reports for programs."""

from __future__ import annotations

import json
from pathlib import Path

from captures.loading import load
from captures.records import Ending
from ssescope.json_report import exchange_fields, summary_fields
from tests.ssescope.saved import answer, save


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
