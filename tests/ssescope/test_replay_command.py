"""replay as a user runs it, and the mistakes a user makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ssescope.asking import ask
from tests.ssescope.running import running, ssescope
from tests.ssescope.saved import answer, save


def test_a_replay_of_nothing_is_one_line_and_code_5(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("no capture\n")
    for path in (tmp_path / "x.jsonl", tmp_path / "missing", tmp_path):
        failed = ssescope("replay", str(path), "--port", "0")
        assert (failed.returncode, failed.stdout) == (5, ""), failed.stderr
        assert "Traceback" not in failed.stderr


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan"])
def test_a_wrong_speed_says_what_was_expected(speed: str, tmp_path: Path) -> None:
    failed = ssescope("replay", str(save(tmp_path)), "--speed", speed)
    assert failed.returncode == 2
    assert "expected a factor above 0, or max" in failed.stderr


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--chunks", "bytes", "expected recorded, event, line, whole, code-point"),
        ("--max-gap", "soon", "expected a time such as 2s"),
        ("--first-byte", "-1", "expected a time such as 2s"),
    ],
)
def test_a_wrong_value_says_what_was_expected(
    option: str, value: str, expected: str, tmp_path: Path
) -> None:
    failed = ssescope("replay", str(save(tmp_path)), option, value)
    assert failed.returncode == 2
    assert expected in " ".join(failed.stderr.split())
    assert "Traceback" not in failed.stderr


def test_chunks_and_pace_are_those_asked_for(tmp_path: Path) -> None:
    options = ("--chunks", "1", "--max-gap", "5ms", "--first-byte", "0", "--speed", "2")
    with running("replay", str(save(tmp_path)), "--port", "0", *options) as replay:
        assert ask(replay.pasted()) == b"".join(answer())
        assert replay.stop() == 0
