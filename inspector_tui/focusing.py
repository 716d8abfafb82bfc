"""How the focus moves with the key that moves it."""

from __future__ import annotations

from textual.widget import Widget


def focus_at_once(widget: Widget) -> None:
    """Gives a widget the focus.

    ``Widget.focus`` does so at a later turn of Textual's loop; until then keys that come in one go
    with the one that moves the focus would go where it was.
    """
    widget.screen.set_focus(widget)
