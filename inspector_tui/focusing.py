"""How the focus moves with the key that moves it, and what comes of keys typed meanwhile."""

from __future__ import annotations

from textual.events import Key
from textual.widget import Widget
from textual.widgets import Input


def focus_at_once(widget: Widget) -> None:
    """Gives a widget the focus.

    ``Widget.focus`` does so at a later turn of Textual's loop; until then keys that come in one go
    with the one that moves the focus would go where it was.
    """
    widget.screen.set_focus(widget)


def type_ahead(line: Input, event: Key) -> bool:
    """Puts a character into a line that was not there yet when its key came.

    Returns:
        Whether it was a character; the event goes no further then.
    """
    if event.character is None or not event.is_printable:
        return False
    event.stop()
    line.insert_text_at_cursor(event.character)
    return True
