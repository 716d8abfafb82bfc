from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.records import Damage, Gap, Head, Headers, Note, Record, Request, RequestChunk
from ssescope.resend_plan import Plan, Recorded, ResendError, planned, recorded_request
from tests.ssescope.keeping_upstream import BODY, HEADERS, KEY_STOOD_HERE

CHUNKED: Headers = (("Transfer-Encoding", "chunked"),)
LENGTH: Headers = (("content-length", str(len(BODY))),)
GAP = Gap(2, 0.0, 2, 2, 10, "queue full")
HEAD = Head(3, 0.1, "1.1", 200, "OK", ())
KEY = {"ANTHROPIC_API_KEY": "sk-ant-1"}


def request(
    headers: Headers = HEADERS,
    *,
    path: str = "/v1/messages",
    upstream: str = "https://api.anthropic.com",
    method: str = "POST",
    mount: str = "",
) -> Request:
    return Request("id", "2026", upstream, method, path, "1.1", headers, mount)


def plan_of(
    asked: Request, environment: dict[str, str] | None = None, upstream: str | None = None
) -> Plan:
    return planned(Recorded(asked, BODY), upstream, KEY if environment is None else environment)


def test_the_request_goes_as_it_was_but_for_its_connection() -> None:
    plan = plan_of(request(path="/a/v1/messages?beta=true", mount="/a"))
    assert dict(plan.fields) == {
        b"X-Api-Key": b"sk-ant-1",
        b"anthropic-version": b"2023-06-01",
        b"X-Odd": b"caf\xc3\xa9",
    }
    assert (plan.target, plan.body) == (b"/a/v1/messages?beta=true", BODY)
    assert plan.url == "https://api.anthropic.com/v1/messages?beta=true"
    assert plan.variables == ("ANTHROPIC_API_KEY",)
    assert plan.left_out == ("mcp-session-id",)
    assert plan.has_own_host


def test_a_key_in_the_target_is_sent_and_not_shown() -> None:
    asked = request((), path=f"/v1?alt=sse&key={KEY_STOOD_HERE}", upstream="https://x.example")
    plan = plan_of(asked, {"API_KEY": "k"})
    assert plan.target == b"/v1?alt=sse&key=k"
    assert plan.url == f"https://x.example/v1?alt=sse&key={KEY_STOOD_HERE}"
    assert not plan.has_own_host
    other = plan_of(asked, {"GEMINI_API_KEY": "g"}, "https://generativelanguage.googleapis.com")
    assert other.target == b"/v1?alt=sse&key=g"
    assert other.has_own_host


@pytest.mark.parametrize(
    ("asked", "environment", "said"),
    [
        (request(), {}, "set ANTHROPIC_API_KEY first"),
        (request(), {"ANTHROPIC_API_KEY": " "}, "set ANTHROPIC_API_KEY first"),
        (request(), {"ANTHROPIC_API_KEY": "a\r\nb: c"}, "ANTHROPIC_API_KEY holds blanks"),
        (request(), {"ANTHROPIC_API_KEY": "schlüssel"}, "ANTHROPIC_API_KEY holds blanks"),
        (request((), path=f"/x?sig={KEY_STOOD_HERE}"), {}, "the value of sig in the path"),
        (request((), path="/x y"), {}, "the path that was recorded is none"),
        (request((), path="/x\r\nA: b"), {}, "the path that was recorded is none"),
        (request((), path="http://x"), {}, "the path that was recorded is none"),
        (request((), method="GET /"), {}, "the method that was recorded is none"),
        (request((), upstream="ftp://x"), {}, "the upstream's scheme is 'ftp'"),
    ],
)
def test_what_cannot_be_sent_says_why(
    asked: Request, environment: dict[str, str], said: str
) -> None:
    with pytest.raises(ResendError, match=said):
        plan_of(asked, environment)


LINES = st.text(st.sampled_from("ab:\r\n\0 \xe9\u20ac[]="), max_size=12)


@given(st.lists(st.tuples(LINES, LINES), max_size=4), LINES)
def test_nothing_recorded_adds_a_line_to_the_request(
    headers: list[tuple[str, str]], path: str
) -> None:
    try:
        plan = plan_of(request(tuple(headers), path=path), {})
    except ResendError:
        return
    assert b" " not in plan.target
    for part in (plan.target, *(part for pair in plan.fields for part in pair)):
        assert not set(part) & set(b"\r\n\0")


def of(headers: Headers, *records: Record | Damage) -> Recorded:
    lines: Sequence[Request | Record | Damage] = (request(headers), *records)
    return recorded_request(lines)


def test_the_body_is_whole() -> None:
    first, second = RequestChunk(1, 0.0, BODY[:5]), RequestChunk(2, 0.0, BODY[5:])
    assert of(LENGTH, first, second).body == BODY
    assert of(CHUNKED, first, second, HEAD, GAP).body == BODY
    assert of(()).body == b""
    assert of(LENGTH, first, second, Note(3, 0.1, "scrubbed", "1 key")).is_scrubbed


@pytest.mark.parametrize(
    ("headers", "records", "said"),
    [
        (LENGTH, (RequestChunk(1, 0.0, b"12345"),), f"5 of {len(BODY)} bytes were recorded"),
        (LENGTH, (), "0 of"),
        ((), (RequestChunk(1, 0.0, b"1"),), "1 of an unknown number of bytes"),
        (CHUNKED, (RequestChunk(1, 0.0, b"1"),), "does not tell whether the request body"),
        (CHUNKED, (RequestChunk(1, 0.0, b"1"), GAP, HEAD), "does not tell whether"),
        (CHUNKED, (RequestChunk(1, 0.0, b"1"), Damage(3, 9, "torn"), HEAD), "does not tell"),
    ],
)
def test_a_body_of_which_something_may_be_missing_is_refused(
    headers: Headers, records: tuple[Record | Damage, ...], said: str
) -> None:
    with pytest.raises(ResendError, match=said):
        of(headers, *records)
