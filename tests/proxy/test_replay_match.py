from __future__ import annotations

from pathlib import Path

import pytest

from proxy.replay_exchange import Failure, SavedExchange, body_key
from proxy.replay_match import MatchedBy, Turns, shown_target, target_matches

NO_ANSWER = Failure(0.0, "upstream_refused", "")


def saved(
    name: str, body: bytes | None = b"", target: str = "/v1", method: str = "POST"
) -> SavedExchange:
    key = None if body is None else body_key(body)
    return SavedExchange(Path(name), name, method, target, key, NO_ANSWER)


def asked(turns: Turns, body: bytes, target: str = "/v1") -> tuple[str, MatchedBy]:
    choice = turns.choose("POST", target, body_key(body))
    assert choice is not None
    return choice.exchange.id, choice.matched_by


def test_the_same_request_gets_its_answers_in_order_and_then_again() -> None:
    turns = Turns([saved("a", b"1"), saved("b", b"2"), saved("c", b"1")])
    assert [asked(turns, b"1") for _ in range(4)] == [
        ("a", MatchedBy.BODY),
        ("c", MatchedBy.BODY),
        ("a", MatchedBy.BODY),
        ("c", MatchedBy.BODY),
    ]


def test_other_requests_between_do_not_cost_a_turn() -> None:
    turns = Turns([saved("a", b"1"), saved("b", b"2"), saved("c", b"1")])
    assert [asked(turns, body)[0] for body in (b"1", b"2", b"1", b"2")] == ["a", "b", "c", "b"]


def test_an_unknown_body_gets_what_was_recorded_after_the_last_served() -> None:
    turns = Turns([saved("a", b"1"), saved("b", b"2"), saved("c", b"3")])
    assert asked(turns, b"other") == ("a", MatchedBy.ORDER)
    assert asked(turns, b"2") == ("b", MatchedBy.BODY)
    assert asked(turns, b"other") == ("c", MatchedBy.ORDER)
    assert asked(turns, b"other") == ("a", MatchedBy.ORDER)


def test_a_body_that_was_not_kept_equals_none() -> None:
    turns = Turns([saved("a", None)])
    assert asked(turns, b"") == ("a", MatchedBy.ORDER)


def test_method_path_and_query_must_be_those_recorded() -> None:
    turns = Turns([saved("a", target="/v1?x=1")])
    key = body_key(b"")
    assert turns.choose("GET", "/v1?x=1", key) is None
    assert turns.choose("post", "/v1?x=1", key) is None
    assert turns.choose("POST", "/v1", key) is None
    assert turns.choose("POST", "/v1?x=2", key) is None
    assert turns.choose("POST", "/v2?x=1", key) is None
    assert turns.choose("POST", "/v1?x=1", key) is not None


@pytest.mark.parametrize(
    ("recorded", "other", "same"),
    [
        ("/a?key=[redacted len=9 fp=0123abcd]&b=1", "/a?key=any+%20thing&b=1", True),
        ("/a?key=[redacted len=9 fp=0123abcd]", "/a?key=", True),
        ("/a?key=[redacted len=9 fp=0123abcd]", "/a?key", False),
        ("/a?key=[redacted len=9 fp=0123abcd]", "/a?token=x", False),
        ("/a?key=[redacted len=9 fp=0123abcd]&b=1", "/a?key=x&b=2", False),
        ("/a?key=[redacted]", "/a?key=x", False),
        ("/a?b=1&c=2", "/a?b=1", False),
        ("/a", "/a?b", False),
        ("/a?", "/a", True),
        ("/a%2Fb", "/a/b", False),
    ],
)
def test_a_redacted_value_equals_any_of_the_same_parameter(
    recorded: str, other: str, same: bool
) -> None:
    assert target_matches(recorded, other) is same


def test_captures_whose_keys_differ_are_of_the_same_request() -> None:
    first, second = (f"/v1?key=[redacted len=5 fp=0000000{digit}]" for digit in "12")
    turns = Turns([saved("a", target=first), saved("b", target=second)])
    assert [asked(turns, b"", "/v1?key=x")[0] for _ in range(3)] == ["a", "b", "a"]


def test_a_shown_target_holds_no_secret_no_control_character_and_is_short() -> None:
    assert shown_target("/v1?key=sk-1&q=2&api%5Fkey=sk-2&token=") == (
        "/v1?key=[redacted]&q=2&api%5Fkey=[redacted]&token="
    )
    assert shown_target("/\x1b[2J") == "/\\x1b[2J"
    assert len(shown_target("/" + "x" * 5000)) < 300
