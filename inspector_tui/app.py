"""The inspector's application and its entry point."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import LineFilter

from inspector_tui.keymap import bindings
from inspector_tui.library import Library
from inspector_tui.line_view import LineView
from inspector_tui.recolouring import recolouring
from inspector_tui.safe_filter import SafeFilter
from inspector_tui.screen import InspectorScreen
from inspector_tui.serving import is_served
from inspector_tui.terminal_driver import TerminalDriver
from inspector_tui.themes import ANSI, DARK, LIGHT, look_named

FRAMES_PER_SECOND = 10.0
FRAMES_PER_SECOND_REMOTE = 5.0
EXIT_NO_TERMINAL = 2
SECONDS_BETWEEN_LOOKS = 1.0
MAX_KEYS_AHEAD = 100
"""Keys typed before the first frame that are heeded; of more, the last."""

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class InspectorApp(App[None]):
    """Shows the captures under one path."""

    TITLE = "ssescope"
    ENABLE_COMMAND_PALETTE = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+q,ctrl+c",
            "quit",
            "Quit at once",
            show=False,
            priority=True,
            system=True,
            id="quit",
        ),
        Binding(
            "ctrl+z",
            "suspend_process",
            "To the shell",
            show=False,
            priority=True,
            id="suspend",
        ),
    ]

    def __init__(
        self,
        library: Library,
        *,
        title: str = "",
        fps: float = 0.0,
        program: Sequence[str] = (),
        theme: str = DARK,
        keys: Mapping[str, str] | None = None,
        at_ready: Callable[[], None] = lambda: None,
    ) -> None:
        """The application over a library.

        Args:
            library: the captures.
            title: what the top bar says beside the program's name.
            fps: how often a second the screen is drawn at most; 0 leaves that to the caller.
            program: the words that start ssescope in a process of its own.
            theme: one of `inspector_tui.themes.theme_names`.
            keys: keys by the id of their binding, with commas between them.
            at_ready: is called once, when the first screen has been drawn.
        """
        # Without colours what a background tells must be told by reversing.
        without_colours = "NO_COLOR" in os.environ
        super().__init__(
            driver_class=None if is_served(os.environ) else TerminalDriver,
            ansi_color=True if without_colours else None,
        )
        self._theme_name = ANSI if without_colours else theme
        self._changed_keys = dict(keys or {})
        self._at_ready = at_ready
        self._program = tuple(program)
        self.library = library
        self._top_title = title
        self._fps = fps
        self._safe_filter = SafeFilter()
        self._started_by = os.getppid()
        self._is_ready = False
        self._typed_ahead: deque[events.Key] = deque(maxlen=MAX_KEYS_AHEAD)

    def get_default_screen(self) -> InspectorScreen:
        """The one screen."""
        keys = bindings(self._changed_keys)
        return InspectorScreen(self.library, self._top_title, self._fps, self._program, keys)

    async def on_event(self, event: events.Event) -> None:
        """Keys act in the order they are typed; before there is a screen they wait for it."""
        if not self._is_ready and isinstance(event, events.InputEvent):
            if isinstance(event, events.Key):
                self._typed_ahead.append(event)
        elif not await self._acts(event):
            await super().on_event(event)

    async def _acts(self, event: events.Event) -> bool:
        """Does what a key is bound to, where there is nothing to type in.

        Textual sends a key through the queues of the focused widget and all around it first; a
        key that comes in one go with it may have another effect by then, or another focus.
        """
        if not isinstance(event, events.Key) or event.is_forwarded:
            return False
        if not isinstance(self.focused, LineView):
            return False
        first = await self._check_bindings(event.key, priority=True)
        return first or await self._check_bindings(event.key)

    def on_ready(self) -> None:
        """Shows what there is."""
        screen = self.screen_stack[0]
        if isinstance(screen, InspectorScreen):
            screen.tick()
            screen.call_after_refresh(self._complete, screen)

    async def _complete(self, screen: InspectorScreen) -> None:
        """After the first frame, makes what is not in it, and takes the keys that waited."""
        await screen.complete()
        self._is_ready = True
        self._at_ready()
        for event in self._typed_ahead:
            self.post_message(event)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and the net that holds control characters back."""
        repaint = recolouring(self._theme_name)
        filters = [*super().get_line_filters(), self._safe_filter]
        return filters if repaint is None else [repaint, *filters]

    def on_mount(self) -> None:
        """Takes the colours, and leaves the terminal clean on a signal."""
        for name in (DARK, LIGHT, ANSI):
            self.register_theme(look_named(name).theme)
        self.action_choose_theme(self._theme_name)
        self.set_keymap(self._changed_keys)
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in _SIGNALS:
                loop.add_signal_handler(number, self.exit, None, 128 + number)
            signal.signal(signal.SIGCONT, lambda _number, _frame: self._go_on())
            self.set_interval(SECONDS_BETWEEN_LOOKS, self._leave_a_terminal_that_is_gone)

    def action_choose_theme(self, name: str) -> None:
        """Shows everything in the colours of another theme, one of `theme_names`."""
        self._theme_name = name
        self.theme = name

    def _go_on(self) -> None:
        """After a SIGSTOP, which no program sees coming, the shell may have used the terminal.

        Textual would start its threads a second time, and could not end them all.
        """
        driver = self._driver
        if isinstance(driver, LinuxDriver):
            if not driver._must_signal_resume:  # noqa: SLF001
                driver.suspend_application_mode()
                driver._must_signal_resume = True  # noqa: SLF001
            driver.resume_application_mode()

    def _leave_a_terminal_that_is_gone(self) -> None:
        """A closed terminal need not send SIGHUP, and Textual would read its end for ever.

        So it would that of the server that showed it in a browser, when that was killed.
        """
        gone = os.getppid() != self._started_by if self.is_web else not has_terminal()
        if gone:
            self.exit(return_code=128 + signal.SIGHUP)


def has_terminal() -> bool:
    """Whether keys can be read from standard input and the screen drawn on standard error."""
    streams = (sys.__stdin__, sys.__stderr__)
    return all(stream is not None and os.isatty(stream.fileno()) for stream in streams)


def _keep_what_is_loaded() -> None:
    """Spares the collector of garbage what stays to the end; who started us may have stopped it."""
    gc.freeze()
    gc.enable()


def run(
    path: Path,
    *,
    fps: float | None = None,
    mouse: bool = True,
    title: str = "",
    program: Sequence[str] = (),
    theme: str = DARK,
    keys: Mapping[str, str] | None = None,
) -> int:
    """Shows the captures in a folder, or one capture file, until the user quits.

    Args:
        path: capture folder or capture file. A folder that is not there yet is waited for.
        fps: how often a second the screen is drawn at most; by default 10, over SSH 5.
        mouse: whether to take the mouse; without it the terminal's own selection works.
        title: what the top bar says beside the program's name, by default the path.
        program: the words that start ssescope in a process of its own; without them nothing is
            exported, replayed or sent again.
        theme: one of `inspector_tui.themes.theme_names`.
        keys: keys by the id of their binding, with commas between them.

    Returns:
        The exit code: 0, 2 without a terminal, 128 and the number of the signal that ended it.
    """
    if not (has_terminal() or is_served(os.environ)):
        sys.stderr.write("The inspector needs a terminal on its standard input and error.\n")
        return EXIT_NO_TERMINAL
    if fps is None:
        remote = "SSH_CONNECTION" in os.environ
        fps = FRAMES_PER_SECOND_REMOTE if remote else FRAMES_PER_SECOND
    library = Library(path)
    app = InspectorApp(
        library,
        title=title or str(path),
        fps=fps,
        program=program,
        theme=theme,
        keys=keys,
        at_ready=_keep_what_is_loaded,
    )
    try:
        app.run(mouse=mouse)
    finally:
        library.close()
    return app.return_code or 0
