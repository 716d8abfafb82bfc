"""The upstream a user names, and the URL of one request at it."""

from __future__ import annotations

import pytest

from proxy.target import TargetError, Upstream, UpstreamError, parse_upstream


@pytest.mark.parametrize(
    ("text", "expected", "shown"),
    [
        (
            "https://api.anthropic.com",
            Upstream("https", "api.anthropic.com", 443, ""),
            "https://api.anthropic.com",
        ),
        (
            "https://openrouter.ai/api/",
            Upstream("https", "openrouter.ai", 443, "/api"),
            "https://openrouter.ai/api",
        ),
        (
            "http://localhost:11434",
            Upstream("http", "localhost", 11434, ""),
            "http://localhost:11434",
        ),
        ("http://[::1]:8080", Upstream("http", "::1", 8080, ""), "http://[::1]:8080"),
    ],
)
def test_an_upstream_is_read_and_shown(text: str, expected: Upstream, shown: str) -> None:
    assert parse_upstream(text) == expected
    assert str(expected) == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("api.anthropic.com", "did you mean https://api.anthropic.com"),
        ("ftp://host", "expected http or https"),
        ("https://", "names no host"),
        ("https://user:secret@host", "holds credentials"),
        ("https://host/?key=1", "query or fragment"),
        ("https://host:99999", "no URL"),
        ("https://ho st", "blanks"),
    ],
)
def test_an_unusable_upstream_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(UpstreamError, match=message) as refused:
        parse_upstream(text)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "target",
    ["/v1/messages", "/../x", "/a%2Fb//c;d?e=%zz&f", "//evil.example/a", "/\\evil", "/@evil"],
)
def test_a_target_is_put_behind_the_origin_byte_for_byte(target: str) -> None:
    upstream = parse_upstream("https://host/base")
    url = upstream.url_for(target)
    assert (url.scheme, url.host, url.port) == ("https", "host", 443)
    assert str(url) == f"https://host/base{target}"


@pytest.mark.parametrize("target", ["", "*", "host:443", "http://evil.example/", "@evil.example/"])
def test_a_target_that_is_no_path_is_refused(target: str) -> None:
    with pytest.raises(TargetError):
        parse_upstream("https://host").url_for(target)
