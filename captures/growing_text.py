"""A text that grows by deltas: adding is cheap, and so is reading or copying it at any moment."""

from __future__ import annotations

from typing import Any

_MOST_PIECES = 1024
"""Pieces after which they are joined: a short text alone takes ten times its size."""


class GrowingText:
    """Pieces of a text, joined when somebody asks or there are many. Mutable."""

    __slots__ = ("_joined", "_pieces")

    def __init__(self, text: str = "") -> None:
        self._joined = [text] if text else []
        self._pieces: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._joined or self._pieces)

    def __deepcopy__(self, memo: dict[int, Any]) -> GrowingText:
        return GrowingText(self.text)

    def add(self, piece: str) -> None:
        """Appends a piece."""
        if piece:
            self._pieces.append(piece)
            if len(self._pieces) == _MOST_PIECES:
                self._joined.append("".join(self._pieces))
                self._pieces.clear()

    @property
    def text(self) -> str:
        """All pieces so far."""
        if self._pieces or len(self._joined) > 1:
            self._joined = ["".join((*self._joined, *self._pieces))]
            self._pieces.clear()
        return self._joined[0] if self._joined else ""
