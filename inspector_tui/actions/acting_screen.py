"""A screen with an exchange chosen, and the keys for what can be done with it."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widgets import Input

from inspector_tui.actions.annotating import annotate_chosen
from inspector_tui.actions.chosen_screen import ChosenScreen
from inspector_tui.actions.copying import CHOICES, What, copy_chosen
from inspector_tui.actions.deleting import delete_chosen
from inspector_tui.actions.dialogs import MenuDialog
from inspector_tui.actions.viewing import edit_chosen, page_chosen


class ActingScreen(ChosenScreen):
    """Each action is a worker of its own, so that it may wait for the user or for a process."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy('message text')", "Copy the message text", show=False, id="copy-text"),
        Binding("Y", "copy('event')", "Copy the event as it came", show=False, id="copy-event"),
        Binding("c", "copy_menu", "Copy something else", show=False, priority=True, id="copy"),
        Binding("v", "view", "Show in $PAGER", show=False, id="view"),
        Binding("e", "edit", "Open a copy in $EDITOR", show=False, id="edit"),
        Binding("a", "annotate", "Write a note on it", show=False, priority=True, id="annotate"),
        Binding("D", "delete", "Delete the capture", show=False, id="delete"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Lets keys pass where text is typed.

        Those of dialogs come first elsewhere, so that what is typed ahead goes to the dialog.
        """
        if action in {"copy_menu", "annotate"} and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    @work(group="act")
    async def action_copy(self, what: str) -> None:
        """Copies a part of the exchange."""
        await copy_chosen(self, What(what))

    def action_copy_menu(self) -> None:
        """Asks what to copy."""

        def copy(chosen: str | None) -> None:
            if chosen is not None:
                self.action_copy(chosen)

        if self.chosen_or_told():
            self.app.push_screen(MenuDialog("Copy", CHOICES), copy)

    @work(group="act")
    async def action_view(self) -> None:
        """Shows what is on the screen in the user's pager."""
        await page_chosen(self)

    @work(group="act")
    async def action_edit(self) -> None:
        """Opens a copy of what is on the screen in the user's editor."""
        await edit_chosen(self)

    def action_annotate(self) -> None:
        """Writes a note on the exchange."""
        annotate_chosen(self)

    @work(group="act")
    async def action_delete(self) -> None:
        """Deletes the capture, if the user says so; the cursor goes to its neighbour."""
        if not await delete_chosen(self):
            return
        if self.library.single:
            self.app.exit()
            return
        self.remove_class("-opened")
        self.list_pane.view.focus()
        self.list_pane.sync()
        self.exchange_pane.open(None)
