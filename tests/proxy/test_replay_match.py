from __future__ import annotations

from pathlib import Path

import pytest

from captures.request_body import key_of, print_of
from proxy.replay_exchange import Asked, Failure, PlainStream, SavedExchange
from proxy.replay_match import Shelf, Turns, same_target, shown_target

NO_ANSWER = Failure(0.0, "upstream_refused", "")


def saved(
    name: str,
    body: bytes | None = b"",
    target: str = "/v1",
    method: str = "POST",
    mount: str = "",
) -> SavedExchange:
    known = None if body is None else print_of(body)
    return SavedExchange(Path(name), name, method, target, known, NO_ANSWER, mount)


def asked(body: bytes = b"", target: str = "/v1", method: str = "POST") -> Asked:
    return Asked(method, target, body, key_of(body))


def served(shelf: Shelf, turns: Turns, asked: Asked) -> str:
    return turns.next_of(shelf.answers_to(asked)).served.id


def test_the_same_request_gets_its_answers_in_order_and_then_the_last() -> None:
    shelf, turns = Shelf([saved("a", b"1"), saved("b", b"2"), saved("c", b"1")]), Turns()
    choices = [turns.next_of(shelf.answers_to(asked(b"1"))) for _ in range(4)]
    assert [choice.served.id for choice in choices] == ["a", "c", "c", "c"]
    assert [choice.repeated for choice in choices] == [False, False, True, True]


def test_other_requests_between_do_not_cost_a_turn() -> None:
    shelf, turns = Shelf([saved("a", b"1"), saved("b", b"2"), saved("c", b"1")]), Turns()
    assert [served(shelf, turns, asked(body)) for body in (b"1", b"2", b"1")] == ["a", "b", "c"]


def test_what_is_recorded_later_has_its_turn_after_the_others() -> None:
    turns = Turns()
    shelf = Shelf([saved("a")])
    assert not turns.are_over(shelf.answers_to(asked()))
    assert [served(shelf, turns, asked()) for _ in range(3)] == ["a", "a", "a"]
    assert turns.are_over(shelf.answers_to(asked()))
    assert served(Shelf([saved("a"), saved("b")]), turns, asked()) == "b"


def test_nothing_is_over_where_nothing_is() -> None:
    assert not Turns().are_over(())


def test_a_body_that_was_not_kept_equals_none() -> None:
    assert Shelf([saved("a", None)]).answers_to(asked()) == ()


def test_method_path_query_and_body_must_be_those_recorded() -> None:
    shelf = Shelf([saved("a", b"{}", target="/v1?x=1")])
    assert shelf.answers_to(asked(b" {}", "/v1?x=1"))
    for other in (
        asked(b"{}", "/v1?x=1", "GET"),
        asked(b"{}", "/v1?x=1", "post"),
        asked(b"{}", "/v1"),
        asked(b"{}", "/v1?x=2"),
        asked(b"{}", "/v2?x=1"),
        asked(b"[]", "/v1?x=1"),
    ):
        assert not shelf.answers_to(other)


def test_a_request_of_a_mount_is_found_with_its_prefix_and_without() -> None:
    shelf = Shelf([saved("a", target="/anthropic/v1?x=1", mount="/anthropic")])
    assert shelf.answers_to(asked(target="/anthropic/v1?x=1"))
    assert shelf.answers_to(asked(target="/v1?x=1"))
    assert not shelf.answers_to(asked(target="/openai/v1?x=1"))


def test_plain_streams_answer_any_post_that_was_not_recorded_in_turn() -> None:
    streams = [PlainStream(Path("1.sse")), PlainStream(Path("2.sse"))]
    shelf, turns = Shelf([saved("a")], streams), Turns()
    targets = ("/any", "/v1", "/other", "/any")
    served_to = [served(shelf, turns, asked(target=target)) for target in targets]
    assert served_to == ["1.sse", "a", "2.sse", "2.sse"]
    assert not shelf.answers_to(asked(method="GET"))


@pytest.mark.parametrize(
    ("recorded", "other", "same"),
    [
        ("/a?key=[redacted len=9 fp=0123abcd]&b=1", "/a?key=any+%20thing&b=1", True),
        ("/a?key=[redacted len=9 fp=0123abcd]&b=1", "/a?b=1", True),
        ("/a?tenant=[redacted len=9 fp=0123abcd]", "/a?tenant=x", True),
        ("/a?tenant=1", "/a?tenant=x", False),
        ("/a", "/a?api%5Fkey=x", True),
        ("/a?key=[redacted len=9 fp=0123abcd]&b=1", "/a?key=x&b=2", False),
        ("/a?b=1&c=2", "/a?c=2&b=1", True),
        ("/a?b=1&b=2", "/a?b=2&b=1", False),
        ("/a?b=1&c=2", "/a?b=1", False),
        ("/a", "/a?b", False),
        ("/a?", "/a", True),
        ("/a%2Fb", "/a/b", False),
    ],
)
def test_neither_the_order_of_a_query_nor_its_secrets_count(
    recorded: str, other: str, same: bool
) -> None:
    assert same_target(recorded, other) is same


def test_captures_whose_keys_differ_are_of_the_same_request() -> None:
    first, second = (f"/v1?key=[redacted len=5 fp=0000000{digit}]" for digit in "12")
    shelf, turns = Shelf([saved("a", target=first), saved("b", target=second)]), Turns()
    assert [served(shelf, turns, asked(target="/v1?key=x")) for _ in range(2)] == ["a", "b"]


def test_a_shown_target_holds_no_secret_no_control_character_and_is_short() -> None:
    assert shown_target("/v1?key=sk-1&q=2&api%5Fkey=sk-2&token=") == (
        "/v1?key=[redacted]&q=2&api%5Fkey=[redacted]&token="
    )
    assert shown_target("/\x1b[2J") == "/\\x1b[2J"
    assert len(shown_target("/" + "x" * 5000)) < 300
