"""JSON as it may be copied: indented, and every character that a terminal obeys escaped. Pure."""

from __future__ import annotations

import json

from inspector_tui.safe import escaped_in_json


def indented(text: str) -> str:
    """A JSON text over several lines.

    Raises:
        ValueError: it is no JSON, or nested deeper than can be read.
    """
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def copied_json(value: object) -> str:
    """A value as indented JSON that means the same and holds no control characters."""
    return escaped_in_json(json.dumps(value, indent=2, ensure_ascii=False))


def copied_json_text(text: str) -> str:
    """A JSON text, indented, that means the same and holds no control characters.

    Raises:
        ValueError: it is no JSON, or nested deeper than can be read.
    """
    return escaped_in_json(indented(text))
