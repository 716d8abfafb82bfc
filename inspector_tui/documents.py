"""The texts of an exchange as rows: request, response head, findings, one event. Pure."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style

from captures.exchange import Exchange
from captures.findings.rule import Finding
from captures.records import Headers
from inspector_tui import palette
from inspector_tui.cells import Row, join_fitting, wrapped
from inspector_tui.json_rows import json_rows, text_rows
from inspector_tui.numbers import count_text, plural, seconds_text
from inspector_tui.overview import proof_pieces
from inspector_tui.row_index import shown_bytes
from inspector_tui.safe import safe_text

MAX_SHOWN_BODY = 256 * 1024
"""Bytes of a body that are shown as text; the capture file keeps them all."""

MAX_SHOWN_FRAME = 64 * 1024
"""Bytes of one event that are shown raw."""


def request_rows(exchange: Exchange, width: int) -> list[Row]:
    """The request: its line, its header fields, its body."""
    rows = [*request_head_rows(exchange, width), []]
    return rows + _body_rows(exchange.request_body, exchange.request_size, width)


def request_head_rows(exchange: Exchange, width: int) -> list[Row]:
    """The line of the request and its header fields."""
    request = exchange.request
    line = f"{request.method} {request.path} HTTP/{request.version}"
    rows = _indented(text_rows(line, width - 1, palette.STRONG))
    rows += _indented(text_rows(f"to {request.upstream}", width - 1, palette.DIM))
    return rows + _field_rows(request.headers, width)


def response_rows(exchange: Exchange, width: int) -> list[Row]:
    """The response head, how the exchange ended, and what the recorder noted."""
    head, end = exchange.head, exchange.end
    rows: list[Row] = []
    if head is None:
        rows.append([Segment(" no response head has arrived", palette.DIM)])
    else:
        line = f"HTTP/{head.version} {head.status} {head.reason}".rstrip()
        rows += _indented(text_rows(line, width - 1, palette.STRONG))
        rows += _field_rows(head.headers, width)
    if head is not None and not exchange.is_stream and exchange.body.size:
        rows.append([])
        shown = exchange.body.bytes_between(0, MAX_SHOWN_BODY)
        rows += _body_rows(shown, exchange.body.size, width)
    if end is not None:
        how = end.how.value.replace("_", " ")
        why = f" · {end.why}" if end.why else ""
        rows += [[], _heading("ending")]
        rows += _indented(text_rows(f"{how} after {seconds_text(end.time)}{why}", width - 1))
        rows.append([Segment(" "), *join_fitting(proof_pieces(end), Segment(" · "), width - 1)])
    if exchange.notes:
        rows += [[], _heading("notes of the recorder")]
    for note in exchange.notes:
        words = f"{note.time:.3f} s  {note.about}  {note.text}"
        rows += _indented(text_rows(words, width - 1, palette.DIM))
    return rows


def finding_rows(findings: list[Finding], width: int) -> tuple[list[Row], list[int]]:
    """The findings, and for each row the number of the finding it belongs to."""
    rows: list[Row] = []
    owners: list[int] = []
    for number, finding in enumerate(findings):
        block = [*_finding_block(finding, width), []]
        rows += block
        owners += [number] * len(block)
    if not rows:
        return [[Segment(" ✓ nothing was found wrong", palette.GOOD)]], []
    return rows, owners


def event_rows(exchange: Exchange, index: int, width: int) -> list[Row]:
    """Everything about one event: when it came, in which bytes and chunks, and what it says."""
    event = exchange.events[index]
    frame = event.frame
    inner = width - 1
    previous = exchange.events.times[index - 1] if index else None
    rows: list[Row] = [
        [
            Segment(f" event {index} ", palette.HEADING),
            Segment(f"· {safe_text(event.type, max_length=60)} ", palette.STRONG),
            Segment(f"· {event.kind.value.replace('_', ' ')}", palette.DIM),
        ]
    ]
    rows += _pairs(_when(frame.first_time, frame.last_time, previous), inner)
    rows += _pairs(_where(exchange, index), inner)
    for finding in exchange.findings_of(index):
        rows += [[], *_finding_block(finding, width)]
    rows.append([])
    if frame.data:
        pretty = json_rows(frame.data, inner)
        shown = frame.data[:MAX_SHOWN_FRAME]
        rows += _indented(pretty if pretty is not None else text_rows(shown, inner))
        rows.append([])
    stop = min(frame.stop, frame.start + MAX_SHOWN_FRAME)
    raw = shown_bytes(exchange.body.bytes_between(frame.start, stop)).replace("↵", "↵\n")
    rows.append(_heading("raw"))
    rows += _indented([[Segment(row, palette.DIM)] for row in wrapped(raw, inner)])
    if frame.size > MAX_SHOWN_FRAME:
        rest = f" … {count_text(frame.size - MAX_SHOWN_FRAME)} more bytes of this event"
        rows.append([Segment(rest, palette.WARNING)])
    return rows


def _when(first: float, last: float, previous: float | None) -> list[tuple[str, str]]:
    pairs = [("complete at", f"{last:.6f} s")]
    if last > first:
        pairs.append(("first byte", f"{seconds_text(last - first)} earlier"))
    if previous is not None:
        pairs.append(("gap", seconds_text(last - previous)))
    return pairs


def _where(exchange: Exchange, index: int) -> list[tuple[str, str]]:
    frame = exchange.events[index].frame
    first = exchange.body.chunk_at(frame.start)
    last = exchange.body.chunk_at(max(frame.start, frame.stop - 1))
    chunks = f"{first}"
    if last != first:
        chunks = f"{first} to {last}: split over {last - first + 1}"
    span = f"{count_text(frame.start)} to {count_text(frame.stop)} ({plural(frame.size, 'byte')})"
    pairs = [("bytes", span), ("network chunk" if last == first else "network chunks", chunks)]
    if frame.last_event_id:
        pairs.append(("id", safe_text(frame.last_event_id, max_length=60)))
    return pairs


def _finding_block(finding: Finding, width: int) -> list[Row]:
    rule = finding.rule
    style = palette.LEVEL_STYLES[rule.level]
    rows: list[Row] = [
        [
            Segment(f" {rule.level.value:<8}", style),
            Segment(f"{rule.code}  ", palette.DIM),
            Segment(rule.title, palette.STRONG),
        ]
    ]
    detail = finding.detail
    if finding.event is not None:
        detail = f"event {finding.event}: {detail}"
    for text, own in ((detail, palette.PLAIN), (rule.advice, palette.DIM)):
        rows += [[Segment(" " * 9), *row] for row in text_rows(text, width - 9, own)]
    return rows


def _heading(title: str) -> Row:
    return [Segment(f" {title}", palette.HEADING)]


def _field_rows(headers: Headers, width: int) -> list[Row]:
    rows: list[Row] = []
    for name, value in headers:
        shown = f"{safe_text(name)}: "
        hanging = 2
        for number, line in enumerate(wrapped(shown + safe_text(value), width - 1 - hanging)):
            of_name = line[: len(shown)] if number == 0 else ""
            prefix = " " * (1 if number == 0 else 1 + hanging)
            rows.append(
                [
                    Segment(prefix),
                    Segment(of_name, palette.JSON_NAME),
                    Segment(line[len(of_name) :], _value_style(value)),
                ]
            )
    return rows


def _value_style(value: str) -> Style:
    return palette.FAINTER if value.startswith("[redacted") else palette.PLAIN


def _body_rows(body: bytes, size: int, width: int) -> list[Row]:
    text = body[:MAX_SHOWN_BODY].decode("utf-8", "backslashreplace")
    pretty = json_rows(text, width - 1) if len(body) == size <= MAX_SHOWN_BODY else None
    rows = _indented(pretty if pretty is not None else text_rows(text, width - 1))
    if size > MAX_SHOWN_BODY:
        rest = f" … {count_text(size - MAX_SHOWN_BODY)} more bytes are in the capture file"
        rows.append([Segment(rest, palette.WARNING)])
    return rows if size else [[Segment(" no body", palette.DIM)]]


def _pairs(pairs: list[tuple[str, str]], width: int) -> list[Row]:
    pieces: list[Row] = [
        [Segment(f"{name} ", palette.FAINTER), Segment(value, palette.PLAIN)]
        for name, value in pairs
    ]
    return _indented([join_fitting(pieces, Segment(" · ", palette.RULE), width)])


def _indented(rows: list[Row]) -> list[Row]:
    return [[Segment(" "), *row] for row in rows]
