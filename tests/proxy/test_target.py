"""The upstream a user names, and the URL of one request at it."""

from __future__ import annotations

import pytest

from proxy.target import (
    TargetError,
    Upstream,
    UpstreamError,
    authority_of,
    mount_for,
    parse_mount,
    parse_upstream,
)


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
        ("me:secret@host", "did you mean https://…@host"),
        ("https://me:secret", "no URL"),
        ("https://me:secret@host:no-port", "no URL"),
        ("https://host:no-port/?key=secret", "no URL"),
        ("host?key=secret", "has no scheme"),
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
        mount_for((parse_mount("https://host"),), target)


MOUNTS = tuple(
    parse_mount(text)
    for text in ("https://root", "/a=https://a.example/base", "/a/b=https://b.example")
)


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("/v1/x?y", "https://root/v1/x?y"),
        ("/a", "https://a.example/base"),
        ("/a/v1/x", "https://a.example/base/v1/x"),
        ("/a?q=/b", "https://a.example/base?q=/b"),
        ("/a/b", "https://b.example/"),
        ("/a/b/c", "https://b.example/c"),
        ("/ab", "https://root/ab"),
    ],
)
def test_the_longest_prefix_decides_which_upstream_is_asked(target: str, url: str) -> None:
    mount, rest = mount_for(MOUNTS, target)
    assert str(mount.upstream.url_for(rest)) == url


def test_a_path_under_no_mount_is_refused_and_told_the_prefixes() -> None:
    with pytest.raises(TargetError, match="expected a path under /a, /a/b"):
        mount_for(MOUNTS[1:], "/other")


@pytest.mark.parametrize(
    "text",
    [
        "/prefix",
        "/prefix=",
        "/prefix=ftp://x",
        "/\x1b]0;x\x07=http://x",
        "/a b=http://x",
        "/$(x)=http://x",
    ],
)
def test_a_mount_that_names_no_usable_url_is_refused_in_words(text: str) -> None:
    with pytest.raises(UpstreamError):
        parse_mount(text)


@pytest.mark.parametrize("authority", ["host", "host:8443", "[::1]:1"])
def test_the_authority_of_a_url_is_that_of_its_upstream(authority: str) -> None:
    upstream = parse_upstream(f"https://{authority}")
    assert authority_of(upstream.url_for("/x")) == upstream.authority == authority
