"""The demo, as a new user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from captures.store import captures_in
from ssescope.demo import Waits, wait_lines
from ssescope.report import Ink
from tests.ssescope.running import ssescope


def test_it_streams_an_answer_and_tells_its_story(tmp_path: Path) -> None:
    shown = ssescope("demo", "--seconds", "1", "--captures", str(tmp_path))
    assert shown.returncode == 0
    lines = shown.stdout.splitlines()
    assert lines[0].startswith("Streaming doesn’t make a model faster")
    assert "✓ complete · end_turn" in lines
    assert any("content_block_delta  “Streaming”" in line for line in lines)
    assert any("◀ stop_reason: end_turn" in line for line in lines)
    assert "streaming      first word after" in shown.stdout
    assert "the wait saved by streaming" in shown.stdout
    (path,) = [line.split()[1] for line in lines if line.startswith("  capture ")]
    assert Path(path) in captures_in(tmp_path)
    assert len(captures_in(tmp_path)) == 2


@pytest.mark.parametrize(
    ("scenario", "verdict"),
    [
        ("max_tokens", "✂ CUT OFF · max_tokens"),
        ("tool_use", "✓ complete · tool_use"),
        ("cut", "✗ upstream cut mid-event"),
        ("overloaded", "! error in the stream · overloaded_error"),
        ("rate_limited", "! HTTP 429 · rate_limit_error"),
    ],
)
def test_every_ending_can_be_asked_for(scenario: str, verdict: str, tmp_path: Path) -> None:
    shown = ssescope(
        "demo", "--scenario", scenario, "--seconds", "0.1", "--captures", str(tmp_path)
    )
    assert shown.returncode == 0
    assert verdict in shown.stdout
    assert "Traceback" not in shown.stderr


def test_an_unknown_scenario_is_one_line_that_names_the_known_ones(tmp_path: Path) -> None:
    failed = ssescope("demo", "--scenario", "nonsense", "--captures", str(tmp_path))
    assert (failed.returncode, failed.stderr.count("\n")) == (2, 1)
    assert "end_turn" in failed.stderr


def test_the_bars_stand_on_one_scale() -> None:
    streamed, whole, saved = wait_lines(Waits(streamed=1.0, whole=4.0), Ink(colour=False), 8)
    assert streamed.endswith("1.00 s  ░░██████")
    assert whole.endswith("4.00 s  ░░░░░░░░")
    assert saved.endswith("3.00 s")
