"""The keys of the two views, and what a user may change."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.binding import Binding

from inspector_tui.keymap import (
    KeymapError,
    View,
    bindings,
    check_keymap,
    key_name,
    key_text,
    sections,
)
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import inspecting


def test_every_binding_has_a_name_and_says_what_it_does() -> None:
    every = [binding for section in sections() for binding in section.bindings]
    assert len(every) > 40
    for binding in every:
        assert isinstance(binding, Binding)
        assert binding.id
        assert binding.description
    assert len({binding.id for binding in every if isinstance(binding, Binding)}) == len(every)


async def test_the_table_knows_every_key_of_the_running_views(tmp_path: Path) -> None:
    given.complete(tmp_path)
    async with inspecting(tmp_path, 120, 30) as running:
        for view in View:
            assert running.screen.seen is view
            ids = {bound.id for bound in bindings() if view in bound.views}
            active = running.screen.active_bindings.values()
            own = {one.binding.id for one in active if one.binding.id}
            assert own <= ids
            await running.press("enter")


def test_a_changed_key_takes_the_place_of_the_usual_ones() -> None:
    (follow,) = (bound for bound in bindings({"follow": "f,?"}) if bound.id == "follow")
    assert follow.keys == ("f", "question_mark")
    assert follow.text == "f ?"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"folow": "f"}, "did you mean follow?"),
        ({"zzz": "f"}, "no key has the id 'zzz'"),
        ({"follow": "o"}, "the key o would be both follow and sort in one view"),
        ({"follow": "x"}, "the key x would be both follow and hex in one view"),
        ({"follow": "f", "diff": "f"}, "both diff and follow"),
        ({"follow": "ctl+x"}, "which is none"),
        ({"follow": "f,"}, "which is none"),
        ({"follow": "ctrl+"}, "which is none"),
    ],
)
def test_keys_that_cannot_be_used_are_told(changed: dict[str, str], words: str) -> None:
    with pytest.raises(KeymapError) as wrong:
        check_keymap(changed)
    assert words in str(wrong.value)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"follow": "f"},
        {"sort": "p"},  # one of the list, the other of the exchange
        {"follow": "d", "diff": "F"},
        {"back": "escape,backspace", "leave-time": "escape,backspace"},
        {"find": "ctrl+s,f3,/"},
    ],
)
def test_keys_that_can_be_used(changed: dict[str, str]) -> None:
    check_keymap(changed)


@pytest.mark.parametrize(
    ("sign", "name"),
    [("?", "question_mark"), ("/", "slash"), ("[", "left_square_bracket"), ("F", "F"), ("1", "1")],
)
def test_keys_are_known_by_sign_and_by_name(sign: str, name: str) -> None:
    assert key_name(sign) == name
    assert key_text(name) == sign


def test_other_keys_are_told_as_they_are_on_the_keyboard() -> None:
    names = ("shift+left", "ctrl+q", "escape", "pagedown", "f2", "space")
    assert [key_text(name) for name in names] == [
        "shift+←",
        "ctrl+q",
        "Esc",
        "PgDn",
        "f2",
        "space",
    ]


async def test_a_changed_key_works_and_the_usual_one_does_not(tmp_path: Path) -> None:
    given.complete(tmp_path)
    async with inspecting(tmp_path, 80, 40, keys={"help": "f2"}) as running:
        assert running.rows()[-1].endswith("f2 keys")
        await running.press("question_mark")
        assert len(running.app.screen_stack) == 1
        await running.press("f2")
        assert "f2" in running.text()
        assert len(running.app.screen_stack) == 2
