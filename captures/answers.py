"""Every message of a stream: one as a rule, or several that were joined or asked for together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from captures.exchange import Exchange
from captures.message import Message


@dataclass(frozen=True, slots=True)
class Answer:
    """A message and what tells it from the others of its stream."""

    label: str
    """Such as ``message 1 of 2 · choice 2 of 3``; empty where the stream has no other."""
    message: Message
    is_current: bool
    """Whether it is of the message that grows, and not of one that another took the place of."""


def answers_of(exchange: Exchange) -> list[Answer]:
    """The messages of an exchange in order, each with its further choices behind it."""
    return labelled(exchange.messages())


def labelled(messages: Sequence[Message]) -> list[Answer]:
    """Messages of one stream in order, each with its further choices behind it."""
    found = []
    for number, message in enumerate(messages, start=1):
        of_stream = _label("message", number, len(messages))
        choices = (message, *message.alternatives)
        for place, choice in enumerate(choices, start=1):
            labels = (of_stream, _label("choice", place, len(choices)))
            label = " · ".join(label for label in labels if label)
            found.append(Answer(label, choice, number == len(messages)))
    return found


def _label(what: str, number: int, count: int) -> str:
    return f"{what} {number} of {count}" if count > 1 else ""
