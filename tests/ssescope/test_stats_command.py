from __future__ import annotations

import json
from pathlib import Path

from tests.ssescope.running import ssescope
from tests.ssescope.saved import HOSTILE, answer, event, save


def test_a_folder_is_counted_by_model_and_upstream(tmp_path: Path) -> None:
    save(tmp_path)
    save(tmp_path, answer(stop_reason="max_tokens"))
    done = ssescope("stats", "--captures", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "test-model · api.example: 2 exchanges" in done.stdout
    assert "✓ 1 complete" in done.stdout
    assert "✂ 1 cut off" in done.stdout
    assert "first token" in done.stdout


def test_json_holds_percentiles(tmp_path: Path) -> None:
    save(tmp_path)
    (group,) = json.loads(ssescope("stats", str(tmp_path), "--by", "none", "--json").stdout)
    assert (group["model"], group["exchanges"]) == ("", 1)
    assert group["measures"]["head"]["p99"] == 0.1


def test_an_empty_folder_is_told_on_stderr(tmp_path: Path) -> None:
    done = ssescope("stats", str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "")
    assert "no captures" in done.stderr


def test_a_model_cannot_drive_the_terminal(tmp_path: Path) -> None:
    message = {"id": "m", "model": HOSTILE}
    save(tmp_path, (event("message_start", message=message), *answer()[1:]))
    printed = ssescope("stats", str(tmp_path)).stdout
    assert "exchange" in printed
    assert not {"\x1b", "\x07", "\u202e"} & set(printed)
