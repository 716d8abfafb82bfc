from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_tui.safe import safe_text, without_controls

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ASCII", "plain ASCII"),
        ("\x1b]52;c;eA==\x07", "␛]52;c;eA==␇"),
        ("\x1bP+q\x1b\\", "␛P+q␛\\"),
        ("a\x00b\x7fc", "a␀b␡c"),
        ("\x9b31m\x85", "\ufffd31m\ufffd"),
        ("one\ntwo\tthree\r\n", "one↵two→three␍↵"),
        ("abc\u202egnp", "abc<202E>gnp"),
        ("\u2066x\u2069\u200f\ufeff", "<2066>x<2069><200F><FEFF>"),
        ("a\u2028b", "a<2028>b"),
        ("👩\u200d👧 ❤\ufe0f 👍🏽 1\ufe0f\u20e3", "👩👧 ❤ 👍 1"),
        ("\ud83d alone", "\ufffd alone"),
        ("\ue000\U000f0000", "\ufffd\ufffd"),
        ("e\u0300\u0301\u0302\u0303\u0304x", "e\u0300\u0301\u0302x"),
        ("Zürich 東京 Привет", "Zürich 東京 Привет"),
        ("[/x][@click=app.quit]", "[/x][@click=app.quit]"),
    ],
)
def test_what_a_terminal_would_obey_is_made_visible(text: str, shown: str) -> None:
    assert safe_text(text) == shown


def test_line_feeds_and_tabs_can_stay() -> None:
    assert safe_text("a\n\tb\x1b", newline="\n", tab="    ") == "a\n    b␛"


def test_a_long_text_ends_in_an_ellipsis() -> None:
    assert safe_text("abcdef", max_length=4) == "abc…"
    assert safe_text("abcd", max_length=4) == "abcd"


def test_no_code_point_comes_through_that_is_control_format_private_or_surrogate() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    left = {unicodedata.category(character) for character in set(safe_text(every))}
    assert left.isdisjoint({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


@given(ANYTHING)
def test_applying_it_twice_changes_nothing_more(text: str) -> None:
    once = safe_text(text)
    assert safe_text(once) == once
    once.encode()


@given(ANYTHING)
def test_a_copied_text_has_no_controls_but_line_feeds_and_tabs(text: str) -> None:
    copied = without_controls(text)
    categories = {
        unicodedata.category(character) for character in copied if character not in "\n\t"
    }
    assert categories.isdisjoint({"Cc", "Cs"})
    assert not set(copied) & set("\u202e\u2066\u200f")


def test_a_copied_text_keeps_its_letters_and_emoji() -> None:
    assert without_controls("👩\u200d👧\n\té\x1b[2J") == "👩\u200d👧\n\té␛[2J"
