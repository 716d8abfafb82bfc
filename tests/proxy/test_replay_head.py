from __future__ import annotations

import pytest

from captures.records import Head, Headers
from proxy.replay_head import has_body, playable_head


def head(headers: Headers, status: int = 200) -> Head:
    return Head(1, 0.0, "1.1", status, "", headers)


def test_fields_keep_order_case_duplicates_date_and_redacted_values() -> None:
    headers = (
        ("Date", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ("Set-Cookie", "[redacted len=31 fp=0123abcd]"),
        ("X-Name", "caf\xe9"),
        ("set-cookie", "[redacted len=7 fp=0123abcd]"),
        ("x-empty", ""),
    )
    assert playable_head(head(headers), method="POST", size=0, whole=True).headers == headers


def test_fields_of_one_connection_are_left_out() -> None:
    headers = (
        ("Connection", "keep-alive, X-Own"),
        ("Keep-Alive", "timeout=5"),
        ("Transfer-Encoding", "chunked"),
        ("TE", "trailers"),
        ("Trailer", "X-Sum"),
        ("Upgrade", "h2c"),
        ("Proxy-Authenticate", "Basic"),
        ("x-own", "1"),
        ("x-kept", "1"),
    )
    playable = playable_head(head(headers), method="POST", size=0, whole=True)
    assert playable.headers == (("x-kept", "1"),)
    assert playable.invalid == ()


def test_no_field_lets_a_web_page_read_the_answer() -> None:
    headers = (
        ("Access-Control-Allow-Origin", "*"),
        ("access-control-allow-credentials", "true"),
        ("Access-Control-Expose-Headers", "request-id"),
    )
    playable = playable_head(head(headers), method="POST", size=0, whole=True)
    assert playable.headers == headers[2:]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x\r\ny", "1"),
        ("x y", "1"),
        ("", "1"),
        ("x:", "1"),
        ("x-\xe9", "1"),
        ("x", "1\r\nset-cookie: a=b"),
        ("x", "1\n"),
        ("x", "\x00"),
        ("x", "\x1b[2J"),
        ("x", "\x7f"),
        ("x", "\u20ac"),
        ("x", "\ud800"),
    ],
)
def test_what_is_no_valid_field_is_dropped_and_named(name: str, value: str) -> None:
    playable = playable_head(head(((name, value), ("a", "b"))), method="GET", size=0, whole=True)
    assert playable.headers == (("a", "b"),)
    assert playable.invalid == (name,)


def test_outer_blanks_of_a_value_do_not_count() -> None:
    playable = playable_head(head((("a", " \tb c\t "),)), method="GET", size=0, whole=True)
    assert playable.headers == (("a", "b c"),)


@pytest.mark.parametrize(
    ("lengths", "method", "status", "size", "whole", "kept"),
    [
        (["5"], "POST", 200, 5, True, True),
        (["6"], "POST", 200, 5, True, False),
        (["5"], "POST", 200, 5, False, False),
        (["9"], "POST", 200, 5, False, True),
        (["5", "5"], "POST", 200, 5, True, False),
        (["+5"], "POST", 200, 5, True, False),
        (["5" * 5000], "POST", 200, 5, False, False),
        (["5"], "HEAD", 200, 0, True, True),
        (["5"], "GET", 304, 0, True, True),
        (["0"], "GET", 204, 0, True, False),
    ],
)
def test_content_length_stays_where_it_means_something(
    lengths: list[str], method: str, status: int, size: int, *, whole: bool, kept: bool
) -> None:
    headers = tuple(("Content-Length", length) for length in lengths)
    playable = playable_head(head(headers, status), method=method, size=size, whole=whole)
    assert playable.headers == (headers if kept else ())


def test_which_answers_have_no_body() -> None:
    assert has_body("GET", 200)
    assert not has_body("HEAD", 200)
    assert not has_body("GET", 204)
    assert not has_body("GET", 304)
