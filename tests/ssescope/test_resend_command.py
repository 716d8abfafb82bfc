"""resend as a user runs it: what goes to the upstream, and what is recorded."""

from __future__ import annotations

import json
import signal
import socket
import time
from pathlib import Path

from captures.loading import load
from captures.records import Headers
from captures.store import captures_in
from tests.ssescope.keeping_upstream import BODY, HEADERS, KEY_STOOD_HERE, asked, keeping_upstream
from tests.ssescope.running import DEADLINE, running, ssescope
from tests.ssescope.saved import answer

KEY = "sk-ant-canary-resend"


def test_the_request_goes_byte_for_byte_and_the_answer_is_a_new_capture(tmp_path: Path) -> None:
    with keeping_upstream() as upstream:
        capture = asked(tmp_path / "captures", upstream.origin)
        words = ("resend", str(capture), "--upstream", upstream.origin)
        done = ssescope(*words, ANTHROPIC_API_KEY=KEY)
    assert done.returncode == 0, done.stderr
    head, _, body = upstream.requests[0].partition(b"\r\n\r\n")
    first, *fields = head.split(b"\r\n")
    assert first == b"POST /v1/messages?beta=true HTTP/1.1"
    sent = dict(field.split(b": ", 1) for field in fields)
    assert sent == {
        b"Host": f"127.0.0.1:{upstream.port}".encode(),
        b"X-Api-Key": KEY.encode(),
        b"anthropic-version": b"2023-06-01",
        b"X-Odd": b"caf\xc3\xa9",
        b"Content-Length": str(len(BODY)).encode(),
    }
    assert body == BODY
    fresh = Path(done.stdout.strip())
    assert captures_in(capture.parent) == [capture, fresh]
    exchange = load(fresh)
    assert exchange.body.bytes_between(0, exchange.body.size) == b"".join(answer("Again"))
    assert exchange.request_body == BODY
    assert exchange.request.path == "/v1/messages?beta=true"
    assert KEY.encode() not in fresh.read_bytes()
    assert KEY not in done.stderr + done.stdout
    assert "left out, as what stood in them was not recorded: mcp-session-id" in done.stderr
    assert "200 complete" in done.stderr


def test_a_chunked_request_stays_chunked_and_the_folder_can_be_another(tmp_path: Path) -> None:
    headers: Headers = (("Transfer-Encoding", "chunked"),)
    with keeping_upstream() as upstream:
        asked(tmp_path / "captures", upstream.origin, headers=headers, body=b"{}")
        other = tmp_path / "other"
        words = ("resend", str(captures_in(tmp_path / "captures")[0]), "--captures", str(other))
        done = ssescope(*words, "--json")
    assert done.returncode == 0, done.stderr
    fields = json.loads(done.stdout)
    assert Path(fields["capture"]) == captures_in(other)[0]
    assert (fields["status"], fields["how"], fields["bytes"]) == (200, "complete", 2)
    assert b"\r\nTransfer-Encoding: chunked\r\n" in upstream.requests[0]
    assert upstream.requests[0].endswith(b"\r\n\r\n2\r\n{}\r\n0\r\n\r\n")


def test_a_key_goes_to_its_provider_or_where_the_user_says(tmp_path: Path) -> None:
    with keeping_upstream() as upstream:
        capture = asked(tmp_path / "captures", upstream.origin)
        refused = ssescope("resend", str(capture), ANTHROPIC_API_KEY=KEY)
        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
        assert f"give --upstream {upstream.origin}" in refused.stderr
        missing = ssescope("resend", str(capture), ANTHROPIC_API_KEY="")
        assert (missing.returncode, missing.stdout, missing.stderr.count("\n")) == (2, "", 1)
        assert "set ANTHROPIC_API_KEY first" in missing.stderr
        shown = ssescope("resend", str(capture), "--dry-run", ANTHROPIC_API_KEY=KEY)
        assert shown.stdout.startswith(f"POST {upstream.origin}/v1/messages?beta=true, 32 bytes")
        assert "is not sent where only a capture says so" in shown.stdout
        assert upstream.requests == []
    assert captures_in(capture.parent) == [capture]


def test_an_incomplete_body_is_refused_and_what_is_no_capture_too(tmp_path: Path) -> None:
    upstream = "https://api.anthropic.com"
    capture = asked(tmp_path / "captures", upstream, body=BODY[:9])
    failed = ssescope("resend", str(capture), ANTHROPIC_API_KEY=KEY)
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (2, "", 1)
    assert "the request body is incomplete: 9 of 32 bytes were recorded" in failed.stderr
    (tmp_path / "x.jsonl").write_text("none\n")
    failed = ssescope("resend", str(tmp_path / "x.jsonl"))
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (5, "", 1)


def test_an_upstream_that_is_not_there_is_recorded_and_code_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        origin = f"http://127.0.0.1:{taken.getsockname()[1]}"
    capture = asked(tmp_path / "captures", origin, headers=HEADERS[2:3] + HEADERS[-1:])
    done = ssescope("resend", str(capture))
    assert done.returncode == 1
    assert "upstream_refused" in done.stderr
    assert load(Path(done.stdout.strip())).end is not None


def test_a_signal_gives_it_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(DEADLINE)
        origin = f"http://127.0.0.1:{silent.getsockname()[1]}"
        capture = asked(tmp_path / "captures", origin, headers=HEADERS[-1:])
        with running("resend", str(capture)) as command:
            connection, _ = silent.accept()
            assert connection.recv(65536).startswith(b"POST ")
            assert command.stop(signal.SIGINT) == 130
            connection.close()
    deadline = time.monotonic() + DEADLINE
    while len(found := captures_in(capture.parent)) < 2:
        assert time.monotonic() < deadline
    end = load(found[1]).end
    assert end is not None
    assert end.how.value == "client_left"


def test_the_secrets_of_others_are_no_keys(tmp_path: Path) -> None:
    headers: Headers = (("cookie", KEY_STOOD_HERE), *HEADERS[-1:])
    with keeping_upstream() as upstream:
        capture = asked(tmp_path / "captures", upstream.origin, headers=headers)
        done = ssescope("resend", str(capture), COOKIE="mine")
    assert done.returncode == 0
    assert b"ookie" not in upstream.requests[0]
