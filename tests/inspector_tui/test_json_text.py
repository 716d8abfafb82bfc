from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_tui.json_text import copied_json, copied_json_text, indented
from inspector_tui.safe import without_controls

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_what_is_copied_means_the_same_and_holds_no_controls(value: object) -> None:
    text = copied_json(value)
    assert json.loads(text) == value
    assert without_controls(text) == text
    assert copied_json_text(text) == text


def test_json_is_indented_and_its_words_stay_readable() -> None:
    assert indented('{"a":["höhe"]}') == '{\n  "a": [\n    "höhe"\n  ]\n}'
    assert copied_json_text('"\\u009b31m\\u202e"') == '"\\u009b31m\\u202e"'


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "data: 1"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        indented(text)
