"""What of an attack has come through to a terminal: nothing may."""

from __future__ import annotations

import re
import unicodedata

from tests.ssescope.hostile import ATTACKS, MARK

_COLOUR = rb"\x1b\[[0-9;:]*m"
_SCREEN = (
    _COLOUR,
    rb"\x1b\[[0-9;]*[Hf]",  # the cursor is moved
    rb"\x1b\[\?[0-9;]*(?:[hl]|\$p|u)",  # modes are set and asked for
    rb"\x1b\[[<>=][0-9;]*u",  # how keys are reported
    rb"\x1b\]22;default\x07",  # the shape of the pointer
    rb"\x1b\[2J",
)
_MAY_STAND = frozenset("\r\n\t")


def raw_forms(output: bytes, *, screen: bool = False) -> list[str]:
    """Every control, invisible or private character that is not the program's own.

    Args:
        output: what was written to a terminal.
        screen: whether the program draws a whole screen, which takes more than colours.
    """
    found = [attack for attack in ATTACKS if _head_of(attack) in output]
    own = b"|".join(_SCREEN) if screen else _COLOUR
    text = re.sub(own, b"", output).decode("utf-8", "surrogateescape")
    wrong = sorted({character for character in text if _is_wrong(character)})
    return [*found, *wrong]


def _head_of(attack: str) -> bytes:
    """The attack up to its first mark."""
    return attack[: attack.index(MARK) + len(MARK)].encode()


def _is_wrong(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Cc":
        return character not in _MAY_STAND
    return category in {"Cf", "Co", "Cs", "Zl", "Zp"}
