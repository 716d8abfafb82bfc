"""The one screen: bars, list and exchange. It composes, routes keys, and keeps the pace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Key
from textual.widget import Widget
from textual.widgets import Input

from inspector_tui.cells import Row
from inspector_tui.exchange_pane import ExchangePane
from inspector_tui.focusing import focus_at_once
from inspector_tui.key_bar import KeyBar
from inspector_tui.keymap import Bound, View, bindings
from inspector_tui.library import Library
from inspector_tui.line_view import LineView
from inspector_tui.list_pane import ListPane
from inspector_tui.overview import follow_row, keys_row, top_bar_row
from inspector_tui.panes_screen import PanesScreen
from inspector_tui.row_bar import RowBar
from inspector_tui.tabs import GROWING, Tab

WORK_SECONDS = 0.010
"""Reading and folding at one go: less than the time of one frame."""

CATCH_UP_SECONDS = 0.001
"""Pause between two goes while there is a backlog; keys are served in it."""


class InspectorScreen(PanesScreen):
    """List on the left and exchange on the right, or one of the two where it is narrow."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - Textual's type
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall"), (42, "-roomy")]  # noqa: RUF012

    DEFAULT_CSS = """
    InspectorScreen {
        background: $background;
        #top-bar, #keys { background: $surface; }
        Input {
            background: $panel; color: $foreground; height: 1; padding: 0 1;
            border-left: wide $accent;
        }
        &.-tall #summary, &.-roomy #summary { height: 4; }
        &.-short #event-detail { height: 12; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False, id="back"),
        Binding("q", "back(True)", "Back, or quit", show=False, id="back-or-quit"),
        Binding("question_mark", "help", "These keys", show=False, id="help"),
        Binding("F", "follow", "Follow, or pause", show=False, id="follow"),
        Binding("d", "diff", "Compare with the mark", show=False, id="diff"),
        Binding("slash", "find", "Filter, or search", show=False, id="find"),
        Binding("n", "find_next(1)", "Next match", show=False, id="next-match"),
        Binding("N", "find_next(-1)", "Previous match", show=False, id="previous-match"),
        Binding(
            "right_square_bracket",
            "finding(1)",
            "Next finding",
            show=False,
            id="next-finding",
        ),
        Binding(
            "left_square_bracket",
            "finding(-1)",
            "Previous finding",
            show=False,
            id="previous-finding",
        ),
        *(
            Binding(
                str(number), f"tab({number - 1})", str(tab), show=False, id=f"tab-{tab.view_id}"
            )
            for number, tab in enumerate(Tab, 1)
        ),
    ]

    def __init__(
        self,
        library: Library,
        title: str,
        frames_per_second: float,
        program: Sequence[str] = (),
        keys: Sequence[Bound] | None = None,
    ) -> None:
        super().__init__(library, program)
        self.keys = bindings() if keys is None else keys
        self._key_bar = KeyBar(self.keys)
        self._library = library
        self._title = title
        self._frames_per_second = frames_per_second
        self._behind = False
        self._is_complete = library.single
        """Whether both panes are there: of a folder the list is drawn first, by itself."""

    def compose(self) -> ComposeResult:
        """Top bar, the two panes, the keys."""
        yield RowBar(id="top-bar")
        with Horizontal(id="panes"):
            yield ListPane(self._library)
            if self._library.single:
                yield ExchangePane(self._library)
        yield RowBar(id="keys")

    def on_mount(self) -> None:
        """Starts to tick; a single capture is opened at once."""
        self.set_class(self._library.single, "-single")
        if self._library.single:
            self.exchange_pane.open(self._library.path)
            self._enter_exchange()
        else:
            focus_at_once(self.list_pane.view)
        if self._frames_per_second > 0:
            self.set_interval(1 / self._frames_per_second, self.tick)
        self.call_after_refresh(self.tick)

    async def complete(self) -> None:
        """Makes the pane of the exchange, which costs as much as all the rest."""
        if self._is_complete or not self.is_attached:
            return
        pane = ExchangePane(self._library)
        await self.query_one("#panes").mount(pane)
        # Who quits meanwhile takes it away again.
        if pane.is_attached:
            self._is_complete = True
            self.tick()

    def tick(self) -> None:
        """Reads for a moment, then draws what changed."""
        self._advance()
        if _terminal_is_behind(self):
            return
        self.list_pane.sync()
        if not self._is_complete:
            self._draw_bars()
            return
        if not self._library.single and not self.has_class("-opened") and self.shows_both:
            self.exchange_pane.open(self.list_pane.selected)
        self.exchange_pane.sync()
        self._draw_bars()

    def action_back(self, or_quit: bool = False) -> None:
        """One step back: out of the detail, the exchange, the filter; then out of the program."""
        pane, focused = self.exchange_pane, self.focused
        if focused is pane.detail.view:
            pane.leave_detail()
        elif self.has_class("-opened") and not self._library.single:
            self._enter_list()
        elif not or_quit and self.list_pane.filter:
            self.list_pane.end_filter(keep=False)
        elif or_quit:
            self.app.exit()

    def action_help(self) -> None:
        """Shows the keys."""
        from inspector_tui.help_screen import HelpScreen  # noqa: PLC0415 - first needed here

        self.app.push_screen(HelpScreen(self.keys, self.seen))

    def action_follow(self) -> None:
        """Follows what is new in the view that has the focus, or pauses there."""
        view = self._followed_view
        if view is None:
            return
        if view.follow:
            view.follow = False
        else:
            view.start_following()
        self.tick()

    def action_tab(self, number: int) -> None:
        """Shows a view of the exchange by its number, from 0."""
        self.exchange_pane.choose_tab(list(Tab)[number])
        self._enter_exchange()

    def action_diff(self) -> None:
        """Compares the two marked exchanges, or the marked one with this one."""
        pane = self.exchange_pane
        pair = self.list_pane.pair(pane.path if self.has_class("-opened") else None)
        if isinstance(pair, str):
            self.notify(pair, markup=False)
            return
        pane.open(pair[1])
        pane.compare_with(pair[0])
        pane.choose_tab(Tab.DIFF)
        self._enter_exchange()

    def action_find(self) -> None:
        """Filters the list, or searches in the events, after where the focus is."""
        if self.has_class("-opened"):
            self.exchange_pane.start_search()
        else:
            self.list_pane.start_filter()

    def action_find_next(self, step: int) -> None:
        """Goes to the next event that has the searched text, or the one before."""
        self.exchange_pane.find_next(step)

    def action_finding(self, step: int) -> None:
        """Goes to the next event that a finding speaks of, or the one before."""
        event = self.exchange_pane.next_finding(step)
        if event is None:
            where = "further down" if step > 0 else "further up"
            self.notify(f"No event with a finding {where}", markup=False)
            return
        self._enter_exchange()
        self.exchange_pane.jump_to(event)

    def on_line_view_cursor_moved(self, message: LineView.CursorMoved) -> None:
        """Shows what the cursor has come to."""
        if message.view is self.list_pane.view:
            self.list_pane.cursor_moved()
            if self.shows_both and self._is_complete:
                self.exchange_pane.open(self.list_pane.selected)
        else:
            self.exchange_pane.sync_detail()
        self._draw_bars()

    def on_line_view_chosen(self, message: LineView.Chosen) -> None:
        """Opens the exchange, the event, or the event of the finding under the cursor."""
        pane = self.exchange_pane
        if message.view is self.list_pane.view:
            self.list_pane.cursor_moved()
            pane.open(self.list_pane.selected)
            self._enter_exchange()
        elif pane.has_detail:
            pane.enter_detail()
        elif (event := pane.finding_event()) is not None:
            pane.jump_to(event)
        else:
            self.notify("This finding is about the exchange as a whole", markup=False)

    def on_descendant_focus(self) -> None:
        """Tells the panes apart; who reads an exchange is not sent to the next one."""
        focused = self.focused
        opened = focused is not None and any(
            isinstance(each, ExchangePane) for each in focused.ancestors
        )
        self.set_class(opened, "-opened")
        if opened:
            self.list_pane.view.follow = False
        self._draw_bars()

    def on_key(self, event: Key) -> None:
        """Leaves an input line with Escape."""
        if event.key != "escape" or not isinstance(self.focused, Input):
            return
        event.stop()
        if self.focused.id == "filter":
            self.list_pane.end_filter(keep=False)
        else:
            self.exchange_pane.end_search(keep=False)

    def on_resize(self) -> None:
        """Draws everything for the new size."""
        self.call_after_refresh(self.tick)

    @property
    def seen(self) -> View:
        """The view that the keys act on."""
        return View.EXCHANGE if self.has_class("-opened") else View.LIST

    @property
    def _followed_view(self) -> LineView | None:
        """The view that can follow and has the focus."""
        if not self.has_class("-opened"):
            return self.list_pane.view
        pane = self.exchange_pane
        live = pane.exchange is not None and pane.exchange.live
        return pane.view if live and pane.tab in GROWING else None

    def _enter_exchange(self) -> None:
        self.add_class("-opened")
        focus_at_once(self.exchange_pane.view)

    def _enter_list(self) -> None:
        self.remove_class("-opened")
        focus_at_once(self.list_pane.view)

    def _advance(self) -> None:
        behind = self._library.advance(WORK_SECONDS)
        if behind and not self._behind and self._frames_per_second > 0:
            self.set_timer(CATCH_UP_SECONDS, self._catch_up)
        self._behind = behind

    def _catch_up(self) -> None:
        """Goes on reading between two frames, as long as there is a backlog."""
        self._behind = False
        self._advance()

    def _draw_bars(self) -> None:
        width = self.size.width
        view = self._followed_view
        following: Row = follow_row(view.follow, view.newer) if view is not None else []
        bar = top_bar_row(self._title, self._library.counts(), following, width)
        self.query_one("#top-bar", RowBar).show(bar)
        self.query_one("#keys", RowBar).show(keys_row(self._key_bar.keys(self.seen), width))
        self.draw_replays()


def _terminal_is_behind(widget: Widget) -> bool:
    """Whether frames wait to be written, because the terminal does not read them."""
    driver = getattr(widget.app, "_driver", None)
    queue = getattr(getattr(driver, "_writer_thread", None), "_queue", None)
    return queue is not None and queue.qsize() > 0
