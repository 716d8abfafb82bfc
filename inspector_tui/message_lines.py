"""The message as it adds up: parts in order, each under its name, then how it stopped."""

from __future__ import annotations

from collections.abc import Hashable

from rich.segment import Segment
from rich.style import Style

from captures.answers import Answer, answers_of
from captures.exchange import Exchange
from captures.message import Message, OtherPart, Part, Refusal, Text, Thinking, ToolCall
from inspector_tui import palette
from inspector_tui.cells import Row, crop
from inspector_tui.flow import Flow
from inspector_tui.json_rows import json_rows
from inspector_tui.numbers import count_text, plural
from inspector_tui.rows import stop_reason_label
from inspector_tui.stretches import Stretches

_INDENT = 2


class MessageLines:
    """The message of one exchange as rows; while it grows only its end is wrapped again."""

    has_cursor = False

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._width = 0
        self._seen: Hashable = None
        self._revision = 0
        self._generation = 0
        self._flows: dict[tuple[int, int], Flow] = {}
        self._rows = Stretches(_INDENT, 0, 0)
        self.is_behind = False
        """Whether not all of the message has been wrapped into rows."""

    def update(self, width: int) -> None:
        """Takes in what the message has gained, a bounded part of each text at once."""
        seen = self._state()
        if width == self._width and seen == self._seen and not self.is_behind:
            return
        if width != self._width:
            self._forget_flows()
        self._width, self._seen = width, seen
        self._revision += 1
        self.is_behind = False
        self._rows = Stretches(_INDENT, self._generation, self._revision)
        for place, answer in enumerate(self._answers()):
            if place:
                self._rows.add([[]])
            if answer.label:
                self._rows.add([[Segment(f" {answer.label}", palette.STRONG)], []])
            for number, part in enumerate(answer.message.parts):
                self._add_part((place, number), part)
            self._rows.add(self._ending_rows(answer))

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, index: int) -> Hashable:
        """A row of a text stays as it is while its span does."""
        return self._rows.key(index)

    def row(self, index: int) -> Row:
        """The row at this place."""
        return self._rows.row(index)

    def _forget_flows(self) -> None:
        """Wraps every text anew, since what comes does not begin with what was there."""
        self._flows.clear()
        self._generation += 1

    def _state(self) -> Hashable:
        """As long as it is the same, so is the message."""
        return len(self._exchange.events), self._exchange.live

    def _answers(self) -> list[Answer]:
        return answers_of(self._exchange)

    def _ending_rows(self, answer: Answer) -> list[Row]:
        growing = answer.is_current and self._exchange.live
        words = None if growing else "no stop reason arrived"
        return ending_rows(answer.message, words)

    def _add_part(self, number: tuple[int, int], part: Part) -> None:
        """Adds the rows of one part, and an empty one."""
        title, style, text = described(part)
        self._rows.add([_heading(title, self._width)])
        pretty = None
        if isinstance(part, ToolCall | OtherPart):
            pretty = json_rows(text, self._width - _INDENT)
        if pretty is not None:
            self._rows.add([[Segment(" " * _INDENT), *row] for row in pretty])
        else:
            flow = self._flows.setdefault(number, Flow(self._width - _INDENT))
            flow.feed(text)
            self.is_behind |= flow.is_behind
            self._rows.add_text(flow, style)
        self._rows.add([[]])


def _heading(title: str, width: int) -> Row:
    shown = crop(title, width - 4)
    rule = "─" * max(0, width - len(shown) - 4)
    return [Segment(" "), Segment(shown, palette.HEADING), Segment(f" {rule}", palette.RULE)]


def described(part: Part) -> tuple[str, Style, str]:
    """Title, style and text of a part."""
    match part:
        case Text(text=text):
            return "text", palette.PLAIN, text
        case Refusal(text=text):
            return "refusal", palette.WARNING, text
        case Thinking(text=text):
            return "thinking", palette.THINKING_DELTA, text
        case ToolCall(name=name, id=call, arguments=arguments):
            state = "" if part.finished else " · still open"
            if part.finished and not part.arguments_are_valid:
                state = " · arguments are not valid JSON"
            return f"tool call {name} · {call}{state}", palette.TOOL_DELTA, arguments
        case OtherPart(type=type_, content=content):
            return type_, palette.DIM, content


def ending_rows(message: Message, missing: str | None) -> list[Row]:
    """How a message stopped and what it took.

    Args:
        message: as far as it has come.
        missing: what is said where there is no stop reason; None where it may still come.
    """
    rows: list[Row] = []
    if message.error is not None:
        words = f"error: {message.error.type}: {message.error.message}"
        rows.append([Segment(" "), Segment(crop(words, 400), palette.ALARM)])
    if message.stop_reason is not None:
        rows.append([Segment(" "), stop_reason_label(message.stop_reason)])
    elif missing is None:
        rows.append([Segment(" ▌", palette.CURSOR_MARK)])
    else:
        rows.append([Segment(f" {missing}", palette.WARNING)])
    usage = message.usage
    pieces = [
        f"{count_text(count)} {words}"
        for count, words in (
            (usage.input_tokens, "input tokens"),
            (usage.output_tokens, "output tokens"),
            (usage.cache_read_tokens, "read from cache"),
            (usage.cache_write_tokens, "written to cache"),
        )
        if count is not None
    ]
    if pieces:
        pieces.append(plural(len(message.text), "character"))
        rows.append([Segment(f" {' · '.join(pieces)}", palette.DIM)])
    return rows
