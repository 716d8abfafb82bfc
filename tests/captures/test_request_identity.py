from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.exchange import Exchange
from captures.records import Chunk, Head, Headers, Request, RequestChunk
from captures.request_identity import MAX_STEMS, RequestIdentity, identity_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["messages", "role", "content", "input", "metadata", "cache_control"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


def asked(
    body: Any,
    headers: Headers = (),
    answered: Headers = (),
    path: str = "/v1/messages",
    method: str = "POST",
) -> RequestIdentity:
    """The identity of a request with this body, as JSON unless it is bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request("1", "", "https://x", method, path, "1.1", headers)
    exchange = Exchange(request)
    exchange.feed(RequestChunk(1, 0.0, data))
    exchange.feed(Head(2, 0.1, "1.1", 200, "OK", answered))
    return identity_of(exchange)


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def model(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


FIRST = [user("What is a stream?")]
SECOND = [*FIRST, model("A river."), user("No.")]
THIRD = [*SECOND, model("Events."), user("Yes.")]


def test_the_same_request_asks_the_same_and_any_other_does_not() -> None:
    one = asked({"messages": FIRST})
    assert one.question
    assert one.question == asked({"messages": FIRST}).question
    others = [
        asked({"messages": SECOND}),
        asked({"messages": FIRST}, path="/v1/other"),
        asked({"messages": FIRST}, method="PUT"),
        asked(b""),
    ]
    assert one.question not in {other.question for other in others}
    assert asked(b"").question == b""


@pytest.mark.parametrize("field", ["messages", "contents", "input"])
def test_a_later_turn_goes_on_from_the_earlier_ones(field: str) -> None:
    first, second, third = (asked({field: turn}) for turn in (FIRST, SECOND, THIRD))
    assert first.stems == ()
    assert second.stems == (first.messages,)
    assert third.stems == (first.messages, second.messages)
    assert asked({field: [user("Other"), *SECOND[1:]]}).stems != second.stems


def test_a_turn_with_tools_goes_on_from_the_request_before_the_call() -> None:
    call = {"role": "assistant", "tool_calls": [{"id": "1"}]}
    results = [{"role": "tool", "content": "4"}, {"role": "tool", "content": "5"}]
    assert asked({"messages": [*FIRST, call, *results]}).stems == (
        asked({"messages": FIRST}).messages,
    )
    items = [
        {"type": "reasoning", "summary": []},
        {"type": "function_call", "call_id": "1"},
        {"type": "function_call_output", "call_id": "1", "output": "4"},
    ]
    continued = asked({"input": [user("Add."), *items]})
    assert continued.stems == (asked({"input": "Add."}).messages,)


def test_wandering_marks_for_caching_do_not_count() -> None:
    def marked(text: str) -> dict[str, Any]:
        block = {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}
        return {"role": "user", "content": [block]}

    first = asked({"messages": [marked("What is a stream?")]})
    assert asked({"messages": SECOND}).stems == (first.messages,)
    assert asked({"messages": [*SECOND[:2], marked("No.")]}).messages == (
        asked({"messages": SECOND}).messages
    )


def test_only_the_last_turns_are_looked_for() -> None:
    turns = [user("0")]
    for number in range(20):
        turns += [model("m"), user(str(number))]
    assert len(asked({"messages": turns}).stems) == MAX_STEMS
    assert asked({"messages": turns}).stems[-1] == asked({"messages": turns[:-2]}).messages


def test_an_answer_is_gone_on_from_by_its_id() -> None:
    request = Request("1", "", "https://x", "POST", "/v1/responses", "1.1", ())
    exchange = Exchange(request)
    head = Head(1, 0.1, "1.1", 200, "OK", (("content-type", "text/event-stream"),))
    created = {"type": "response.created", "response": {"id": "resp_1", "object": "response"}}
    exchange.feed(head)
    event = f"event: response.created\ndata: {json.dumps(created)}\n\n"
    exchange.feed(Chunk(2, 0.2, event.encode()))
    answer = identity_of(exchange).answer
    assert answer
    assert asked({"input": "x", "previous_response_id": "resp_1"}).continues == answer
    assert asked({"input": "x", "previous_response_id": "resp_2"}).continues != answer


FINGERPRINT = "[redacted len=36 fp=3fa9c1e2]"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (asked({"session_id": "s"}), asked({"metadata": {"session_id": "s"}})),
        (asked({"conversation": {"id": "s"}}), asked({"conversation": "s"})),
        (asked({"threadId": "s"}), asked(b"", headers=(("X-Session-Id", "s"),))),
        (
            asked(b"", headers=(("mcp-session-id", FINGERPRINT),)),
            asked(b"", answered=(("Mcp-Session-Id", FINGERPRINT),)),
        ),
    ],
)
def test_a_session_is_the_same_wherever_it_is_named(
    one: RequestIdentity, other: RequestIdentity
) -> None:
    assert one.session
    assert one.session == other.session


def test_a_user_is_no_session_unless_the_name_holds_one() -> None:
    assert asked({"metadata": {"user_id": "user_1"}}).session == b""
    assert asked({"metadata": {"user_id": "user_1_account_2_session_3"}}).session
    assert asked(b"", headers=(("mcp-session-id", "[redacted]"),)).session == b""


def test_a_coded_body_is_read() -> None:
    body = gzip.compress(json.dumps({"messages": SECOND}).encode())
    coded = asked(body, headers=(("content-encoding", "gzip"),))
    assert coded == asked({"messages": SECOND})


@given(JSON, st.binary(max_size=40))
def test_no_body_ever_raises(value: Any, data: bytes) -> None:
    for body in (value, {"messages": value, "metadata": value, "session_id": value}, data):
        assert isinstance(asked(body), RequestIdentity)


def test_numbers_and_depths_beyond_the_usual_do_not_raise() -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    for value in (2**70, deep, [{"role": ["x"], "content": deep}]):
        assert isinstance(asked({"messages": [user("x"), value]}), RequestIdentity)
