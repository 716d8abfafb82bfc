"""A screen with an exchange chosen, and the keys for what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from inspector_tui.actions.chosen_screen import ChosenScreen
from inspector_tui.actions.replays import Replays
from inspector_tui.library import Library
from inspector_tui.row_bar import RowBar


class ActingScreen(ChosenScreen):
    """Each action is a worker of its own, so that it may wait for the user or for a process.

    What it needs is imported when it is asked for: the first screen must not wait for it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy('message text')", "Copy the message text", show=False, id="copy-text"),
        Binding("Y", "copy('event')", "Copy the raw event", show=False, id="copy-event"),
        Binding("c", "copy_menu", "Copy something else", show=False, id="copy"),
        Binding("v", "view", "Show in $PAGER", show=False, id="view"),
        Binding("e", "edit", "Open in $EDITOR", show=False, id="edit"),
        Binding("a", "annotate", "Write a note on it", show=False, id="annotate"),
        Binding("E", "export", "Export it to a file", show=False, id="export"),
        Binding("r", "replay", "Replay it, or stop that", show=False, id="replay"),
        Binding("R", "resend", "Send its request again", show=False, id="resend"),
        Binding("D", "delete", "Delete the capture", show=False, id="delete"),
    ]

    def __init__(self, library: Library, program: Sequence[str]) -> None:
        super().__init__(library, program)
        self.replays = Replays()

    def on_mount(self) -> None:
        """Makes room for what is being replayed."""
        bar = RowBar(id="replays")
        bar.display = False
        self.mount(bar, before="#keys")

    def draw_replays(self) -> None:
        """Shows what is being replayed, if anything is."""
        bar = self.query_one("#replays", RowBar)
        row = self.replays.row(self.size.width)
        bar.display = bool(row)
        bar.show(row)

    @work(group="act")
    async def action_copy(self, what: str) -> None:
        """Copies a part of the exchange."""
        from inspector_tui.actions.copying import What, copy_chosen

        await copy_chosen(self, What(what))

    def action_copy_menu(self) -> None:
        """Asks what to copy."""
        from inspector_tui.actions.copying import CHOICES
        from inspector_tui.actions.dialogs import MenuDialog

        def copy(chosen: str | None) -> None:
            if chosen is not None:
                self.action_copy(chosen)

        if self.chosen_or_told():
            self.app.push_screen(MenuDialog("Copy", CHOICES), copy)

    @work(group="act")
    async def action_view(self) -> None:
        """Shows what is on the screen in the user's pager."""
        from inspector_tui.actions.viewing import page_chosen

        await page_chosen(self)

    @work(group="act")
    async def action_edit(self) -> None:
        """Opens a copy of what is on the screen in the user's editor."""
        from inspector_tui.actions.viewing import edit_chosen

        await edit_chosen(self)

    def action_annotate(self) -> None:
        """Writes a note on the exchange."""
        from inspector_tui.actions.annotating import annotate_chosen

        annotate_chosen(self)

    @work(group="act")
    async def action_delete(self) -> None:
        """Deletes the capture, if the user says so; the cursor goes to its neighbour."""
        from inspector_tui.actions.deleting import delete_chosen

        if not await delete_chosen(self):
            return
        if self.library.single:
            self.app.exit()
            return
        self.remove_class("-opened")
        self.list_pane.view.focus()
        self.list_pane.sync()
        self.exchange_pane.open(None)

    def action_export(self) -> None:
        """Asks as what to export the exchange."""
        from inspector_tui.actions.dialogs import MenuDialog
        from inspector_tui.actions.exporting import CHOICES

        if self.chosen_or_told():
            self.app.push_screen(MenuDialog("Export as", CHOICES), self._export)

    def _export(self, form: str | None) -> None:
        from inspector_tui.actions.exporting import export_chosen

        if form is not None:
            self.run_worker(export_chosen(self, form), group="act")

    def action_replay(self) -> None:
        """Asks how to replay the exchange, or shows where it is replayed."""
        from inspector_tui.actions.dialogs import MenuDialog
        from inspector_tui.actions.replaying import CHOICES, ReplayDialog, answered

        path = self.chosen_or_told()
        if path is None:
            return
        running = self.replays.of(path)
        if running is None:
            self.app.push_screen(MenuDialog("Replay this exchange", CHOICES), self._replay)
            return

        def act(answer: str | None) -> None:
            self.run_worker(answered(self, running, answer), group="act")

        self.app.push_screen(ReplayDialog(running), act)

    def _replay(self, manner: str | None) -> None:
        from inspector_tui.actions.replaying import replay_chosen

        if manner is not None:
            self.run_worker(replay_chosen(self, self.replays, manner), group="act")

    @work(group="act")
    async def action_resend(self) -> None:
        """Sends the request once more, if the user says so."""
        from inspector_tui.actions.resending import resend_chosen

        await resend_chosen(self)
