"""Names kept sorted by a key while single ones come, change and go: the rows of the list."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import lt
from typing import Generic, TypeVar

from inspector_tui.list_order import Key, TreeKey

K = TypeVar("K", bound=Key | TreeKey)


class SortedNames(Generic[K]):
    """Names from the smallest key to the largest. Mutable. Putting one into its place, dropping
    it and finding it take microseconds even among 100,000."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._keys: list[K] = []
        self._key_of: dict[str, K] = {}

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: str) -> bool:
        return name in self._key_of

    def __iter__(self) -> Iterator[str]:
        """The names, from the smallest key on."""
        return iter(self._names)

    def __getitem__(self, place: int) -> str:
        return self._names[place]

    def fill(self, names: Sequence[str], keys: Sequence[K]) -> None:
        """Holds these names instead of those before.

        Args:
            names: each once, in any order.
            keys: one for each name, no two of them equal.
        """
        self._names, self._keys = list(names), list(keys)
        if not all(map(lt, keys, islice(keys, 1, None))):
            order = sorted(range(len(keys)), key=keys.__getitem__)
            self._names = [names[index] for index in order]
            self._keys = [keys[index] for index in order]
        self._key_of = dict(zip(names, keys, strict=True))

    def put(self, name: str, key: K) -> None:
        """Puts a name to its place, also where it had another one."""
        if self._key_of.get(name) == key:
            return
        self.drop(name)
        place = bisect_left(self._keys, key)
        self._keys.insert(place, key)
        self._names.insert(place, name)
        self._key_of[name] = key

    def drop(self, name: str) -> None:
        """Takes a name out, if it is there."""
        place = self.place(name)
        if place is not None:
            del self._key_of[name], self._keys[place], self._names[place]

    def key(self, name: str) -> K:
        """The key of a name that is there."""
        return self._key_of[name]

    def place(self, name: str) -> int | None:
        """Where a name stands, from 0; None if it is not there."""
        key = self._key_of.get(name)
        return None if key is None else bisect_left(self._keys, key)
