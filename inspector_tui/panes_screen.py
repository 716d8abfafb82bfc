"""How the two panes share the screen: side by side, one of them over all of it, the split moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from inspector_tui.actions.acting_screen import ActingScreen
from inspector_tui.keymap import Bound

STEP = 4
"""Columns by which the split moves."""

LEAST_LIST, LEAST_EXCHANGE = 32, 60
"""Columns that each pane keeps."""

_NARROW = "Below 110 columns there is one pane; Enter and Esc go from one to the other"


class PanesScreen(ActingScreen):
    """A screen whose class ``-wide`` says that both panes have room beside each other."""

    DEFAULT_CSS = """
    PanesScreen {
        #panes { height: 1fr; }
        &.-wide #list-pane { width: 38%; min-width: 44; max-width: 64; border-right: solid $panel; }
        &.-wide #exchange-pane { width: 1fr; }
        &.-narrow #exchange-pane, &.-zoomed #exchange-pane { display: none; }
        &.-narrow.-opened #list-pane, &.-zoomed.-opened #list-pane { display: none; }
        &.-narrow.-opened #exchange-pane, &.-zoomed.-opened #exchange-pane { display: block; }
        &.-wide.-zoomed #list-pane { width: 1fr; max-width: 100%; border-right: none; }
        &.-single #list-pane { display: none; }
        &.-single #exchange-pane { display: block; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "zoom", "One pane, or both", show=False, id="zoom"),
        Binding("less_than_sign", "split(-1)", "List narrower", show=False, id="list-narrower"),
        Binding("greater_than_sign", "split(1)", "List wider", show=False, id="list-wider"),
        Binding("ctrl+p,colon", "palette", "Every action by name", show=False, id="palette"),
    ]

    keys: Sequence[Bound]
    """The keys of every view."""

    _list_width: int | None = None
    """Columns of the list, once the split has been moved."""

    @property
    def shows_both(self) -> bool:
        """Whether list and exchange are beside each other."""
        return self.has_class("-wide") and not self.has_class("-zoomed")

    def action_zoom(self) -> None:
        """Shows the pane that has the focus over the whole width, or both again."""
        if not self.has_class("-wide"):
            self.tell(_NARROW)
            return
        self.toggle_class("-zoomed")
        self._share()

    def action_split(self, step: int) -> None:
        """Moves the split, as far as both panes keep enough."""
        if not self.shows_both:
            self.tell(_NARROW if not self.has_class("-wide") else "z shows both panes again")
            return
        now = self.list_pane.outer_size.width if self._list_width is None else self._list_width
        self._list_width = now + step * STEP
        self._share()

    def action_palette(self) -> None:
        """Asks for one of all actions and themes, and does it."""
        from inspector_tui.command_palette import choose_action  # noqa: PLC0415 - first needed here

        choose_action(self, self.keys)

    def on_resize(self) -> None:
        """Keeps the split within bounds."""
        self.call_after_refresh(self._share)

    def _share(self) -> None:
        """Gives the list its width; where it is alone it has what there is."""
        styles = self.list_pane.styles
        width: int | None = None
        if self._list_width is not None and self.shows_both:
            width = max(LEAST_LIST, min(self._list_width, self.size.width - LEAST_EXCHANGE))
            self._list_width = width
        styles.width = styles.min_width = styles.max_width = width
