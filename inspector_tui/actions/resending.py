"""Sending the request of an exchange once more: the program's own resend, after asking."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inspector_tui import palette
from inspector_tui.actions.chosen_screen import ChosenScreen
from inspector_tui.actions.commands import CommandError, lines_of, told, word_for
from inspector_tui.actions.dialogs import ConfirmDialog, Said
from inspector_tui.numbers import count_text


async def resend_chosen(screen: ChosenScreen) -> None:
    """Says what would be sent where with which key, and sends it if the user says so."""
    path = screen.chosen_or_told()
    if path is None:
        return
    try:
        words = ("resend", word_for(path), "--dry-run", "--json")
        plan = json.loads(await screen.commands.output_of(*words))
        dialog = ConfirmDialog("Send this request again?", told_plan(plan), "sends it")
        if await screen.ask(dialog):
            await _send(screen, path, plan["upstream"])
    except CommandError as error:
        screen.tell(str(error), error=True)


def told_plan(plan: Mapping[str, Any]) -> list[Said]:
    """What would be sent, as ``ssescope resend --dry-run --json`` tells it."""
    variables = " and ".join(f"${name}" for name in plan["variables"])
    size = f"{count_text(plan['bytes'])} bytes of body as recorded"
    said = [
        (f"{plan['method']} {plan['url']}", palette.STRONG),
        (f"{size}, {f'the key from {variables}' if variables else 'no key'}", palette.PLAIN),
    ]
    if plan["left_out"]:
        said.append((f"left out: {', '.join(plan['left_out'])}", palette.DIM))
    if variables and not plan["own_host"]:
        words = f"! This is not the provider's own host: {variables} goes to {plan['upstream']}"
        said.append((words, palette.WARNING))
    words = "It may cost money. The answer is recorded as an exchange of its own."
    return [*said, (words, palette.PLAIN)]


async def _send(screen: ChosenScreen, path: Path, upstream: str) -> None:
    """Sends it to the upstream that the user has seen, and tells how that went.

    Raises:
        CommandError: it was not sent, or the answer did not come whole.
    """
    words = ("resend", word_for(path), "--upstream", upstream, "--until-eof")
    process = await screen.commands.start(*words)
    screen.tell("Sent again; the answer shows up in the list")
    said = ""
    async for line in lines_of(process):
        said = line
    code = await process.wait()
    await screen.commands.end(process)
    if code:
        raise CommandError(told(said) or f"it ended with code {code}")
    screen.tell(f"Answered: {said}")
