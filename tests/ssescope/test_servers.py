"""proxy, sandbox and replay as a user runs them, and the mistakes a user makes."""

from __future__ import annotations

import json
import signal
import socket
import time
import urllib.request
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import HTTPError

import pytest

from captures.loading import load
from captures.store import captures_in
from captures.verdict import verdict_of
from tests.ssescope.running import DEADLINE, running, ssescope
from tests.ssescope.saved import answer, save

KEY = "sk-canary-servers-12345"


def asked(origin: str, model: str) -> HTTPResponse:
    """The response to one streaming question, its body unread."""
    question = {
        "model": model,
        "max_tokens": 9,
        "stream": True,
        "messages": [{"role": "user", "content": "hi"}],
    }
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{origin}/v1/messages", json.dumps(question).encode(), {"x-api-key": KEY}
    )
    response = urllib.request.urlopen(request, timeout=DEADLINE)  # noqa: S310
    assert isinstance(response, HTTPResponse)
    return response


def ask(origin: str, model: str = "sandbox-end-turn") -> bytes:
    """The whole answer to one question."""
    with asked(origin, model) as response:
        return response.read()


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


def test_a_killed_proxy_leaves_a_capture_that_opens_and_holds_what_was_written(
    tmp_path: Path,
) -> None:
    with (
        running("sandbox", "--port", "0", "--seconds", "600") as sandbox,
        running("proxy", sandbox.pasted(), "--port", "0", "--captures", str(tmp_path)) as proxy,
    ):
        with asked(proxy.pasted(), "sandbox-stall") as response:
            first = response.readline()
            (capture,) = captures_in(tmp_path)
            deadline = time.monotonic() + DEADLINE
            while first.decode().strip() not in capture.read_text():
                assert time.monotonic() < deadline
                time.sleep(0.005)
            assert load(capture).live
            proxy.stop(signal.SIGKILL)
        assert sandbox.stop() == 0
    exchange = load(capture)
    assert verdict_of(exchange).headline.startswith("recording interrupted")
    assert exchange.body.bytes_between(0, len(first)) == first


def test_stopping_cuts_running_streams_and_the_exit_code_says_so(tmp_path: Path) -> None:
    with (
        running("sandbox", "--port", "0", "--seconds", "600") as sandbox,
        running("proxy", sandbox.pasted(), "--port", "0", "--captures", str(tmp_path)) as proxy,
        socket.create_connection(("127.0.0.1", int(proxy.pasted().rpartition(":")[2]))) as client,
    ):
        host = f"127.0.0.1:{client.getpeername()[1]}"
        client.sendall(
            f"POST /v1/messages HTTP/1.1\r\nHost: {host}\r\nX-Api-Key: k\r\n"
            f"Content-Length: 2\r\n\r\n".encode()
        )
        client.sendall(b"{")
        deadline = time.monotonic() + DEADLINE
        while not captures_in(tmp_path):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        assert proxy.stop(signal.SIGINT) == 130
    (capture,) = captures_in(tmp_path)
    assert verdict_of(load(capture)).headline.startswith("proxy shutdown")


def test_an_upstream_that_is_down_is_answered_and_recorded(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with running(
        "proxy", f"http://127.0.0.1:{port}", "--port", "0", "--captures", str(tmp_path)
    ) as proxy:
        with pytest.raises(HTTPError) as answered:
            ask(proxy.pasted())
        body = json.loads(answered.value.read())
        answered.value.close()
        assert answered.value.code == 502
        assert body["error"]["code"] == "upstream_refused"
        assert proxy.stop() == 0
    (capture,) = captures_in(tmp_path)
    assert "refused the connection" in verdict_of(load(capture)).headline


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("api.anthropic.com", "did you mean https://api.anthropic.com"),
        ("ftp://example.com", "expected http or https"),
        ("https://user:pw@example.com", "holds credentials"),
    ],
)
@pytest.mark.parametrize("command", ["proxy", "watch"])
def test_a_wrong_upstream_is_one_line_and_code_2(
    command: str, url: str, words: str, tmp_path: Path
) -> None:
    failed = ssescope(command, url, "--captures", str(tmp_path))
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (2, "", 1)
    assert words in failed.stderr


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
