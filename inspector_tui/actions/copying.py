"""Copying a part of an exchange."""

from __future__ import annotations

import asyncio
import os
from enum import StrEnum

from captures.exchange import Exchange
from captures.message_fields import message_fields
from inspector_tui.actions.chosen_screen import ChosenScreen
from inspector_tui.actions.commands import CommandError, word_for
from inspector_tui.actions.dialogs import Choice
from inspector_tui.clipboard import copy
from inspector_tui.json_text import copied_json, copied_json_text
from inspector_tui.safe import without_controls


class What(StrEnum):
    """What is copied, by its name."""

    TEXT = "message text"
    EVENT = "event"
    DATA = "data of the event"
    MESSAGE = "message as JSON"
    REQUEST = "request body"
    CURL = "curl command"
    PATH = "path of the capture"


CHOICES = (
    Choice("t", "Message text", "as it adds up (also y)", What.TEXT),
    Choice("e", "Event as it came", "the one under the cursor (also Y)", What.EVENT),
    Choice("d", "Data of the event", "as indented JSON", What.DATA),
    Choice("m", "Message", "as indented JSON", What.MESSAGE),
    Choice("b", "Request body", "as indented JSON", What.REQUEST),
    Choice("u", "curl command", "with variables for the secrets", What.CURL),
    Choice("p", "Path of the capture", "", What.PATH),
)

OF_AN_EVENT = frozenset({What.EVENT, What.DATA})
"""What needs an event under the cursor."""


class NothingToCopyError(Exception):
    """There is no such thing. The message says so."""


def copied_text(what: What, exchange: Exchange, event: int) -> str:
    """The text to copy, with control and bidirectional characters made visible.

    Args:
        what: any but the curl command and the path, for which more than the exchange is needed.
        exchange: as far as it has been read.
        event: the number of the event under the cursor.

    Raises:
        NothingToCopyError: the exchange has no such thing.
    """
    match what:
        case What.TEXT:
            text = without_controls(exchange.message().text)
        case What.EVENT:
            text = without_controls(_raw_event(exchange, event))
        case What.DATA:
            text = _event_data(exchange, event)
        case What.MESSAGE:
            text = copied_json([message_fields(message) for message in exchange.messages()])
            if len(exchange.messages()) == 1:
                text = copied_json(message_fields(exchange.message()))
        case _:
            text = _request_body(exchange)
    if not text:
        raise NothingToCopyError(f"There is no {what} to copy")
    return text


def _raw_event(exchange: Exchange, event: int) -> str:
    if not 0 <= event < len(exchange.events):
        return ""
    return exchange.raw(exchange.events[event].frame).decode("utf-8", "backslashreplace")


def _event_data(exchange: Exchange, event: int) -> str:
    data = exchange.events[event].frame.data if 0 <= event < len(exchange.events) else ""
    try:
        return copied_json_text(data) if data else ""
    except ValueError:
        raise NothingToCopyError(
            "The data of this event is no JSON; Y copies it as it came"
        ) from None


def _request_body(exchange: Exchange) -> str:
    missing = exchange.request_size - len(exchange.request_body)
    if missing:
        raise NothingToCopyError(
            f"The request body is too large to copy: {exchange.request_size:,} bytes"
        )
    text = exchange.request_body.decode("utf-8", "backslashreplace")
    try:
        return copied_json_text(text)
    except ValueError:
        return without_controls(text)


async def copy_chosen(screen: ChosenScreen, what: What) -> None:
    """Copies a part of the chosen exchange, and tells by which way."""
    try:
        text = await _text_of(screen, what)
    except (NothingToCopyError, CommandError) as error:
        screen.tell(str(error), error=isinstance(error, CommandError))
        return
    if text:
        await copy_text(screen, text)


async def copy_text(screen: ChosenScreen, text: str) -> None:
    """Copies a safe text, and tells by which way."""
    escapes: list[str] = []
    words = await asyncio.to_thread(copy, text, escapes.append, os.environ)
    for shown in escapes:
        screen.app.copy_to_clipboard(shown)
    screen.tell(words)


async def _text_of(screen: ChosenScreen, what: What) -> str:
    path, pane = screen.chosen_or_told(), screen.exchange_pane
    if path is None:
        return ""
    if what is What.PATH:
        return without_controls(word_for(path))
    if what is What.CURL:
        command = await screen.commands.output_of("export", word_for(path), "--format", "curl")
        return without_controls(command.rstrip("\n"))
    if what in OF_AN_EVENT:
        if not (pane.display and pane.path == path and pane.exchange):
            raise NothingToCopyError("Open the exchange: its event under the cursor is copied")
        return copied_text(what, pane.exchange, pane.event)
    exchange = await screen.read()
    return copied_text(what, exchange, pane.event) if exchange is not None else ""
