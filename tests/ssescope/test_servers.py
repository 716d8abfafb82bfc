"""proxy, sandbox and replay as a user runs them, and the mistakes a user makes."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from captures.loading import load
from captures.store import captures_in
from captures.verdict import verdict_of
from tests.ssescope.asking import KEY, ask
from tests.ssescope.running import running, ssescope
from tests.ssescope.saved import answer, save


def test_a_stream_is_forwarded_recorded_and_replayed(tmp_path: Path) -> None:
    with (
        running("sandbox", "--port", "0", "--seconds", "0") as sandbox,
        running("proxy", sandbox.pasted(), "--port", "0", "--captures", str(tmp_path)) as proxy,
    ):
        origin = proxy.pasted()
        body = ask(origin)
        assert proxy.stop() == 0
        assert sandbox.stop(signal.SIGINT) == 0
    (capture,) = captures_in(tmp_path)
    assert verdict_of(load(capture)).headline == "complete · end_turn"
    assert ssescope("cat", str(capture)).stdout.encode() == body
    talk = "".join(proxy.talk)
    assert f"forwarding {origin}" in talk
    assert f"200 complete, {len(body):,} bytes" in talk
    assert KEY not in talk + capture.read_text()
    with running("replay", str(capture), "--port", "0", "--speed", "max") as replay:
        assert ask(replay.pasted()) == body
        assert replay.stop() == 0


def test_a_port_in_use_is_one_line_and_code_3(tmp_path: Path) -> None:
    capture = save(tmp_path / "saved", answer())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for command in (
            ("proxy", "https://api.example", "--captures", str(tmp_path / "c")),
            ("sandbox",),
            ("replay", str(capture)),
        ):
            failed = ssescope(*command, "--port", port)
            assert (failed.returncode, failed.stderr.count("\n")) == (3, 1), command
            assert f"port {port} is in use" in failed.stderr


def test_an_unusable_folder_is_one_line_and_code_4_before_listening(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    failed = ssescope(
        "proxy", "https://api.example", "--captures", str(tmp_path / "file"), "--port", "0"
    )
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (4, "", 1)


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
