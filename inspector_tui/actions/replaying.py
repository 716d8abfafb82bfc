"""Replays of single exchanges: the program's replay on a port of its own, as long as we run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from textual.events import Key

from inspector_tui import palette
from inspector_tui.actions.chosen_screen import ChosenScreen
from inspector_tui.actions.commands import CommandError, lines_of, told, word_for
from inspector_tui.actions.copying import copy_text
from inspector_tui.actions.dialogs import Choice, Dialog, EntryDialog, MenuDialog
from inspector_tui.actions.replays import Replay, Replays

WITH_A_FAULT = "fault"
CHOICES = (
    Choice("r", "As it was recorded", "same chunks, same times", " "),
    Choice("i", "At once", "without any wait", "--speed max"),
    Choice("4", "Four times as fast", "", "--speed 4"),
    Choice("c", "Cut inside every character", "as an unlucky network does", "--chunks code-point"),
    Choice("f", "With a fault …", "a cut, a stall, a lost event", WITH_A_FAULT),
)

LAST_LINE = "  chunks:"
"""How the line begins that a replay says when it has told where it answers."""


class ReplayDialog(Dialog[str | None]):
    """Where a replay answers; says what is to be done: copy, stop, or nothing."""

    def __init__(self, replay: Replay) -> None:
        said = [
            (f"at {replay.origin} {replay.manner}", palette.GOOD),
            ("", palette.PLAIN),
            *((line, palette.PLAIN) for line in replay.lines),
            ("", palette.PLAIN),
        ]
        keys = "y copies the lines · s stops it · Esc lets it run"
        super().__init__(f"Replaying {replay.path.stem}", keys, said)

    def on_key(self, event: Key) -> None:
        """Takes one of the keys."""
        event.stop()
        if event.key in {"y", "s", "r", "escape", "q", "enter"}:
            self.dismiss({"y": "copy", "s": "stop", "r": "stop"}.get(event.key))


async def options_of(screen: ChosenScreen, manner: str) -> list[str] | None:
    """How the exchange is served, as options of the command; None if the user does not want it.

    Args:
        screen: asks further where it must.
        manner: the answer of one of the choices.

    Raises:
        CommandError: the program cannot list its faults.
    """
    if manner != WITH_A_FAULT:
        return manner.split()
    listed = json.loads(await screen.commands.output_of("faults", "--json"))
    known = {each["name"]: each for each in listed}
    faults = [Choice("", name, each["does"], name) for name, each in known.items()]
    name = await screen.ask(MenuDialog("With the fault", faults))
    if name is None:
        return None
    usage = (known[name]["usage"], palette.DIM)
    keys = "Enter replays with it · Esc does not"
    fault = await screen.ask(EntryDialog("The fault", known[name]["example"], keys, [usage]))
    return ["--fault", fault] if fault else None


async def start(screen: ChosenScreen, path: Path, options: Sequence[str]) -> Replay:
    """A replay that has come up.

    Raises:
        CommandError: it does not come up. The message is what it says.
    """
    words = ["replay", word_for(path), "--port", "0", "--until-eof", *options]
    process = await screen.commands.start(*words)
    pasted: list[str] = []
    said = ""
    async for line in lines_of(process):
        if line.startswith("export "):
            pasted.append(line)
        if line.startswith(LAST_LINE) and pasted:
            origin = pasted[0].partition("=")[2].partition(" ")[0]
            return Replay(path, process, " ".join(options), origin, tuple(pasted))
        said = line
    await screen.commands.end(process)
    raise CommandError(told(said) or "the replay did not start")


async def replay_chosen(screen: ChosenScreen, replays: Replays, manner: str) -> None:
    """Starts a replay of the chosen exchange, and shows where it answers.

    Args:
        screen: knows the exchange.
        replays: take it in.
        manner: the answer of one of the choices.
    """
    path = screen.chosen_or_told()
    if path is None:
        return
    try:
        options = await options_of(screen, manner)
        if options is None:
            return
        replay = await start(screen, path, options)
    except CommandError as error:
        screen.tell(str(error), error=True)
        return
    replays.add(replay)
    screen.run_worker(_until_it_ends(screen, replays, replay), group="replay")
    await answered(screen, replay, await screen.ask(ReplayDialog(replay)))


async def answered(screen: ChosenScreen, replay: Replay, answer: str | None) -> None:
    """Does with a replay what its dialog was answered."""
    if answer == "copy":
        await copy_text(screen, "\n".join(replay.lines))
    elif answer == "stop":
        await screen.commands.end(replay.process)


async def _until_it_ends(screen: ChosenScreen, replays: Replays, replay: Replay) -> None:
    """Reads what it says, so that it never waits for us, and tells that it has ended."""
    said = ""
    async for line in lines_of(replay.process):
        said = line
    code = await replay.process.wait()
    await screen.commands.end(replay.process)
    replays.discard(replay)
    if code:
        words = f"The replay at {replay.origin} ended with code {code}: {told(said)}"
        screen.tell(words, error=True)
    else:
        screen.tell(f"The replay at {replay.origin} has ended")
