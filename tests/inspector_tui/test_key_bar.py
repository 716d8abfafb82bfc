"""The bar of the keys that matter most."""

from __future__ import annotations

from inspector_tui.key_bar import KeyBar
from inspector_tui.keymap import View, bindings


def test_the_bar_tells_the_first_key_of_each() -> None:
    bar = KeyBar(bindings())
    assert bar.keys(View.LIST)[:2] == (("Enter", "open"), ("/", "filter"))
    assert bar.keys(View.EXCHANGE)[0] == ("1-9", "view")
    assert ("[ ]", "findings") in bar.keys(View.EXCHANGE)


def test_a_changed_key_is_told_in_place_of_the_usual_one() -> None:
    bar = KeyBar(bindings({"find": "f3,slash", "tab-diff": "D"}))
    assert ("f3", "filter") in bar.keys(View.LIST)
    assert bar.keys(View.EXCHANGE)[0] == ("1 D", "view")
