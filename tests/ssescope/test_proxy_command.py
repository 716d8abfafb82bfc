"""The proxy as a user runs it: its life from start to drain."""

from __future__ import annotations

import json
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.error import HTTPError

import pytest

from captures.loading import load
from captures.store import captures_in
from captures.verdict import verdict_of
from proxy.server import MOST_EXCHANGES
from ssescope.proxy_command import (
    ProxyOptions,
    environment_proxy,
    mounts_by_port,
    outbound_for,
    room_for_exchanges,
)
from tests.ssescope.asking import ask, asked
from tests.ssescope.running import DEADLINE, environment, running, ssescope


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
        proxy.process.send_signal(signal.SIGINT)
        proxy.wait_for("1 streams live, 30 s to finish")
        assert proxy.stop(signal.SIGINT) == 130
    (capture,) = captures_in(tmp_path)
    assert verdict_of(load(capture)).headline.startswith("proxy shutdown")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_streams_that_are_live_may_finish_after_the_first_signal(
    number: signal.Signals, tmp_path: Path
) -> None:
    with (
        running("sandbox", "--port", "0", "--seconds", "2", "--first-token", "0") as sandbox,
        running("proxy", sandbox.pasted(), "--port", "0", "--captures", str(tmp_path)) as proxy,
    ):
        origin = proxy.pasted()
        with asked(origin, "sandbox-end-turn") as response:
            first = response.readline()
            proxy.process.send_signal(number)
            proxy.wait_for("1 streams live")
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", int(origin.rpartition(":")[2])))
            rest = response.read()
        assert proxy.process.wait(DEADLINE) == 0
    assert (first + rest).endswith(b'data: {"type":"message_stop"}\n\n')
    (capture,) = captures_in(tmp_path)
    assert verdict_of(load(capture)).headline == "complete · end_turn"


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


def test_several_upstreams_have_a_port_each_or_share_one_by_prefix(tmp_path: Path) -> None:
    with (
        running("sandbox", "--port", "0", "--seconds", "0") as first,
        running("sandbox", "--port", "0", "--seconds", "0") as second,
        running(
            "proxy",
            (first_origin := first.pasted()),
            f"/b={(second_origin := second.pasted())}",
            first_origin,
            "--port",
            "0",
            "--captures",
            str(tmp_path),
        ) as proxy,
    ):
        # An unknown upstream gets a line for each known family of clients.
        origins = {proxy.pasted().removesuffix("/v1") for _ in range(9)}
        assert len(origins) == 3
        assert len({origin.partition("/b")[0] for origin in origins}) == 2
        for origin in origins:
            assert b"message_stop" in ask(origin)
        assert proxy.stop() == 0
    requests = [load(capture).request for capture in captures_in(tmp_path)]
    asked = {(request.mount, request.upstream, request.path) for request in requests}
    assert asked == {
        ("", first_origin, "/v1/messages"),
        ("/b", second_origin, "/b/v1/messages"),
    }


def test_mounts_share_the_first_port_and_plain_urls_follow() -> None:
    ports = mounts_by_port(["https://one", "/a=https://two", "https://three", "/b=https://four"])
    shown = [[(mount.prefix, str(mount.upstream)) for mount in mounts] for mounts in ports]
    assert shown == [
        [("/a", "https://two"), ("/b", "https://four"), ("", "https://one")],
        [("", "https://three")],
    ]
    assert len(mounts_by_port(["https://one", "https://two"])) == 2


def test_the_environment_names_a_forward_proxy_only_for_hosts_it_is_meant_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert environment_proxy("https", "api.example") == "http://proxy.example:3128"
    assert environment_proxy("https", "inside.example") is None
    assert environment_proxy("http", "api.example") is None
    options = ProxyOptions(("https://api.example",), 0, Path())
    ports = mounts_by_port(options.upstreams)
    assert outbound_for(options, ports).via is None


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_unusable_certificate_file_is_one_line_and_code_2(
    content: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    failed = ssescope("proxy", "https://api.example", "--port", "0", "--ca-file", str(path))
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (2, "", 1)
    assert "cannot use the certificates" in failed.stderr


def test_the_limit_on_open_files_is_raised_and_bounds_the_exchanges() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 364));"
        "from ssescope.proxy_command import room_for_exchanges, raise_open_files;"
        "print(room_for_exchanges()); raise_open_files();"
        "print(*resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment()
    )
    assert shown.stdout.split() == ["100", "364", "364"]
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert 1 <= room_for_exchanges() <= MOST_EXCHANGES
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before


def test_with_few_descriptors_all_are_answered_in_the_end_and_the_log_stays_short(
    tmp_path: Path,
) -> None:
    """150 clients on a proxy that may open 100 files."""
    with running("sandbox", "--port", "0", "--seconds", "0") as sandbox:
        command = (
            "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100));"
            "from ssescope.cli import main; main()"
        )
        arguments = ("proxy", sandbox.pasted(), "--port", "0", "--captures", str(tmp_path))
        with running(*arguments, code=command) as proxy:
            origin = proxy.pasted()
            statuses = _ask_at_once(origin, 150)
            assert len(statuses) == 150
            assert set(statuses) <= {200, 503}
            assert ask(origin)
            assert proxy.stop() == 0
    errors = [line for line in proxy.talk if line.startswith("ssescope:")]
    assert len(errors) <= DEADLINE
    assert "Traceback" not in "".join(proxy.talk)


def _ask_at_once(origin: str, count: int) -> list[int]:
    statuses: list[int] = []

    def one() -> None:
        try:
            ask(origin)
            statuses.append(200)
        except HTTPError as error:
            error.close()
            statuses.append(error.code)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    return statuses
