"""The proxy beside the inspector, in a real terminal."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from ssescope.watch import proxy_process
from tests.ssescope.asking import ask
from tests.ssescope.running import running
from tests.ssescope.terminal import in_a_terminal


def test_the_proxy_runs_as_a_child_for_as_long_as_the_block(tmp_path: Path) -> None:
    with proxy_process("https://api.anthropic.com", 0, tmp_path) as line:
        assert line.startswith("export ANTHROPIC_BASE_URL=http://127.0.0.1:")
        port = int(line.partition("127.0.0.1:")[2].partition(" ")[0])
        socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_proxy_that_does_not_come_up_is_one_line_and_its_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(SystemExit) as ended,
            proxy_process("https://api.anthropic.com", port, tmp_path),
        ):
            pass
    assert ended.value.code == 3
    said = capsys.readouterr().err
    assert said.startswith(f"ssescope: port {port} is in use")
    assert said.count("\n") == 1


def test_watch_shows_a_stream_that_runs_through_it_and_q_ends_both(tmp_path: Path) -> None:
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        upstream = sandbox.pasted()
        with in_a_terminal("watch", upstream, "--port", "0", "--captures", str(tmp_path)) as screen:
            screen.wait_for(f"→ {upstream.removeprefix('http://')}")
            origin = screen.found(r"127\.0\.0\.1:\d+(?= →)")
            ask(f"http://{origin}")
            screen.wait_for("complete · end_turn")
            screen.type("q")
            assert screen.exit_code() == 0
    assert not any(
        str(tmp_path) in path.read_bytes().decode("utf-8", "replace")
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if path.parent.name != str(os.getpid()) and path.exists()
    )


def test_inspect_opens_a_folder_and_leaves_on_a_signal(tmp_path: Path) -> None:
    with in_a_terminal("inspect", str(tmp_path)) as screen:
        screen.wait_for("ssescope")
        os.kill(screen.pid, signal.SIGTERM)
        assert screen.exit_code() is not None


def test_inspect_of_nothing_is_one_line_and_code_5(tmp_path: Path) -> None:
    with in_a_terminal("inspect", str(tmp_path / "missing")) as screen:
        assert screen.exit_code() == 5
        assert "does not exist" in screen.text
