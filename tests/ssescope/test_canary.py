"""No secret is left anywhere: not on the disk, not in what is printed, not on the screen."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from captures.loading import load
from captures.records import Ending
from captures.store import captures_in
from ssescope.cli import cli
from tests.captures.waiting import wait_until
from tests.ssescope.running import DEADLINE, Running, running, ssescope
from tests.ssescope.tattling_upstream import ANSWERS, CANARY, tattling_upstream
from tests.ssescope.terminal import in_a_terminal

SECRET_FIELDS = (
    f"X-Api-Key: {CANARY}",
    f"Authorization: Bearer {CANARY}",
    f"Proxy-Authorization: Basic {CANARY}",
    f"Cookie: session={CANARY}; other={CANARY}",
    f"X-Goog-Api-Key: {CANARY}",
    f"Api-Key: {CANARY}",
    f"Mcp-Session-Id: {CANARY}",
    f"X-Amz-Security-Token: {CANARY}",
    f"X-My-Own: {CANARY}",
    f"Referer: https://me:{CANARY}@here.example/?token={CANARY}",
    f"X-Original-URL: /v1?api_key={CANARY}",
)
QUERY = (
    f"?key={CANARY}&access_token={CANARY}&%6Bey={CANARY};api_key={CANARY}&alt=sse?key={CANARY}"
    f"&mine={CANARY}&X-Amz-Signature={CANARY}"
)
NO_REDACTION = """
import sys
from captures.redact import Redactor
Redactor.headers = lambda self, headers: headers
Redactor.target = lambda self, target: target
Redactor.raw_head = lambda self, data: data.decode("latin-1")
from ssescope.cli import main
main()
"""
TOKEN_FIELD = f"X-Ssescope-Token: {CANARY}"
MOUNTED = {"refused": "upstream_refused", "dns": "upstream_dns", "tls": "upstream_tls"}


def _exchange(port: int, head: str, *, leaves: bool = False) -> bytes:
    """What comes back for one request; a client that leaves does so at the first byte of body."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), DEADLINE) as client:
        client.sendall(head.encode("latin-1"))
        while not (leaves and b"hello" in answer):
            try:
                more = client.recv(65536)
            except ConnectionError:
                break
            if not more:
                break
            answer += more
    return answer


def _head(port: int, target: str, *fields: str, method: str = "GET", host: str = "") -> str:
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host or f'127.0.0.1:{port}'}"]
    own = ("Connection: close", TOKEN_FIELD)
    return "\r\n".join([*lines, *own, *SECRET_FIELDS, *fields, "", ""])


def _refused_heads(port: int) -> list[str]:
    """Requests that are refused before anything is recorded, secrets and all."""
    return [
        _head(port, f"/up/ok{QUERY}", host=f"{CANARY}.example"),
        _head(port, f"/up/ok{QUERY}", TOKEN_FIELD),
        _head(port, f"/up/ok{QUERY}").replace(TOKEN_FIELD, f"X-Ssescope-Token: {CANARY}x"),
        _head(port, f"/up/ok{QUERY}", f"Origin: https://{CANARY}.example"),
        _head(port, f"http://me:{CANARY}@other.example/ok{QUERY}"),
        _head(port, f"{CANARY}.example:443", method="CONNECT"),
        _head(port, f"/up/ok{QUERY}", "Connection: Upgrade", "Upgrade: websocket"),
        _head(port, f"/nowhere{QUERY}"),
        _head(port, f"/up/ok{QUERY}", f"bad header {CANARY}: {CANARY}\x00"),
        _head(port, f"/up/ok{QUERY}", f"X-Api-Key: {CANARY * 5000}"),
        _head(port, f"/up/ok{QUERY}", method=f"GET {CANARY}"),
    ]


@contextmanager
def _proxy(upstream: int, folder: Path, code: str | None = None) -> Iterator[tuple[Running, int]]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    mounts = (
        f"/up=http://127.0.0.1:{upstream}",
        f"/refused=http://127.0.0.1:{closed}",
        "/dns=http://no-such-host.invalid",
        f"/tls=https://127.0.0.1:{upstream}",
    )
    options = ("--port", "0", "--captures", str(folder))
    more = ("--redact-header", "X-My-Own", "--redact-query", "mine")
    with running("proxy", *mounts, *options, *more, code=code, SSESCOPE_TOKEN=CANARY) as proxy:
        proxy.wait_for("every request must carry the token")
        found = re.search(r"http://127\.0\.0\.1:(\d+)/up ", "".join(proxy.talk))
        assert found is not None
        yield proxy, int(found[1])


def _everything(port: int) -> int:
    """Sends every request there is; how many of them are recorded."""
    for name in ANSWERS:
        _exchange(port, _head(port, f"/up/{name}{QUERY}"), leaves=name == "silent")
    # A kept connection has gone stale by the second time.
    _exchange(port, _head(port, f"/up/stale{QUERY}"))
    for name in MOUNTED:
        answer = _exchange(port, _head(port, f"/{name}/v1{QUERY}"))
        assert f"X-Ssescope-Error: upstream_{name}".encode() in answer
    for head in _refused_heads(port):
        status = _exchange(port, head).split(b" ", 2)[1]
        assert status[:1] in {b"4", b"5"}, status
    return len(ANSWERS) + 1 + len(MOUNTED)


def _all_ended(folder: Path, count: int) -> bool:
    captures = captures_in(folder) if folder.is_dir() else []
    return len(captures) == count and all(b',"end",{' in path.read_bytes() for path in captures)


def _printed(folder: Path) -> str:
    """What the commands print of every capture."""
    names = [str(path) for path in captures_in(folder)]
    commands = [["ls", "--all"], ["ls", "--all", "--json"], ["scrub", "--check", str(folder)]]
    commands += [["show", *extra, name] for name in names for extra in ([], ["--json"])]
    printed = ""
    for command in commands:
        done = CliRunner().invoke(cli, command, env={"SSESCOPE_CAPTURES": str(folder)})
        assert done.exit_code in {0, 1}, done.output
        printed += done.output
    return printed


def _kept(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_no_secret_reaches_the_disk_the_logs_or_what_is_printed(tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    with tattling_upstream() as upstream, _proxy(upstream, folder) as (proxy, port):
        count = _everything(port)
        wait_until(lambda: _all_ended(folder, count))
        assert proxy.stop() == 0
        assert proxy.process.stdout is not None
        said = "".join(proxy.talk) + proxy.process.stdout.read()
    exchanges = [load(path) for path in captures_in(folder)]
    assert {exchange.end.how for exchange in exchanges if exchange.end} >= {
        Ending.COMPLETE, Ending.CLIENT_LEFT, Ending.UPSTREAM_TRUNCATED, Ending.UPSTREAM_CLOSED,
        Ending.UPSTREAM_REFUSED, Ending.UPSTREAM_DNS, Ending.UPSTREAM_TLS, Ending.UPSTREAM_PROTOCOL,
    }  # fmt: skip
    notes = {note.about for exchange in exchanges for note in exchange.notes}
    assert {"retried", "refused_response", "dropped_trailers"} <= notes
    printed = _printed(folder)
    assert CANARY.encode() not in _kept(folder)
    assert CANARY not in said
    assert CANARY not in printed
    assert "[redacted len=20 fp=" in printed


def test_no_secret_is_on_the_inspectors_screen(tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    with tattling_upstream() as upstream, _proxy(upstream, folder) as (_, port):
        _exchange(port, _head(port, f"/up/ok{QUERY}"))
        wait_until(lambda: _all_ended(folder, 1))
    with in_a_terminal("inspect", "--captures", str(folder), columns=200, rows=60) as terminal:
        terminal.wait_for("hello")
        terminal.type("\r")
        for key, words in (("6", "data: hello"), ("7", "X-Goog-Api-Key"), ("8", "Set-Cookie")):
            terminal.type(key)
            terminal.wait_for(words)
        terminal.wait_for("[redacted len=20 fp=")
        terminal.type("\x11")
        assert terminal.exit_code() == 0
    assert CANARY.encode() not in terminal.output


def test_the_canary_is_found_where_nothing_is_redacted(tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    with tattling_upstream() as upstream, _proxy(upstream, folder, NO_REDACTION) as (_, port):
        for name in ("ok", "no-http"):
            _exchange(port, _head(port, f"/up/{name}{QUERY}"))
        wait_until(lambda: _all_ended(folder, 2))
    request = json.loads(captures_in(folder)[0].read_bytes().splitlines()[0])
    assert request["path"].count(CANARY) == QUERY.count(CANARY)
    for field in SECRET_FIELDS:
        assert field.partition(": ")[2] in dict(request["headers"]).values()
    assert f"Set-Cookie: session={CANARY}".encode() in _kept(folder)
    assert CANARY in _printed(folder)


@pytest.mark.parametrize(
    "upstream",
    [
        f"https://me:{CANARY}@host.example",
        f"me:{CANARY}@host.example",
        f"https://me:{CANARY}",
        f"https://{CANARY}@",
        f"https://me:{CANARY}@host.example:no-port",
        f"host.example?key={CANARY}",
        f"https://host.example/?key={CANARY}",
        f"https://host.example:no-port/?key={CANARY}",
        f"/mount/https://me:{CANARY}@host.example",
    ],
)
def test_an_upstream_with_credentials_is_refused_without_quoting_them(
    upstream: str, tmp_path: Path
) -> None:
    refused = ssescope("proxy", upstream, "--captures", str(tmp_path))
    assert refused.returncode == 2
    assert CANARY not in refused.stdout + refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--token", CANARY[:15]),
        ("--token", f"{CANARY}\n"),
        ("--token", CANARY, "--host", "192.0.2.1"),
        ("--token", CANARY, "--host", "192.0.2.1", "--allow-remote"),
        ("--token", CANARY, "--allow-origin", "*"),
        ("--token", CANARY, "--no-such-option"),
    ],
)
def test_a_token_is_not_quoted_where_the_proxy_does_not_start(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    folder = ("--captures", str(tmp_path))
    refused = ssescope("proxy", "http://127.0.0.1:9", "--port", "0", *arguments, *folder)
    assert refused.returncode in {2, 3}
    assert CANARY[:15] not in refused.stdout + refused.stderr
    assert CANARY.encode() not in _kept(tmp_path)
