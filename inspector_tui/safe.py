"""Captured text made safe for a terminal. Everything a peer sent passes here before it is shown.

Terminals obey what is in the text: an escape sequence can write the clipboard, set the title or
move the cursor, and a bidirectional control can make a line read as another. A debugger must show
such characters, so they are made visible where that is possible.
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\ufffd"
ELLIPSIS = "…"
MAX_MARKS = 3
"""Combining marks kept on one character; more pile up over the lines above."""

_DROPPED = "\u200c\u200d\u20e3\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f"
"""Joiners, keycap, variation selectors, skin tones, tags: terminals disagree on their width."""
_DROPPED_SUPPLEMENT = "\U000e0100-\U000e01ef"
_FORMATS = (
    "\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
)
"""Category Cf and the two separators that break lines: shown as ``<202E>``."""
_REPLACED = "\x80-\x9f\ud800-\udfff\ue000-\uf8ff\ufff0-\ufff8\ufffe\uffff\U000f0000-\U0010ffff"
"""C1 controls, surrogates, private use and noncharacters."""

_SUSPECT = re.compile(
    f"[\x00-\x1f\x7f{_REPLACED}{_FORMATS}]|(?P<dropped>[{_DROPPED}{_DROPPED_SUPPLEMENT}])"
)
_VISIBLE_FORMAT = re.compile(f"[{_FORMATS}]")
_PERHAPS_MARKS = re.compile(rf"[^\w\x00-\u02ff]{{{MAX_MARKS + 1},}}")
_NOT_COPIED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def safe_text(
    text: str, *, newline: str = "↵", tab: str = "→", max_length: int | None = None
) -> str:
    """The text as it may be written to a terminal.

    C0 controls become control pictures, C1 controls and private characters U+FFFD, invisible
    format characters such as bidirectional controls their code point in angle brackets; what
    would make the width uncertain is dropped. Applying it twice changes nothing more.

    Args:
        text: any string, lone surrogates included.
        newline: what stands for a line feed; ``"\\n"`` keeps it.
        tab: what stands for a tab.
        max_length: characters of the text to show; an ellipsis stands for the rest.
    """
    if max_length is not None and len(text) > max_length:
        text = text[: max(0, max_length - 1)] + ELLIPSIS
    if text.isascii() and text.isprintable():
        return text

    def shown(match: re.Match[str]) -> str:
        return _shown(match, newline, tab)

    return _PERHAPS_MARKS.sub(_with_few_marks, _SUSPECT.sub(shown, text))


def without_controls(text: str) -> str:
    """The text as it may be copied: as it is, with control and bidirectional characters visible.

    A line feed and a tab stay. Pasted into a shell it can neither hide a command nor run an
    escape sequence.
    """
    return _NOT_COPIED.sub(lambda match: _shown(match, "\n", "\t"), text)


def escaped_in_json(text: str) -> str:
    """A JSON text with the characters escaped that `without_controls` would replace.

    Outside of its strings JSON has none of them, so that it means the same.
    """
    return _NOT_COPIED.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _shown(match: re.Match[str], newline: str, tab: str) -> str:
    character = match.group()
    if character == "\n":
        return newline
    if character == "\t":
        return tab
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if match.lastgroup == "dropped":
        return ""
    if _VISIBLE_FORMAT.match(character):
        return f"<{code:04X}>"
    return REPLACEMENT


def _with_few_marks(match: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in match.group():
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)
