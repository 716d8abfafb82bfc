"""What the page says over its WebSocket."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssescope.web.messages import Focus, Keys, Message, Ping, Resize, parse


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["stdin", "j"], Keys("j")),
        (["resize", {"width": 100, "height": 30}], Resize(100, 30)),
        (["focus"], Focus(True)),
        (["blur"], Focus(False)),
        (["ping", "17"], Ping("17")),
        (["ping", 17.5], Ping(17.5)),
        (["ping", "x" * 1000], None),
        (["stdin", 1], None),
        (["resize", {"width": "100", "height": 30}], None),
        (["resize"], None),
        (["other", 1], None),
        ([], None),
        ({"stdin": "j"}, None),
        ("stdin", None),
    ],
)
def test_a_message_is_one_that_the_page_sends(value: object, message: Message | None) -> None:
    assert parse(json.dumps(value)) == message


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_whatever_comes_is_a_message_or_none(text: str) -> None:
    assert parse(text) is None or isinstance(parse(text), Message)
