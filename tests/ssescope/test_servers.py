"""proxy, sandbox and replay as a user runs them, one behind the other."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

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
