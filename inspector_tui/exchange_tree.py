"""The tree of the list: retries, turns and requests of a session under their first exchange."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from captures.verdict import Outcome
from inspector_tui.grouping import Groups, Member, labels
from inspector_tui.library import Library
from inspector_tui.list_order import Key, Order, TreeKey

AT_ONCE = 3000
"""Captures taken in at one go when the tree is made: some hundredths of a second of work."""


class ExchangeTree:
    """Knows the groups of a library's captures and where each stands in its own. Mutable."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._groups = Groups()
        self._waiting = list(library.names)
        self._labels: dict[str, dict[str, str]] = {}
        self._first_keys: dict[str, tuple[Order, Key]] = {}

    @property
    def ready(self) -> bool:
        """Whether every capture that was there at the beginning has been taken in."""
        return not self._waiting

    def grow(self) -> None:
        """Takes in some more of the captures that were there at the beginning, newest first."""
        for summary in self._library.all_known(reversed(self._waiting[-AT_ONCE:])):
            if summary is not None and summary.verdict is not None:
                self._groups.add(summary)
        del self._waiting[-AT_ONCE:]

    def change(self, name: str) -> set[str]:
        """Takes in what has become of a capture; the names of all whose place it may change."""
        affected = {each for _, each in self._groups.members(name)}
        summary = self._library.known(name)
        if summary is None or summary.verdict is None or name not in self._library:
            self._groups.remove(name)
        else:
            self._groups.add(summary)
        affected.update(each for _, each in self._groups.members(name))
        for each in affected:
            self._labels.pop(each, None)
            self._first_keys.pop(each, None)
        affected.discard(name)
        return affected

    def mates(self, name: str) -> list[str]:
        """The other captures of a group."""
        return [each for _, each in self._groups.members(name) if each != name]

    def key(self, name: str, order: Order, now: datetime, group: Key | None = None) -> TreeKey:
        """Where a capture stands: with its group where the one of it does that comes first, and
        in the group after those that began before it.

        Args:
            name: of the capture file.
            order: what the list is sorted by.
            now: the present.
            group: where its group stands, if that is not to be found out.
        """
        members = self._groups.members(name)
        if len(members) < 2:
            return (group or order.key(name, self._library.known(name), now), 0.0, name)
        began = self._groups.began(name)
        first = group or self._first_key(members, order, now)
        return (first, began if order.turned else -began, name)

    def _first_key(self, members: Sequence[Member], order: Order, now: datetime) -> Key:
        """The key of the member that comes first, found out once for the whole group."""
        first = members[0][1]
        known_order, key = self._first_keys.get(first, (None, ""))
        if known_order != order:
            keys = [order.key(each, self._library.known(each), now) for _, each in members]
            key = min(keys) if order.turned else max(keys)
            self._first_keys[first] = (order, key)
        return key

    def branch(self, name: str, above: str | None, below: str | None) -> str:
        """How a row hangs on the one above it, such as ``├ retry 2``.

        Args:
            name: of the capture file.
            above: that of the row above; None if there is none.
            below: that of the row below.
        """
        members = self._groups.members(name)
        if len(members) < 2:
            return ""
        said = self._labels_of(members).get(name, "")
        others = {each for _, each in members}
        if above not in others:
            return said
        return f"{'├' if below in others else '└'} {said}".rstrip()

    def _labels_of(self, members: Sequence[Member]) -> dict[str, str]:
        first = members[0][1]
        if first not in self._labels:
            self._labels[first] = labels(members, self._groups.identity, self._outcome)
        return self._labels[first]

    def _outcome(self, name: str) -> Outcome | None:
        summary = self._library.known(name)
        return summary.verdict.outcome if summary is not None and summary.verdict else None
