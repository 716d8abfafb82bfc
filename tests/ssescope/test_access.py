"""What the options come to that say who may reach a server."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from captures.store import captures_in
from proxy.guard import LOCAL
from proxy.listen import LOCAL_REACH, LOCALHOST, Reach
from ssescope.access import reach_for, tell
from tests.ssescope.running import DEADLINE, running, ssescope
from tests.ssescope.saved import answer, save

TOKEN = "correct-horse-battery"
ANY = "0.0.0.0"  # noqa: S104 - named, never bound


def reach(
    host: str = "localhost",
    *,
    remote: bool = False,
    token: str | None = None,
    origins: tuple[str, ...] = (),
) -> Reach:
    return reach_for(host, allow_remote=remote, token=token, origins=origins)


def test_by_default_only_programs_of_this_machine_are_let_in() -> None:
    assert reach() == LOCAL_REACH == Reach(LOCALHOST, LOCAL)
    assert reach("127.0.0.5").host.addresses == ("127.0.0.5",)


def test_a_token_is_asked_for_on_loopback_too_and_every_host_is_checked() -> None:
    access = reach(token=TOKEN).access
    assert (access.token, access.any_host) == (TOKEN, False)


@pytest.mark.parametrize("host", [ANY, "::", "192.0.2.1", "localhost", "127.0.0.1"])
def test_with_both_other_machines_are_let_in(host: str) -> None:
    access = reach(host, remote=True, token=TOKEN).access
    assert (access.token, access.any_host) == (TOKEN, True)


@pytest.mark.parametrize(
    ("host", "remote", "token", "words"),
    [
        (ANY, False, None, f"listening on {ANY} lets other machines in, which needs both"),
        (ANY, True, None, "needs both --allow-remote and a token"),
        (ANY, False, TOKEN, "needs both --allow-remote and a token"),
        ("::", True, None, "needs both"),
        ("192.0.2.1", False, None, "needs both"),
        ("localhost", True, None, "--allow-remote needs a token"),
        ("my-machine", True, TOKEN, "cannot listen on 'my-machine'; expected localhost, or an IP"),
        ("127.1", False, None, "cannot listen on '127.1'"),
        ("", False, None, "cannot listen on ''"),
        ("::ffff:127.0.0.1", False, None, "give the IPv4 address itself, 127.0.0.1"),
    ],
)
def test_what_would_let_in_anybody_is_one_line_and_code_2(
    host: str, remote: bool, token: str | None, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        reach(host, remote=remote, token=token)
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n")) == (2, 1)
    assert words in said
    assert TOKEN not in said


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x" * 15,
        "correct horse battery staple",
        "correct-horse\x1b[2J-battery",
        "p\xe4ssw\xf6rter-lang",
    ],
)
def test_a_token_that_cannot_be_used_is_not_quoted(
    token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        reach(token=token)
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n")) == (2, 1)
    assert "16 or more visible ASCII characters" in said
    assert not token or token not in said


@pytest.mark.parametrize("origin", ["*", "null", "http://localhost:3000/", "localhost:3000"])
def test_an_origin_that_is_none_is_told(origin: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        reach(origins=("http://localhost:3000", origin))
    assert ended.value.code == 2
    assert f"{origin!r} is no origin; expected one such as" in capsys.readouterr().err


def test_who_is_let_in_is_said_and_the_token_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    tell(LOCAL_REACH)
    assert capsys.readouterr().err == ""
    tell(reach(ANY, remote=True, token=TOKEN, origins=("http://localhost:3000",)))
    said = capsys.readouterr().err
    assert f"listening on {ANY}: other machines can reach it\n" in said
    assert "must carry the token in the header x-ssescope-token\n" in said
    assert "web pages of http://localhost:3000 may ask and read\n" in said
    assert TOKEN not in said


QUESTION = (
    b'{"model": "sandbox-end-turn", "max_tokens": 9, "stream": true, '
    b'"messages": [{"role": "user", "content": "hi"}]}'
)


def asked(origin: str, body: bytes = b'{"stream": true}', /, **fields: str) -> bytes:
    url = f"{origin}/v1/messages"
    request = urllib.request.Request(url, body, fields)  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=DEADLINE) as response:  # noqa: S310
        whole: bytes = response.read()
    return whole


def test_the_servers_listen_where_they_are_told_and_ask_for_the_token(tmp_path: Path) -> None:
    saved = ("replay", str(save(tmp_path / "saved")), "--speed", "max")
    options = ("--port", "0", "--host", "127.0.0.5")
    with (
        running(*saved, "--port", "0") as upstream,
        running("proxy", upstream.pasted(), *options, "--captures", str(tmp_path / "new"),
                SSESCOPE_TOKEN=TOKEN) as proxy,
        running(*saved, *options, "--token", TOKEN) as replay,
    ):  # fmt: skip
        for server in (proxy, replay):
            origin = server.pasted().removesuffix("/v1")
            assert origin.startswith("http://127.0.0.5:")
            with pytest.raises(HTTPError, match="401"):
                asked(origin)
            assert asked(origin, **{"X-Ssescope-Token": TOKEN}) == b"".join(answer())
            server.wait_for("every request must carry the token in the header x-ssescope-token")
            assert server.stop() == 0
            assert TOKEN not in "".join(server.talk)


def test_what_a_replay_asks_of_the_upstream_holds_no_token_and_a_page_may_read_it(
    tmp_path: Path,
) -> None:
    new, page = tmp_path / "new", "http://localhost:3000"
    options = ("--on-miss", "upstream", "--allow-origin", page, "--port", "0")
    with running("sandbox", "--port", "0", "--seconds", "0") as upstream:
        asking = (str(new), "--upstream", upstream.pasted(), *options)
        with running("replay", *asking, SSESCOPE_TOKEN=TOKEN) as replay:
            origin = replay.pasted()
            fields = {"Origin": page, "Sec-Fetch-Site": "cross-site", "X-Ssescope-Token": TOKEN}
            assert b"message_stop" in asked(origin, QUESTION, **fields, **{"X-Api-Key": "any"})
            assert replay.stop() == 0
    (capture,) = captures_in(new)
    assert TOKEN.encode() not in capture.read_bytes()
    assert b"ssescope-token" not in capture.read_bytes().lower()


@pytest.mark.parametrize("command", ["proxy", "replay"])
def test_no_server_listens_beyond_loopback_without_both(command: str, tmp_path: Path) -> None:
    what = "http://127.0.0.1:9" if command == "proxy" else str(save(tmp_path))
    for options in ((), ("--allow-remote",), ("--token", TOKEN)):
        failed = ssescope(command, what, "--port", "0", "--host", ANY, *options)
        assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (2, "", 1)
        assert "needs both --allow-remote and a token" in failed.stderr
