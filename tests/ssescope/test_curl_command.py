"""A recorded request as a curl command: what a shell, and what curl itself, makes of it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captures.records import Headers, Request
from inspector_tui.safe import safe_text
from proxy.target import parse_upstream
from ssescope.curl_command import MAX_INLINE_SIZE, CurlCommand, curl_command, fits_inline
from tests.captures.by_hand import a_request
from tests.proxy.wire import UpstreamSide, scripted_upstream
from tests.ssescope.saved import HOSTILE

REDACTED = "[redacted len=39 fp=09220e98]"
BODY = b'{"stream": true}'
JSON: Headers = (("content-type", "application/json"),)


def asked(path: str = "/v1/messages", headers: Headers = JSON, **more: str) -> Request:
    request = replace(a_request(path), headers=headers)
    return replace(request, **more)  # type: ignore[arg-type]


def command(request: Request, body: bytes = BODY, body_file: str | None = None) -> CurlCommand:
    return curl_command(request, parse_upstream(request.upstream), body, body_file)


def arguments(text: str) -> list[str]:
    """What curl would be given by bash."""
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}\n{text}\n"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True, env={})
    assert done.stderr == b""
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


def test_a_command_reads_as_one_writes_it_by_hand() -> None:
    headers = (
        ("Host", "127.0.0.1:8484"),
        ("x-api-key", REDACTED),
        ("anthropic-version", "2023-06-01"),
        ("Accept-Encoding", "gzip, br"),
        ("Connection", "keep-alive"),
        ("Content-Length", "16"),
        ("X-Ssescope-Token", REDACTED),
        *JSON,
    )
    built = command(asked("/mine/v1/messages?beta=true", headers, mount="/mine"))
    assert built.text == (
        "curl --no-buffer --compressed 'https://api.example.com/v1/messages?beta=true' \\\n"
        '  -H "x-api-key: $ANTHROPIC_API_KEY" \\\n'
        "  -H 'anthropic-version: 2023-06-01' \\\n"
        "  -H 'content-type: application/json' \\\n"
        "  --data-binary '{\"stream\": true}'"
    )
    assert (built.variables, built.left_out) == (("ANTHROPIC_API_KEY",), ())


@pytest.mark.parametrize(
    ("upstream", "field", "shown"),
    [
        ("https://api.openai.com", ("authorization", "Bearer "), "Bearer $OPENAI_API_KEY"),
        ("https://api.anthropic.com", ("Authorization", "Bearer "), "Bearer $ANTHROPIC_AUTH_TOKEN"),
        ("https://other.example", ("authorization", ""), "$API_KEY"),
        ("https://notopenai.com", ("authorization", "Bearer "), "Bearer $API_KEY"),
        ("https://other.example", ("x-goog-api-key", ""), "$GEMINI_API_KEY"),
        ("https://other.example", ("Cookie", ""), "$COOKIE"),
        ("https://other.example", ("X-My-Own", ""), "$X_MY_OWN"),
    ],
)
def test_a_secret_is_a_variable_named_after_its_field_or_its_provider(
    upstream: str, field: tuple[str, str], shown: str
) -> None:
    name, scheme = field
    built = command(asked(upstream=upstream, headers=((name, scheme + REDACTED),)))
    assert f'-H "{name}: {shown}"' in built.text
    assert built.variables == (shown.rpartition("$")[2],)


def test_a_secret_in_the_query_is_a_variable_too() -> None:
    path = f"/v1?alt=sse&key={REDACTED}&sig={REDACTED}"
    built = command(asked(path, upstream="https://generativelanguage.googleapis.com"))
    assert (
        '"https://generativelanguage.googleapis.com/v1?alt=sse&key=${GEMINI_API_KEY}' in built.text
    )
    assert '&sig=$SIG"' in built.text
    assert "--globoff" not in built.text


@pytest.mark.parametrize(
    ("method", "body", "switch"),
    [
        ("POST", BODY, ""),
        ("GET", b"", ""),
        ("HEAD", b"", "--head"),
        ("POST", b"", "--request POST"),
        ("GET", BODY, "--request GET"),
        ("DELETE", b"", "--request DELETE"),
    ],
)
def test_the_method_is_told_where_curl_would_take_another(
    method: str, body: bytes, switch: str
) -> None:
    first = command(asked(method=method), body).text.partition(" \\\n")[0]
    assert first == " ".join(
        ["curl --no-buffer", *([switch] if switch else []), "https://api.example.com/v1/messages"]
    )


def test_nothing_in_a_capture_becomes_a_file_name_an_option_or_a_header_of_its_own() -> None:
    headers = (
        ("@/etc/passwd", "x"),
        ("x", "a\r\nx-injected: b"),
        ("-K", "config"),
        ("x-empty", ""),
    )
    built = command(asked("@evil.example/", headers, method="GET -o x"), b"@/etc/passwd")
    given = arguments(built.text)
    assert given == [
        "--no-buffer",
        "https://api.example.com/@evil.example/",
        "-H",
        "-K: config",
        "-H",
        "x-empty;",
        "-H",
        "content-type:",
        "--data-raw",
        "@/etc/passwd",
    ]
    assert sorted(built.left_out) == [
        "a header field that is none",
        "a header field that is none",
        "the method, which is none",
    ]


def test_what_curl_would_rewrite_it_is_told_to_leave() -> None:
    text = command(asked("/a/../b?list[]={1}")).text
    assert "--globoff" in text
    assert "--path-as-is" in text


def test_a_body_beside_the_command_is_named() -> None:
    built = command(asked(), b"\0", "my dir/cmd.sh.body")
    assert built.text.endswith("--data-binary '@my dir/cmd.sh.body'")


def test_a_body_that_no_argument_can_hold_does_not_fit() -> None:
    assert fits_inline(b"x" * MAX_INLINE_SIZE)
    for body in (b"x" * (MAX_INLINE_SIZE + 1), b"a\0b", b"\xff\xfe"):
        assert not fits_inline(body)


TEXTS = st.text(max_size=12) | st.sampled_from([HOSTILE, REDACTED, "a-b", "'", "$(id)", "!!", "@x"])


@settings(max_examples=60, deadline=None)
@given(
    TEXTS,
    TEXTS,
    st.lists(st.tuples(TEXTS, TEXTS), max_size=4).map(tuple),
    TEXTS.map(lambda text: text.encode("utf-8", "replace").replace(b"\0", b"")),
)
def test_whatever_a_capture_holds_the_command_asks_its_upstream_and_nobody_else(
    path: str, method: str, headers: Headers, body: bytes
) -> None:
    path = path.replace("\0", "")
    built = command(asked(path, headers, method=method), body)
    given = arguments(built.text)
    assert safe_text(built.text, newline="\n") == built.text
    assert sum(word.startswith("https://api.example.com/") for word in given) == 1
    fields = [given[place + 1] for place, word in enumerate(given[:-1]) if word == "-H"]
    assert not any(field.startswith("@") or set("\r\n") & set(field) for field in fields)
    if body and method != "HEAD":
        switch = "--data-raw" if body.startswith(b"@") else "--data-binary"
        assert given[-2:] == [switch, body.decode()]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_curl_sends_what_was_recorded(tmp_path: Path) -> None:
    async def answer(side: UpstreamSide) -> None:
        await side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    headers = (
        ("x-api-key", REDACTED),
        ("X-Twice", "1"),
        ("x-twice", "2 'quoted' $HOME \\ !"),
        ("x-latin", "caf\xe9"),
        ("x-empty", ""),
    )
    body = '{\n\t"text": "it\'s \u001b[2J caf\u00e9 $(id) `id` \\\\ !!"\n}'.encode()
    async with scripted_upstream(answer) as upstream:
        request = asked("/a/../b?c[]=%zz&d={e}", headers, upstream=upstream.origin)
        script = tmp_path / "again.sh"
        script.write_text(command(request, body).text + "\n")
        process = await asyncio.create_subprocess_exec(
            "bash",
            str(script),
            env={"ANTHROPIC_API_KEY": "the key", "PATH": "/usr/bin:/bin"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        printed, _ = await process.communicate()
    assert printed == b"ok"
    head, _, sent = upstream.requests[0].partition(b"\r\n\r\n")
    assert sent == body
    line, *fields = head.split(b"\r\n")
    assert line == b"POST /a/../b?c[]=%zz&d={e} HTTP/1.1"
    for field in (
        b"x-api-key: the key",
        b"X-Twice: 1",
        b"x-twice: 2 'quoted' $HOME \\ !",
        b"x-latin: caf\xe9",
        b"x-empty:",
        b"Content-Length: %d" % len(body),
    ):
        assert field in [other.rstrip() for other in fields], field
    assert not any(field.lower().startswith(b"content-type") for field in fields)
