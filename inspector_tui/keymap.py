"""The keys: what is bound in which view, by the ids of the bindings, and what a user changed.

Textual puts the changed keys in place of the others (`App.set_keymap`); what is told about keys,
on the key bar, in the help and in the palette, comes from here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from itertools import combinations

from textual.binding import Binding, BindingType
from textual.keys import KEY_NAME_REPLACEMENTS, Keys


class View(Enum):
    """What the keys act on; the keys of one view are active together."""

    LIST = "the list"
    EXCHANGE = "the exchange"


BOTH = frozenset(View)


class KeymapError(ValueError):
    """Keys that cannot be used. The message says which and why."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One binding."""

    id: str
    """What a keymap calls it."""
    keys: tuple[str, ...]
    """By Textual's names, such as ``question_mark``."""
    action: str
    words: str
    """What it does."""
    section: str
    """The title that it stands under."""
    views: frozenset[View]

    @property
    def text(self) -> str:
        """Its keys as they are told to a user: the first two."""
        return " ".join(map(key_text, self.keys[:2]))


@dataclass(frozen=True, slots=True)
class Section:
    """The bindings of one class, under a title."""

    title: str
    bindings: Sequence[BindingType]
    views: frozenset[View] = BOTH


_SIGNS = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "escape": "Esc",
    "enter": "Enter",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "space": "space",
    "tab": "Tab",
}
_MODIFIERS = re.compile(r"((?:ctrl|shift|alt|super|meta|hyper)\+)*")
_NAMES = frozenset(key.value for key in Keys)


def sections() -> tuple[Section, ...]:
    """Every class with keys of the two views. What lies over them has keys of its own."""
    from inspector_tui.actions.acting_screen import ActingScreen  # noqa: PLC0415 - they import us
    from inspector_tui.app import InspectorApp  # noqa: PLC0415
    from inspector_tui.exchange_pane import ExchangePane  # noqa: PLC0415
    from inspector_tui.line_view import LineView  # noqa: PLC0415
    from inspector_tui.list_pane import ListPane  # noqa: PLC0415
    from inspector_tui.panes_screen import PanesScreen  # noqa: PLC0415
    from inspector_tui.screen import InspectorScreen  # noqa: PLC0415
    from inspector_tui.stream_pane import StreamPane  # noqa: PLC0415

    return (
        Section("Moving", LineView.BINDINGS),
        Section("The list", ListPane.BINDINGS, frozenset({View.LIST})),
        Section("Looking", InspectorScreen.BINDINGS),
        Section("The exchange", ExchangePane.BINDINGS, frozenset({View.EXCHANGE})),
        Section("Along the stream", StreamPane.BINDINGS, frozenset({View.EXCHANGE})),
        Section("Doing", ActingScreen.BINDINGS),
        Section("The screen", PanesScreen.BINDINGS),
        Section("Leaving", InspectorApp.BINDINGS),
    )


def bindings(changed: Mapping[str, str] | None = None) -> tuple[Bound, ...]:
    """Every binding of the two views, section by section.

    Args:
        changed: keys by the id of their binding, with commas between them.
    """
    found: dict[str, Bound] = {}
    for section in sections():
        for binding in section.bindings:
            if isinstance(binding, Binding) and binding.id and binding.id not in found:
                keys = (changed or {}).get(binding.id, binding.key)
                found[binding.id] = Bound(
                    binding.id,
                    tuple(map(key_name, keys.split(","))),
                    binding.action,
                    binding.description,
                    section.title,
                    section.views,
                )
    return tuple(found.values())


def check_keymap(changed: Mapping[str, str]) -> None:
    """Checks keys that a user wants.

    Raises:
        KeymapError: there is no such binding or key, or a key would do two things in one view.
    """
    usual = bindings()
    ids = [bound.id for bound in usual]
    for name, keys in changed.items():
        if name not in ids:
            near = get_close_matches(name, ids, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise KeymapError(f"no key has the id {name!r}{hint} (ssescope inspect --keys)")
        for key in keys.split(","):
            _check_key(name, key.strip())
    together = {pair for _, pair in _doubles(usual)}
    for key, pair in _doubles(bindings(changed)):
        if pair not in together:
            first, second = sorted(pair)
            raise KeymapError(
                f"the key {key_text(key)} would be both {first} and {second} in one view; "
                f"give one of them another key"
            )


def key_name(key: str) -> str:
    """A key by Textual's name: ``question_mark`` for ``?``."""
    key = key.strip()
    if len(key) != 1 or key.isalnum():
        return key
    name = unicodedata.name(key, key).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


_CHARACTERS = {key_name(chr(code)): chr(code) for code in range(0x21, 0x7F)}


def key_text(key: str) -> str:
    """A key as it is told to a user: ``?`` for ``question_mark``."""
    modifiers, _, plain = key.rpartition("+")
    before = f"{modifiers}+" if modifiers else ""
    return before + (_SIGNS.get(plain) or _CHARACTERS.get(plain, plain))


def _check_key(name: str, key: str) -> None:
    plain = _MODIFIERS.sub("", key, count=1)
    if not (len(plain) == 1 or plain in _NAMES or plain in _CHARACTERS):
        raise KeymapError(
            f"{name} is given the key {key!r}, which is none; expected keys such as "
            f"x, ?, ctrl+s, shift+left or f5, with commas between them"
        )


def _doubles(bound: Iterable[Bound]) -> list[tuple[str, frozenset[str]]]:
    """Keys that do two things in one view, with the ids of both."""
    found: list[tuple[str, frozenset[str]]] = []
    every = tuple(bound)
    for view in View:
        by_key: dict[str, list[str]] = defaultdict(list)
        for one in every:
            for key in one.keys if view in one.views else ():
                by_key[key].append(one.id)
        for key, ids in by_key.items():
            found += [(key, frozenset(pair)) for pair in combinations(dict.fromkeys(ids), 2)]
    return found
