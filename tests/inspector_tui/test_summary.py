from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from captures.findings.rule import Level
from captures.verdict import Outcome
from inspector_tui.summary import (
    MAX_TEXT,
    started_at,
    summary_of,
    unread,
    unreadable,
    with_annotation,
)
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of


def test_the_summary_of_a_whole_answer(tmp_path: Path) -> None:
    path = given.complete(tmp_path)
    summary = summary_of(path, exchange_of(path))
    assert summary.verdict is not None
    assert summary.verdict.outcome is Outcome.COMPLETE
    assert summary.model == "claude-sonnet-4-5-20250929"
    assert (summary.status, summary.method, summary.target) == (200, "POST", "/v1/messages")
    assert summary.started == datetime(2025, 11, 23, 14, 1, 11, 250_000, tzinfo=UTC)
    assert summary.worst is None
    assert not summary.live
    assert 2.5 < summary.duration < 3.5


def test_a_filter_finds_method_path_model_and_verdict(tmp_path: Path) -> None:
    path = given.upstream_cut(tmp_path)
    words = summary_of(path, exchange_of(path)).words
    assert all(word in words for word in ("post", "/v1/messages", "sonnet", "upstream cut"))


def test_the_worst_level_among_the_findings(tmp_path: Path) -> None:
    path = given.max_tokens(tmp_path)
    assert summary_of(path, exchange_of(path)).worst is Level.WARNING
    path = given.upstream_cut(tmp_path)
    assert summary_of(path, exchange_of(path)).worst is Level.ERROR


def test_a_file_that_is_no_capture_says_why_without_its_whole_path() -> None:
    summary = unreadable(Path("/deep/down/x.jsonl"), "/deep/down/x.jsonl is not a capture: empty")
    assert summary.problem == "not a capture: empty"
    assert unread(Path("/deep/x.jsonl")).name == "x"


def test_a_time_without_zone_or_no_time_at_all_is_none() -> None:
    assert started_at("2025-11-23T14:01:11") is None
    assert started_at("yesterday") is None


def test_captures_that_are_alike_share_their_texts(tmp_path: Path) -> None:
    paths = [given.rate_limited(tmp_path, number) for number in (1, 2)]
    one, other = (summary_of(path, exchange_of(path)) for path in paths)
    assert one.words is other.words
    assert one.verdict is other.verdict
    assert one.rules is other.rules


def test_a_text_is_not_kept_at_any_length(tmp_path: Path) -> None:
    script = given.CaptureScript(tmp_path, path="/" + "a" * 100_000)
    script.head()
    summary = summary_of(script.finish(), exchange_of(script.file.path))
    assert len(summary.target) == MAX_TEXT
    assert len(summary.words) < 3 * MAX_TEXT


def test_another_note_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = given.complete(tmp_path)
    plain = summary_of(path, exchange_of(path))
    noted = with_annotation(with_annotation(plain, "First NOTE"), "Second")
    assert noted.annotation == "Second"
    assert noted.words == f"{plain.words} second"
    assert with_annotation(noted, "") == plain
    assert len(with_annotation(plain, "x" * 10_000).annotation) == MAX_TEXT
