"""Which two exchanges are compared when the user asks for it. Pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

NOTHING_MARKED = "Nothing is marked. m marks the exchange under the cursor."


def pair_to_compare(marks: AbstractSet[str], current: str | None) -> tuple[str, str] | str:
    """The two captures of a comparison, the one that is shown last; or why there are not two.

    Two marks are compared with each other, one mark with where the user is.

    Args:
        marks: the names of the marked capture files.
        current: the name of the one under the cursor, or of the opened one.
    """
    others = sorted(marks - {current})
    if len(marks) == 2 and len(others) == 2:
        return others[0], others[1]
    if len(marks) <= 2 and len(others) == 1 and current is not None:
        return others[0], current
    how = "mark two exchanges with m, or one and go to another"
    if len(marks) == 1:
        return f"This exchange alone is marked. To compare, {how}."
    if not marks:
        return f"Nothing is marked. To compare, {how}."
    return f"{len(marks)} exchanges are marked. To compare, mark two; M shows the marked ones."
