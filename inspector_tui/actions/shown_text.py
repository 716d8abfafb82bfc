"""What is on the screen as a text for a pager, made safe, or for an editor, as it came. Pure."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from captures.answers import answers_of
from captures.body import Body
from captures.exchange import Exchange
from captures.message import ToolCall
from inspector_tui.cells import Row, row_text
from inspector_tui.documents import event_rows, request_head_rows
from inspector_tui.json_text import indented
from inspector_tui.lines import Lines
from inspector_tui.message_lines import described, ending_rows
from inspector_tui.safe import safe_text
from inspector_tui.tabs import Tab

MAX_ROWS = 20_000
"""Rows of a table that are handed on."""

PIECE_SIZE = 1024 * 1024
UNWRAPPED = 1_000_000
"""Cells of a row that no text is wrapped at."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text on its way out of the inspector."""

    name: str
    """Of the file it goes into: ours, nothing of a peer is in it."""
    pieces: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the user looks at."""

    exchange: Exchange
    tab: Tab
    event: int
    """The event under the cursor of the timeline."""
    lines: Lines
    """The rows under the tab."""

    @property
    def has_event(self) -> bool:
        """Whether there is an event under the cursor."""
        return 0 <= self.event < len(self.exchange.events)


def for_pager(shown: Shown) -> Document:
    """What is shown, safe for a terminal: what a peer sent cannot drive the pager's."""
    match shown.tab:
        case Tab.TIMELINE if shown.has_event:
            rows = event_rows(shown.exchange, shown.event, UNWRAPPED)
            return Document("event.txt", _of_rows(rows))
        case Tab.MESSAGE:
            return Document("message.txt", _message(shown.exchange))
        case Tab.RAW:
            return Document("body.txt", _safe_body(shown.exchange.body))
        case Tab.REQUEST:
            return Document("request.txt", _request(shown.exchange))
        case _:
            return Document("shown.txt", _table(shown.lines))


def for_editor(shown: Shown) -> Document:
    """What is shown as it came, byte for byte; a table as it is drawn."""
    exchange = shown.exchange
    match shown.tab:
        case Tab.TIMELINE if shown.has_event:
            return Document("event.txt", [exchange.raw(exchange.events[shown.event].frame)])
        case Tab.MESSAGE:
            return Document("message.txt", [exchange.message().text.encode("utf-8", "replace")])
        case Tab.RAW:
            return Document("body.txt", _body(exchange.body))
        case Tab.REQUEST:
            body = exchange.request_body
            return Document("request.json" if _is_json(body) else "request.txt", [body])
        case _:
            return for_pager(shown)


def _of_rows(rows: Iterable[Row]) -> Iterator[bytes]:
    for row in rows:
        yield row_text(row).rstrip().encode() + b"\n"


def _table(lines: Lines) -> Iterator[bytes]:
    count = len(lines)
    yield from _of_rows(lines.row(index) for index in range(min(count, MAX_ROWS)))
    if count > MAX_ROWS:
        yield f"… {count - MAX_ROWS:,} more rows\n".encode()


def _message(exchange: Exchange) -> Iterator[bytes]:
    for answer in answers_of(exchange):
        if answer.label:
            yield f"{safe_text(answer.label)}\n\n".encode()
        for part in answer.message.parts:
            title, _, text = described(part)
            if isinstance(part, ToolCall):
                text = _indented(text)
            yield f"── {safe_text(title)}\n{_safe(text)}\n\n".encode()
        yield from _of_rows(ending_rows(answer.message, "no stop reason arrived"))


def _request(exchange: Exchange) -> Iterator[bytes]:
    yield from _of_rows([*request_head_rows(exchange, UNWRAPPED), []])
    text = exchange.request_body.decode("utf-8", "backslashreplace")
    yield f"{_safe(_indented(text))}\n".encode()
    missing = exchange.request_size - len(exchange.request_body)
    if missing:
        yield f"… {missing:,} more bytes are in the capture file\n".encode()


def _body(body: Body) -> Iterator[bytes]:
    for start in range(0, body.size, PIECE_SIZE):
        yield body.bytes_between(start, min(body.size, start + PIECE_SIZE))


def _safe_body(body: Body) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    for piece in _body(body):
        yield _safe(decoder.decode(piece)).encode()
    yield _safe(decoder.decode(b"", final=True)).encode()


def _safe(text: str) -> str:
    return safe_text(text, newline="\n", tab="\t")


def _indented(text: str) -> str:
    try:
        return indented(text)
    except ValueError:
        return text


def _is_json(body: bytes) -> bool:
    try:
        indented(body.decode("utf-8", "replace"))
    except ValueError:
        return False
    return True
