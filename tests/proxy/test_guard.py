"""Who may ask."""

from __future__ import annotations

import pytest

from proxy.guard import Access, allowed_hosts, bracketed, coding_refusal, refusal

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


TOKEN = "correct-horse-battery"
REMOTE = Access(TOKEN, any_host=True)
GOOD_TOKEN = ("X-Ssescope-Token", TOKEN)


def test_an_address_that_is_listened_on_is_a_host_of_ours() -> None:
    hosts = allowed_hosts(1, "127.0.0.5", "fe80::1%eth0")
    assert hosts >= {"127.0.0.1:1", "localhost:1", "[::1]:1", "127.0.0.5:1", "[fe80::1]:1"}
    assert len(hosts) == 5
    assert bracketed("::1") == "[::1]"


@pytest.mark.parametrize("access", [Access(TOKEN), REMOTE])
@pytest.mark.parametrize(
    "sent",
    [
        [],
        ["wrong-horse-battery"],
        [TOKEN.upper()],
        [TOKEN[:-1]],
        [TOKEN + "x"],
        [f" {TOKEN}"],
        [f"Bearer {TOKEN}"],
        [TOKEN, TOKEN],
        ["", TOKEN],
        [""],
        ["\xe9\xff"],
        ["\udc80\u20ac"],
    ],
)
def test_without_exactly_the_token_nothing_is_served(access: Access, sent: list[str]) -> None:
    fields = [GOOD, *[("X-Ssescope-Token", value) for value in sent]]
    for method in ("POST", "OPTIONS"):
        refused = refusal(method, "/", fields, HOSTS, access)
        assert refused is not None
        assert (refused.status, refused.code) == (401, "refused_token")
        assert "x-ssescope-token" in refused.message
        assert TOKEN not in refused.message


def test_with_the_token_a_request_is_served_and_every_other_rule_stays() -> None:
    access = Access(TOKEN)
    assert refusal("POST", "/", [GOOD, GOOD_TOKEN], HOSTS, access) is None
    for status, fields in (
        (421, [("host", "evil.example"), GOOD_TOKEN]),
        (403, [GOOD, GOOD_TOKEN, ("Origin", "http://evil.example")]),
        (403, [GOOD, GOOD_TOKEN, ("Sec-Fetch-Site", "cross-site")]),
        (501, [GOOD, GOOD_TOKEN, ("Upgrade", "websocket")]),
    ):
        refused = refusal("GET", "/", fields, HOSTS, access)
        assert refused is not None
        assert refused.status == status
    assert refusal("CONNECT", "a:1", [GOOD, GOOD_TOKEN], HOSTS, access) is not None


@pytest.mark.parametrize("host", ["my-machine:8484", "192.0.2.1:8484", "a.example", "[fe80::1]:1"])
def test_where_a_token_stands_in_for_it_any_host_may_be_named(host: str) -> None:
    assert refusal("GET", "/", [("host", host), GOOD_TOKEN], HOSTS, REMOTE) is None
    refused = refusal("GET", "/", [("host", host)], HOSTS, REMOTE)
    assert refused is not None
    assert refused.status == 401


@pytest.mark.parametrize(
    "host", ["", "a b", "a@b", "a,b", "a:x", "a:", "[::1", "a/b", "\xe9", "a\n", "[fe80::1%eth0]"]
)
def test_what_is_no_host_is_refused_even_there(host: str) -> None:
    for fields in ([("host", host)], [GOOD, GOOD]):
        refused = refusal("GET", "/", [*fields, GOOD_TOKEN], HOSTS, REMOTE)
        assert refused is not None
        assert refused.status == 421


def test_pages_of_others_are_refused_with_and_without_the_token_there_too() -> None:
    for origin in ("http://evil.example", "null", "http://my-machine:8484"):
        fields = [("host", "my-machine:8484"), GOOD_TOKEN, ("origin", origin)]
        refused = refusal("GET", "/", fields, HOSTS, REMOTE)
        assert refused is not None
        assert (refused.status, refused.code) == (403, "refused_origin")


def test_no_host_may_be_named_freely_without_a_token() -> None:
    for token in (None, ""):
        with pytest.raises(ValueError, match="only a token"):
            Access(token, any_host=True)


def test_the_token_is_not_shown_where_the_access_is() -> None:
    assert TOKEN not in repr(REMOTE)


PAGE = "http://localhost:3000"
PAGES = Access(origins=frozenset({PAGE}))
CROSS_SITE = ("Sec-Fetch-Site", "cross-site")


def test_a_page_that_is_allowed_is_served_though_it_is_of_another_site() -> None:
    assert refusal("POST", "/", [GOOD, ("Origin", PAGE), CROSS_SITE], HOSTS, PAGES) is None


@pytest.mark.parametrize(
    "origins",
    [
        [],
        ["http://localhost:3001"],
        ["https://localhost:3000"],
        [f"{PAGE}/"],
        [f"{PAGE}.evil.example"],
        ["HTTP://LOCALHOST:3000"],
        [f" {PAGE}"],
        [PAGE, PAGE],
        [PAGE, "http://evil.example"],
        [f"{PAGE}, http://evil.example"],
        ["null"],
        ["*"],
    ],
)
def test_what_is_not_exactly_its_origin_is_refused(origins: list[str]) -> None:
    fields = [GOOD, *[("Origin", origin) for origin in origins], CROSS_SITE]
    refused = refusal("POST", "/", fields, HOSTS, PAGES)
    assert refused is not None
    assert (refused.status, refused.code) == (403, "refused_origin")


def test_only_the_question_before_a_request_needs_no_token() -> None:
    access = Access(TOKEN, origins=frozenset({PAGE}))
    fields = [GOOD, ("Origin", PAGE), ("Access-Control-Request-Method", "POST")]
    assert refusal("OPTIONS", "/", fields, HOSTS, access) is None
    for method, sent in (("POST", fields), ("OPTIONS", fields[:2]), ("OPTIONS", fields[::2])):
        refused = refusal(method, "/", sent, HOSTS, access)
        assert refused is not None
        assert refused.status == 401
