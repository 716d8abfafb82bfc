"""The list of exchanges: filtered, sorted, and kept so as captures come, change and go."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from inspector_tui.cells import Row
from inspector_tui.exchange_row import Around, exchange_key, exchange_row
from inspector_tui.exchange_tree import ExchangeTree
from inspector_tui.filter_terms import Present
from inspector_tui.library import Library
from inspector_tui.list_filter import Filter
from inspector_tui.list_order import NEWEST_FIRST, Column, Key, TreeKey
from inspector_tui.sorted_names import SortedNames
from inspector_tui.summary import Summary

MANY_CHANGES = 2000
"""Changes that are taken in one by one; after more all rows are sorted again."""


class ExchangeLines:
    """The captures of a library that match a filter, as rows. Mutable.

    The work of an update is that of the captures that changed, however many there are.
    """

    has_cursor = True

    def __init__(self, library: Library) -> None:
        self.dated = False
        """Whether the rows show dates, because the oldest capture is not of today."""
        self.filter = Filter()
        """What the listed captures have in common."""
        self.order = NEWEST_FIRST
        """What they are sorted by."""
        self.marks: frozenset[str] = frozenset()
        """The names of the marked capture files."""
        self.only_marked = False
        """Whether the others are left out."""
        self.following = True
        """Whether rows go to their places at once. Otherwise those that are there stay where
        they are, so that nothing moves under the reader; only new ones come in."""
        self._library = library
        self._changes = library.changes()
        self._rows: SortedNames[Key | TreeKey] = SortedNames()
        self._tree: ExchangeTree | None = None
        self._late: set[str] = set()
        self._asked: tuple[object, ...] = ()
        self._width = 80
        self._now = library.now()

    def update(self, width: int) -> None:
        """Takes in what came, what went, and what matches the filter now."""
        self._width = width
        self._now = self._library.now()
        changed = self._changed()
        asks_marks = self.only_marked or bool(self.filter.terms)
        marks = self.marks if asks_marks else ()
        asked = (self.filter, self.order, self.only_marked, marks, self._ready_tree is None)
        if asked != self._asked or len(changed) > MANY_CHANGES:
            self._asked = asked
            self._sort_all()
        else:
            self._take(changed)
        self.dated = self._has_older_days()

    @property
    def tree_state(self) -> str:
        """In a word or two whether what belongs together stands together; empty if not."""
        if self._tree is None:
            return ""
        return "tree" if self._tree.ready else "making the tree"

    def toggle_tree(self) -> None:
        """Lists what belongs together under its first exchange, or everything by itself."""
        self._tree = None if self._tree is not None else ExchangeTree(self._library)

    @property
    def _ready_tree(self) -> ExchangeTree | None:
        """The tree, once every capture is in it."""
        return self._tree if self._tree is not None and self._tree.ready else None

    def _changed(self) -> set[str]:
        """The captures that came, went or changed, and all that move with them."""
        changed = set(self._changes)
        self._changes.clear()
        if self.filter.terms or self.order.column is Column.TOOK:
            changed |= self._library.live
        if self._tree is not None:
            self._tree.grow()
            for name in list(changed):
                changed |= self._tree.change(name)
        return changed

    def _sort_all(self) -> None:
        self._late.clear()
        library, names, order = self._library, self._selected(), self.order
        tree = self._ready_tree
        if tree is not None:
            self._rows.fill(names, [tree.key(name, order, self._now) for name in names])
            return
        known = [] if order.column is Column.TIME else library.all_known(names)
        self._rows.fill(names, order.keys(names, library.live, known, self._now))

    def _selected(self) -> list[str]:
        """The names of all captures that are listed, oldest first."""
        library, marks = self._library, self.marks
        names = list(library.names)
        if self.only_marked:
            names = [name for name in names if name in marks]
        if not self.filter.terms:
            return names
        present = Present(self._now, marks)
        known = library.all_known(names)
        read = [summary for summary in known if summary is not None]
        selected = [summary.file for summary in self.filter.select(read, present)]
        if len(read) < len(names):
            unread = [name for name, each in zip(names, known, strict=True) if each is None]
            others = [name for name in unread if name not in marks]
            selected += self.filter.select_unread(others, present)
            selected += [name for name in unread if name in marks and self._passes(name, None)]
            selected.sort()
        return selected

    def _take(self, changed: set[str]) -> None:
        if self.following and self._late:
            changed |= self._late
            self._late.clear()
        for name in changed:
            if name not in self._library:
                self._rows.drop(name)
                self._late.discard(name)
            elif self.following or name not in self._rows:
                self._put(name)
            else:
                self._late.add(name)

    def _put(self, name: str) -> None:
        summary = self._library.known(name)
        if self._passes(name, summary):
            self._rows.put(name, self._key(name, summary))
        else:
            self._rows.drop(name)

    def _key(self, name: str, summary: Summary | None) -> Key | TreeKey:
        tree = self._ready_tree
        if tree is None:
            return self.order.key(name, summary, self._now)
        group: Key | None = None
        if not self.following:
            # The rows that are there keep their places, and a new one goes to where they are.
            mates = (mate for mate in tree.mates(name) if mate in self._rows)
            mate = next(mates, None)
            group = None if mate is None else cast(TreeKey, self._rows.key(mate))[0]
            self._late.add(name)
        return tree.key(name, self.order, self._now, group)

    def _passes(self, name: str, summary: Summary | None) -> bool:
        if self.only_marked and name not in self.marks:
            return False
        if not self.filter.terms:
            return True
        known = summary or Summary(self._library.folder, name)
        return self.filter.matches(known, Present(self._now, self.marks))

    def _has_older_days(self) -> bool:
        started = _time_in(self._library.names[0]) if self._library.names else None
        return started is not None and started.astimezone().date() != self._now.date()

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, index: int) -> Hashable:
        """A row changes with its summary, and while its exchange is running."""
        return exchange_key(self._summary(index), self._around(index))

    def row(self, index: int) -> Row:
        """The capture at this place."""
        return exchange_row(self._summary(index), self._width, self._around(index))

    def next_marked(self, index: int) -> int | None:
        """The next place below with a mark, or the first one from the top."""
        places = sorted(place for name in self.marks if (place := self.place(name)) is not None)
        return next((place for place in places if place > index), places[0] if places else None)

    def forget_marks(self) -> None:
        """Takes the marks off captures that are not there any more."""
        self.marks = frozenset(name for name in self.marks if name in self._library)

    def unread(self, first: int, last: int) -> list[str]:
        """The names of the capture files at these places that have not been read."""
        places = range(first, min(last + 1, len(self._rows)))
        names = [self._rows[self._place(place)] for place in places]
        return [name for name in names if self._library.known(name) is None]

    @property
    def newest_row(self) -> int:
        """Where the newest capture stands when it comes at the top: the last of its group."""
        tree, top = self._ready_tree, self.name(0)
        if tree is None or top is None or self.order != NEWEST_FIRST:
            return 0
        return sum(mate in self._rows for mate in tree.mates(top))

    def name(self, index: int) -> str | None:
        """The name of the capture file at this place, if there is one."""
        if not 0 <= index < len(self._rows):
            return None
        return self._rows[self._place(index)]

    def path(self, index: int) -> Path | None:
        """The capture at this place, if there is one."""
        name = self.name(index)
        return None if name is None else self._library.folder / name

    def place(self, name: str | None) -> int | None:
        """Where a capture stands, if it is listed."""
        found = None if name is None else self._rows.place(name)
        return None if found is None else self._place(found)

    def _place(self, place: int) -> int:
        """From a row to its place among the sorted names, and back: most are shown falling."""
        return place if self.order.turned else len(self._rows) - 1 - place

    def _summary(self, index: int) -> Summary:
        name = self._rows[self._place(index)]
        return self._library.known(name) or Summary(self._library.folder, name)

    def _around(self, index: int) -> Around:
        name = self._rows[self._place(index)]
        tree = self._ready_tree
        branch = (
            "" if tree is None else tree.branch(name, self.name(index - 1), self.name(index + 1))
        )
        marked = name in self.marks
        return Around(self._now, self.order, dated=self.dated, marked=marked, branch=branch)


def _time_in(name: str) -> datetime | None:
    """The time that the name of a capture file begins with, if it does."""
    try:
        return datetime.strptime(name[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
