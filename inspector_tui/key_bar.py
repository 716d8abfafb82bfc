"""The keys that matter most in a view, as the bar at the bottom tells them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inspector_tui.keymap import Bound, View, key_text

_NEXT_PANE = "Tab"
"""Textual's own key, which no keymap changes."""

_BARS: Mapping[View, tuple[tuple[tuple[str, ...], str], ...]] = {
    View.LIST: (
        (("open",), "open"),
        (("find",), "filter"),
        (("sort",), "sort"),
        (("mark",), "mark"),
        (("follow",), "follow"),
        ((), "pane"),
        (("back-or-quit",), "quit"),
        (("help",), "keys"),
    ),
    View.EXCHANGE: (
        (("tab-timeline", "tab-diff"), "view"),
        (("open",), "event"),
        (("back",), "back"),
        (("find",), "search"),
        (("previous-finding", "next-finding"), "findings"),
        (("follow",), "follow"),
        (("copy-text",), "copy"),
        (("help",), "keys"),
    ),
}


class KeyBar:
    """The words of the bar under a keymap."""

    def __init__(self, bindings: Sequence[Bound]) -> None:
        keys = {bound.id: key_text(bound.keys[0]) for bound in bindings}
        self._bars = {
            view: tuple((_together(ids, keys), words) for ids, words in bar)
            for view, bar in _BARS.items()
        }

    def keys(self, view: View) -> tuple[tuple[str, str], ...]:
        """Keys and what they do, the most needed first; the last tells of all others."""
        return self._bars[view]


def _together(ids: tuple[str, ...], keys: Mapping[str, str]) -> str:
    """The first key of each; of two digits the range from one to the other."""
    found = [keys[name] for name in ids]
    if not found:
        return _NEXT_PANE
    return ("-" if all(key.isdigit() for key in found) else " ").join(found)
