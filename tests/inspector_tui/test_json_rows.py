from __future__ import annotations

import pytest

from inspector_tui import palette
from inspector_tui.cells import row_width
from inspector_tui.json_rows import MAX_PRETTY_SIZE, json_rows, text_rows
from tests.inspector_tui.inspector_for_tests import texts


def test_json_is_indented_and_coloured() -> None:
    rows = json_rows('{"a":[1,true,"x"]}', 40)
    assert rows is not None
    assert texts(rows) == ["{", '  "a": [', "    1,", "    true,", '    "x"', "  ]", "}"]
    styles = {segment.text: segment.style for row in rows for segment in row}
    assert styles['"a": '] == palette.JSON_NAME
    assert styles["1,"] == palette.JSON_NUMBER


def test_long_strings_wrap_under_their_name() -> None:
    rows = json_rows('{"prompt":"' + "word " * 20 + '"}', 30)
    assert rows is not None
    assert len(rows) > 5
    assert all(row_width(row) <= 30 for row in rows)
    assert texts(rows)[2].startswith("    word")


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "1" * 5000, '"' + "x" * MAX_PRETTY_SIZE + '"']
)
def test_what_is_no_json_or_too_much_of_it_is_none(text: str) -> None:
    assert json_rows(text, 40) is None


def test_lone_surrogates_and_escapes_in_json_are_safe() -> None:
    rows = json_rows('{"\\u001b]0;": "\\ud83d\\u202e\\u009b"}', 60)
    assert rows is not None
    assert texts(rows)[1] == '  "\\u001b]0;": "\ufffd<202E>\ufffd"'


def test_any_text_is_made_safe_and_wrapped() -> None:
    assert texts(text_rows("one two\nthree\x1b", 5)) == ["one", "two", "three", "␛"]
