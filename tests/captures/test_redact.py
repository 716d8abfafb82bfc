from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.redact import SECRET_HEADERS, SECRET_QUERY_NAMES, Redactor

SECRET = "sk-made-up-0123456789"
PLACEHOLDER = r"\[redacted len=\d+ fp=[0-9a-f]{8}\]"
REDACTOR = Redactor(b"k" * 32)

secrets = st.text(st.characters(min_codepoint=33, max_codepoint=255), min_size=8, max_size=40)
secret_headers = st.sampled_from(sorted(SECRET_HEADERS))
secret_query_names = st.sampled_from(sorted(SECRET_QUERY_NAMES))


def redacted_header(name: str, value: str) -> str:
    [(kept_name, kept_value)] = REDACTOR.headers(((name, value),))
    assert kept_name == name
    return kept_value


@pytest.mark.parametrize(
    "name",
    [
        *sorted(SECRET_HEADERS),
        "Authorization",
        "X-Api-Key",
        "apikey",
        "x-functions-key",
        "ocp-apim-subscription-key",
        "x-client-secret",
        "x-password",
        "x-passwd",
        "x-csrf-token",
        "x-session",
        "x-amz-credential",
        "x-hub-signature-256",
        "cf-access-client-id",
        "cf-access-jwt-assertion",
        "authentication-info",
    ],
)
def test_secret_header_is_replaced_whole(name: str) -> None:
    assert re.fullmatch(PLACEHOLDER, redacted_header(name, SECRET))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content-type", "text/event-stream; charset=utf-8"),
        ("content-length", "123"),
        ("anthropic-version", "2023-06-01"),
        ("anthropic-beta", "fine-grained-tool-streaming-2025-05-14"),
        ("anthropic-ratelimit-tokens-limit", "24000000"),
        ("anthropic-ratelimit-input-tokens-remaining", "19999000"),
        ("anthropic-ratelimit-output-tokens-reset", "2026-03-18T17:50:11Z"),
        ("x-ratelimit-remaining-tokens", "149984"),
        ("request-id", "req_0123456789"),
        ("retry-after", "12"),
        ("www-authenticate", 'Bearer realm="x"'),
        ("proxy-authenticate", "Basic"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("access-control-allow-credentials", "true"),
        ("user-agent", "Anthropic/Python 2.12.0"),
        ("host", "127.0.0.1:8080"),
        ("keep-alive", "timeout=5"),
    ],
)
def test_public_header_is_untouched(name: str, value: str) -> None:
    assert redacted_header(name, value) == value


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Basic", "Digest", "AWS4-HMAC-SHA256"])
@pytest.mark.parametrize("name", ["authorization", "Proxy-Authorization"])
def test_scheme_word_of_credentials_is_kept(name: str, scheme: str) -> None:
    kept = redacted_header(name, f"{scheme} {SECRET}")

    assert re.fullmatch(f"{scheme} {PLACEHOLDER}", kept)


@pytest.mark.parametrize("value", [f"{SECRET}", "abc123secret def", f"Bearer\t{SECRET}", "Bearer"])
def test_first_word_that_is_no_known_scheme_is_replaced_too(value: str) -> None:
    assert re.fullmatch(PLACEHOLDER, redacted_header("authorization", value))


def test_placeholder_tells_the_length_and_no_more() -> None:
    assert f"len={len(SECRET)} " in redacted_header("x-api-key", SECRET)


def test_equal_secrets_are_seen_to_be_equal_in_one_folder_alone() -> None:
    [(_, first), (_, second), (_, other)] = REDACTOR.headers(
        (("x-api-key", SECRET), ("api-key", SECRET), ("x-api-key", SECRET[:-1] + "8"))
    )
    [(_, elsewhere)] = Redactor(b"l" * 32).headers((("x-api-key", SECRET),))

    assert first == second
    assert first != other
    assert first != elsewhere


def test_order_and_repeated_fields_are_kept() -> None:
    headers = (("B", "1"), ("set-cookie", "a=1"), ("b", "2"), ("Set-Cookie", "b=2"))

    kept = REDACTOR.headers(headers)

    assert [name for name, _ in kept] == ["B", "set-cookie", "b", "Set-Cookie"]
    assert [kept[0][1], kept[2][1]] == ["1", "2"]


@pytest.mark.parametrize(
    "name",
    [
        *sorted(SECRET_QUERY_NAMES),
        "KEY",
        "api_key",
        "apikey",
        "api%5Fkey",
        "client_secret",
        "id_token",
        "X-Amz-Signature",
        "X-Amz-Credential",
        "X-Amz-Security-Token",
    ],
)
def test_secret_query_value_is_replaced_and_all_else_stays(name: str) -> None:
    kept = REDACTOR.target(f"/v1/%2e%2e//x?beta=true&{name}={SECRET}&&a&b=")

    assert re.fullmatch(rf"/v1/%2e%2e//x\?beta=true&{re.escape(name)}={PLACEHOLDER}&&a&b=", kept)


@pytest.mark.parametrize(
    "target",
    ["/v1/messages", "/", "*", "/?", "/a?beta=true&alt=sse", "/a?key", "/a?key=", "/a?x=key=1", ""],
)
def test_target_without_a_secret_is_kept_byte_for_byte(target: str) -> None:
    assert REDACTOR.target(target) == target


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        ("https://user:word@host:8080/p?a=b#c", rf"https://{PLACEHOLDER}@host:8080/p\?a=b#c"),
        ("https://a@b@host/", rf"https://{PLACEHOLDER}@host/"),
        (
            "/callback?code=123&state=abc&x=1",
            rf"/callback\?code={PLACEHOLDER}&state={PLACEHOLDER}&x=1",
        ),
        ("/callback#access_token=abc&x=1", rf"/callback#access_token={PLACEHOLDER}&x=1"),
        ("http://[", PLACEHOLDER),
    ],
)
def test_url_loses_its_user_information_and_secret_values(url: str, kept: str) -> None:
    assert re.fullmatch(kept, REDACTOR.url(url))
    for name in ("location", "Referer", "content-location"):
        assert re.fullmatch(kept, redacted_header(name, url))


@given(secret_headers, secrets)
def test_nothing_of_a_secret_header_remains(name: str, secret: str) -> None:
    assert secret not in redacted_header(name, secret)


@given(st.sampled_from(["Bearer ", "Token ", "xyz ", ""]), secrets, secrets)
def test_nothing_of_credentials_remains(scheme: str, secret: str, more: str) -> None:
    kept = redacted_header("authorization", f"{scheme}{secret} {more}")

    assert secret not in kept
    assert more not in kept


@given(secret_query_names, secrets)
def test_nothing_of_a_secret_in_a_query_remains(name: str, secret: str) -> None:
    sent = quote(secret, safe="")
    for kept in (
        REDACTOR.target(f"/v1?a=b&{name}={sent}&c=d"),
        REDACTOR.url(f"https://host/v1?{name}={sent}"),
        REDACTOR.url(f"https://host/v1#{name}={sent}"),
    ):
        assert sent not in kept
        assert secret not in kept


@given(secrets)
def test_nothing_of_user_information_remains(secret: str) -> None:
    assert secret not in REDACTOR.url(f"https://{quote(secret, safe='')}:x@host/")
    assert secret not in REDACTOR.url(f"https://x:{quote(secret, safe='')}@host/")


@given(st.text(st.characters(max_codepoint=255), max_size=40), st.text(max_size=40))
def test_any_header_and_target_is_taken(name: str, value: str) -> None:
    REDACTOR.headers(((name, value), ("authorization", value), ("location", value)))
    REDACTOR.target(value)
    REDACTOR.url(value)


def test_secrets_in_raw_heads_are_replaced_wherever_a_head_ends() -> None:
    raw = (
        b"HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\nHTTP/1.1 200 OK\r\nset-cookie:  canary-one \r\n"
        b"Location: /?key=canary-two\r\n\r\nbody"
    )
    shown = Redactor(b"key").raw_head(raw)
    assert "canary" not in shown
    assert shown.startswith("HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert shown.endswith("\r\n\r\nbody")


def test_names_of_the_users_own_are_secret_too() -> None:
    own = Redactor(b"key", headers=("X-Mine", "Via"), query_names=("Mine",))
    [(_, value), (_, via)] = own.headers((("x-mine", SECRET), ("VIA", SECRET)))
    assert re.fullmatch(PLACEHOLDER, value)
    assert re.fullmatch(PLACEHOLDER, via)
    assert SECRET not in own.target(f"/v1?mine={SECRET}")
    assert SECRET in REDACTOR.target(f"/v1?mine={SECRET}")


@pytest.mark.parametrize("separator", ["&", ";", "?"])
def test_whatever_separates_query_pairs_the_secret_goes(separator: str) -> None:
    kept = REDACTOR.target(f"/v1?alt=sse{separator}key={SECRET}{separator}beta=true")
    assert re.fullmatch(rf"/v1\?alt=sse\{separator}key={PLACEHOLDER}\{separator}beta=true", kept)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (f'<https://host/v1?page=2&key={SECRET}>; rel="next"', "page=2"),
        (f"/v1?api_key={SECRET}", "/v1?api_key="),
        (f"https://me:{SECRET}@host/path", "@host/path"),
    ],
)
def test_urls_in_public_headers_hold_no_secret(value: str, shown: str) -> None:
    kept = redacted_header("link", value)
    assert SECRET not in kept
    assert shown in kept


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1 200 OK\nA: b\nSet-Cookie: {}\n\n",
        "HTTP/1.1 200 OK\rSet-Cookie: {}\r\r",
        "HTTP/1.1 200 OK\r\nSet-Cookie:\r\n {}\r\n\r\n",
        "HTTP/1.1 200 OK\r\nSet-Cookie: a=b;\r\n\t{}\r\n {}\r\n\r\n",
        "GET /?key={} HTTP/1.1\r\n\r\n",
    ],
)
def test_raw_heads_with_odd_lines_hold_no_secret(head: str) -> None:
    shown = REDACTOR.raw_head(head.format(SECRET, SECRET).encode())
    assert SECRET not in shown
    assert "[redacted len=" in shown
