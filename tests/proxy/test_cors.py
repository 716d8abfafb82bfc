"""What a web page is told that the user has allowed."""

from __future__ import annotations

import pytest

from proxy.cors import (
    OriginError,
    allowed_origin,
    answer_fields,
    is_preflight,
    is_replaced,
    parse_origin,
    preflight_fields,
)

PAGE = "http://localhost:3000"
ASKED = (
    ("Origin", PAGE),
    ("Access-Control-Request-Method", "POST"),
    ("Access-Control-Request-Headers", "content-type, x-api-key,x-ssescope-token"),
)


@pytest.mark.parametrize(
    "text",
    [
        PAGE,
        "https://app.example",
        "http://[::1]:5173",
        "chrome-extension://abcdefghijklmnop",
        "https://xn--bcher-kva.example",
    ],
)
def test_an_origin_is_taken_as_browsers_write_it(text: str) -> None:
    assert parse_origin(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "null",
        "localhost:3000",
        f"{PAGE}/",
        f"{PAGE}/app",
        "http://LOCALHOST:3000",
        "http://*.example",
        "http://a.example, http://b.example",
        "http://me@a.example",
        "http://b\u00fccher.example",
        "http://a.example\r\nx: y",
        "http://",
    ],
)
def test_what_no_browser_writes_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(OriginError, match="expected one such as http://localhost:3000"):
        parse_origin(text)


def test_an_origin_is_allowed_if_it_is_alone_and_exactly_one_of_them() -> None:
    assert allowed_origin(ASKED, frozenset({PAGE})) == PAGE
    assert allowed_origin(ASKED, frozenset()) is None
    assert allowed_origin((*ASKED, ("origin", PAGE)), frozenset({PAGE})) is None
    assert allowed_origin((), frozenset({PAGE})) is None


def test_a_preflight_is_known_by_its_method_and_its_fields() -> None:
    assert is_preflight("OPTIONS", ASKED)
    assert not is_preflight("POST", ASKED)
    assert not is_preflight("OPTIONS", ASKED[:1])
    assert not is_preflight("OPTIONS", ASKED[1:])


def test_an_answer_names_the_one_origin() -> None:
    assert dict(answer_fields(PAGE)) == {
        "Access-Control-Allow-Origin": PAGE,
        "Access-Control-Expose-Headers": "*",
        "Vary": "Origin",
    }


def test_a_preflight_is_allowed_what_it_asks_for() -> None:
    fields = dict(preflight_fields(PAGE, ASKED))
    assert fields["Access-Control-Allow-Origin"] == PAGE
    assert fields["Access-Control-Allow-Methods"] == "POST"
    assert fields["Access-Control-Allow-Headers"] == "content-type, x-api-key, x-ssescope-token"
    assert "Access-Control-Allow-Credentials" not in fields


def test_what_is_no_name_is_not_sent_back() -> None:
    asked = (
        ("Origin", PAGE),
        ("Access-Control-Request-Method", "PO ST"),
        ("Access-Control-Request-Headers", "a b, x\xe9, ok, "),
    )
    fields = dict(preflight_fields(PAGE, asked))
    assert fields["Access-Control-Allow-Methods"] == "POST"
    assert fields["Access-Control-Allow-Headers"] == "ok"
    assert "Access-Control-Allow-Headers" not in dict(preflight_fields(PAGE, asked[:1]))


def test_the_upstreams_fields_make_room_and_no_others() -> None:
    assert is_replaced("access-control-allow-origin")
    assert is_replaced("Access-Control-Expose-Headers")
    assert is_replaced("access-control-allow-credentials")
    assert not is_replaced("vary")
