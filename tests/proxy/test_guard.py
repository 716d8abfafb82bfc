"""Who may ask."""

from __future__ import annotations

import pytest

from proxy.guard import allowed_hosts, coding_refusal, refusal

HOSTS = allowed_hosts(8484)
GOOD = ("host", "127.0.0.1:8484")


@pytest.mark.parametrize("host", ["127.0.0.1:8484", "localhost:8484", "[::1]:8484"])
def test_our_own_names_are_served(host: str) -> None:
    assert refusal("POST", "/v1/messages", [("Host", host)], HOSTS) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:8485",
        "127.0.0.1:08484",
        "127.1:8484",
        "2130706433:8484",
        "0.0.0.0:8484",
        "127.0.0.1.nip.io:8484",
        "localhost.:8484",
        "LOCALHOST:8484",
        "user@127.0.0.1:8484",
        "127.0.0.1:8484, evil.example",
        " 127.0.0.1:8484",
        "[::ffff:127.0.0.1]:8484",
        "",
    ],
)
def test_any_other_host_is_misdirected(host: str) -> None:
    refused = refusal("GET", "/", [("Host", host)], HOSTS)
    assert refused is not None
    assert (refused.status, refused.code) == (421, "refused_host")


def test_no_host_or_two_hosts_are_misdirected() -> None:
    assert refusal("GET", "/", [], HOSTS) is not None
    assert refusal("GET", "/", [GOOD, GOOD], HOSTS) is not None


@pytest.mark.parametrize(
    "field",
    [
        ("Origin", "http://evil.example"),
        ("Origin", "null"),
        ("Origin", "http://127.0.0.1:9999"),
        ("Origin", "https://127.0.0.1:8484"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Sec-Fetch-Site", "Cross-Site"),
    ],
)
def test_pages_of_others_are_refused(field: tuple[str, str]) -> None:
    refused = refusal("POST", "/v1/messages", [GOOD, field], HOSTS)
    assert refused is not None
    assert (refused.status, refused.code) == (403, "refused_origin")
    assert "evil" not in refused.message


@pytest.mark.parametrize(
    "field",
    [
        ("Origin", "http://127.0.0.1:8484"),
        ("Sec-Fetch-Site", "none"),
        ("Sec-Fetch-Site", "same-origin"),
        ("User-Agent", "Mozilla/5.0"),
    ],
)
def test_our_own_pages_and_any_user_agent_are_served(field: tuple[str, str]) -> None:
    assert refusal("POST", "/v1/messages", [GOOD, field], HOSTS) is None


@pytest.mark.parametrize(
    ("method", "target"),
    [("CONNECT", "host:443"), ("GET", "http://127.0.0.1:8484/"), ("OPTIONS", "*")],
)
def test_only_paths_are_served(method: str, target: str) -> None:
    refused = refusal(method, target, [GOOD], HOSTS)
    assert refused is not None
    assert (refused.status, refused.code) == (405, "refused_target")


def test_websockets_are_not_supported_and_it_says_so() -> None:
    refused = refusal("GET", "/v1/responses", [GOOD, ("Upgrade", "WebSocket")], HOSTS)
    assert refused is not None
    assert (refused.status, refused.code) == (501, "refused_upgrade")


@pytest.mark.parametrize(
    ("version", "codings", "status"),
    [
        ((1, 1), (), None),
        ((1, 1), ("chunked",), None),
        ((1, 1), (" Chunked ",), None),
        ((1, 1), ("gzip, chunked",), 501),
        ((1, 1), ("gzip",), 501),
        ((1, 1), ("chunked", "chunked"), 501),
        ((1, 0), (), None),
        ((1, 0), ("chunked",), 400),
        ((1, 0), ("gzip, chunked",), 400),
    ],
)
def test_only_chunked_bodies_can_be_forwarded(
    version: tuple[int, int], codings: tuple[str, ...], status: int | None
) -> None:
    fields = [GOOD, *[("Transfer-Encoding", coding) for coding in codings]]
    refused = coding_refusal(version, fields)
    assert (refused.status if refused else None) == status
