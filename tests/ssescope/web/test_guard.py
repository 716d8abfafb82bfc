"""Who may see the inspector in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssescope.web.guard import Asked, Door, refused

TOKEN = "made-up-token-of-this-test"
DOOR = Door(8123, TOKEN)
OWN_HOST = ("Host", "127.0.0.1:8123")
OWN_ORIGIN = ("Origin", "http://127.0.0.1:8123")
COOKIE = {"ssescope-8123": TOKEN}


def asked(
    *headers: tuple[str, str],
    query: Mapping[str, str] | None = None,
    cookies: Mapping[str, str] | None = None,
    **more: Any,
) -> Asked:
    method, target = more.pop("method", "GET"), more.pop("target", "/")
    return Asked(method, target, headers or (OWN_HOST,), query or {}, cookies or {}, **more)


def test_the_token_lets_in_from_the_address_or_from_the_cookie() -> None:
    assert refused(DOOR, asked(query={"token": TOKEN})) == ""
    assert refused(DOOR, asked(cookies=COOKIE)) == ""


@pytest.mark.parametrize(
    ("query", "cookies"),
    [
        ({}, {}),
        ({"token": ""}, {}),
        ({"token": TOKEN[:-1]}, {}),
        ({"token": TOKEN + "x"}, {}),
        ({"token": "\udcff"}, {}),
        ({}, {"ssescope-8124": TOKEN}),
        ({}, {"ssescope-8123": "other"}),
    ],
)
def test_without_the_token_nobody_comes_in(query: dict[str, str], cookies: dict[str, str]) -> None:
    assert "holds a token" in refused(DOOR, asked(query=query, cookies=cookies))


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ((("Host", "evil.example:8123"),), "The Host header must be one of"),
        ((("Host", "127.0.0.1:8124"),), "The Host header must be one of"),
        ((OWN_HOST, OWN_HOST), "The Host header must be one of"),
        ((("Accept", "*/*"),), "The Host header must be one of"),
        ((OWN_HOST, ("Origin", "http://evil.example")), "other origins"),
        ((OWN_HOST, ("Origin", "null")), "other origins"),
        ((OWN_HOST, ("Origin", "http://127.0.0.1:8124")), "other origins"),
        ((OWN_HOST, ("Sec-Fetch-Site", "cross-site")), "other sites"),
        ((OWN_HOST, ("Sec-Fetch-Site", "same-site")), "other sites"),
    ],
)
def test_the_token_does_not_stand_in_for_host_and_origin(
    headers: tuple[tuple[str, str], ...], words: str
) -> None:
    for websocket in (False, True):
        found = asked(*headers, query={"token": TOKEN}, cookies=COOKIE, websocket=websocket)
        assert words in refused(DOOR, found)


def test_a_websocket_needs_its_own_origin_and_the_cookie() -> None:
    upgrade = ("Upgrade", "websocket")
    own = (OWN_HOST, OWN_ORIGIN, upgrade)
    assert refused(DOOR, asked(*own, cookies=COOKIE, websocket=True)) == ""
    assert "holds a token" in refused(DOOR, asked(*own, query={"token": TOKEN}, websocket=True))
    without = asked(OWN_HOST, upgrade, cookies=COOKIE, websocket=True)
    assert "sends its Origin" in refused(DOOR, without)
    assert "WebSocket" in refused(DOOR, asked(*own, cookies=COOKIE))


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "CONNECT", "get", ""])
def test_nothing_can_be_sent_here(method: str) -> None:
    assert refused(DOOR, asked(method=method, cookies=COOKIE)) == "Only GET is served here."


@given(st.text(), st.text(), st.text())
def test_no_refusal_says_what_was_asked(host: str, origin: str, token: str) -> None:
    headers = (("Host", f"<{host}>"), ("Origin", f"<{origin}>"))
    words = refused(DOOR, asked(*headers, query={"token": token}))
    assert words
    assert words == refused(DOOR, asked(("Host", "evil.example"), ("Origin", "null")))


def test_the_token_is_in_no_representation() -> None:
    assert TOKEN not in repr(DOOR)
    assert TOKEN not in repr(asked(("Cookie", TOKEN), query={"token": TOKEN}, cookies=COOKIE))
    assert DOOR.url == f"http://127.0.0.1:8123/?token={TOKEN}"
