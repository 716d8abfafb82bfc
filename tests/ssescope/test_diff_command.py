from __future__ import annotations

import json
from pathlib import Path

from tests.ssescope.running import ssescope
from tests.ssescope.saved import HOSTILE, answer, save


def test_the_same_is_code_0_and_says_so(tmp_path: Path) -> None:
    one, other = save(tmp_path), save(tmp_path)
    done = ssescope("diff", str(one), str(other))
    assert done.returncode == 0
    assert "asked the same, got the same" in done.stdout
    assert "first text" in done.stdout


def test_differences_are_code_1_and_named(tmp_path: Path) -> None:
    one = save(tmp_path, answer("The end is near"), request=b'{"model": "a"}')
    other = save(tmp_path, answer("The end is far", "max_tokens"), request=b'{"model": "b"}')
    done = ssescope("diff", one.stem, other.stem, "--captures", str(tmp_path))
    assert done.returncode == 1
    assert 'model: "a" → "b"' in done.stdout
    assert "stop reason: end_turn → max_tokens" in done.stdout
    assert "The end is[- near-]{+ far+}" in done.stdout
    assert "-     2  content_block_delta  The end is near" in done.stdout


def test_json_holds_the_runs(tmp_path: Path) -> None:
    one, other = save(tmp_path), save(tmp_path, answer("Other"))
    done = ssescope("diff", str(one), str(other), "--json")
    fields = json.loads(done.stdout)
    assert not fields["same"]
    assert [word["after"] for word in fields["words"]] == ["Other"]


def test_what_cannot_be_compared_is_one_line(tmp_path: Path) -> None:
    one = save(tmp_path)
    failed = ssescope("diff", str(one), "nothing", "--captures", str(tmp_path))
    assert (failed.returncode, failed.stdout) == (5, "")
    assert "no capture named 'nothing'" in failed.stderr


def test_peer_text_cannot_drive_the_terminal(tmp_path: Path) -> None:
    one = save(tmp_path, answer(HOSTILE), request=json.dumps({HOSTILE: HOSTILE}).encode())
    other = save(tmp_path, answer("plain"), path=f"/{HOSTILE}")
    for extra in ((), ("--json",)):
        printed = ssescope("diff", str(one), str(other), *extra).stdout
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(printed)
