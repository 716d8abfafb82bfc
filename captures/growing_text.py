"""A text that grows by deltas: adding is cheap, and so is reading or copying it at any moment."""

from __future__ import annotations

from typing import Any


class GrowingText:
    """Pieces of a text, joined when somebody asks. Mutable."""

    __slots__ = ("_pieces",)

    def __init__(self, text: str = "") -> None:
        self._pieces = [text] if text else []

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def __deepcopy__(self, memo: dict[int, Any]) -> GrowingText:
        return GrowingText(self.text)

    def add(self, piece: str) -> None:
        """Appends a piece."""
        if piece:
            self._pieces.append(piece)

    @property
    def text(self) -> str:
        """All pieces so far."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""
