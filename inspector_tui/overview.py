"""The rows around the lists: top bar, verdict, summary, flow of tokens, keys. Pure."""

from __future__ import annotations

from datetime import datetime

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from captures.exchange import Exchange
from captures.message import Message, Usage
from captures.records import End
from captures.timing import Timing
from captures.verdict import Outcome, Verdict
from inspector_tui import palette
from inspector_tui.cells import Row, crop, join_fitting, row_width, spread
from inspector_tui.library import Counts
from inspector_tui.numbers import clock_text, count_text, plural, seconds_text, size_text
from inspector_tui.rows import STALLED_SECONDS
from inspector_tui.summary import started_at

_DOT = Segment(" · ", palette.FAINTER)
_SPACE = Segment("  ")


def top_bar_row(title: str, counts: Counts, follow: Row, width: int) -> Row:
    """The first row of the screen."""
    name = [
        Segment(" ssescope ", Style(color=palette.BACKGROUND, bgcolor=palette.ACCENT, bold=True))
    ]
    pieces: list[Row] = [[Segment(plural(counts.exchanges, "exchange"), palette.PLAIN)]]
    if counts.live:
        live = palette.OUTCOME_STYLES[Outcome.LIVE]
        pieces.append([Segment(f"● {count_text(counts.live)} live", live)])
    if counts.with_findings:
        words = " with findings" if width >= 100 else ""
        found = f"{count_text(counts.with_findings)}{words}"
        pieces.append([Segment("! ", palette.WARNING), Segment(found, palette.WARNING)])
    if counts.unread:
        pieces.append([Segment(f"{count_text(counts.unread)} not read yet", palette.FAINTER)])
    numbers = join_fitting(pieces, _DOT, width)
    room = width - row_width(name) - row_width(numbers) - row_width(follow) - 5
    left = [*name, Segment("  ")]
    if title and room > 8:
        left += [Segment(crop(title, room), palette.STRONG), Segment("   ")]
    return spread([*left, *numbers], follow, width)


def follow_row(following: bool, newer: int) -> Row:
    """Whether the focused list follows what is new, and how much it has not shown."""
    if following:
        return [Segment(" ▼ FOLLOW ", Style(color=palette.GREEN, bold=True))]
    words = f" ‖ PAUSED +{count_text(newer)} " if newer else " ‖ PAUSED "
    return [Segment(words, Style(color=palette.AMBER, bold=True))]


def verdict_row(verdict: Verdict, at_right: str, width: int) -> Row:
    """The verdict line: the first thing to read of an exchange."""
    background = Style(bgcolor=palette.OUTCOME_BACKGROUNDS[verdict.outcome])
    style = palette.OUTCOME_STYLES[verdict.outcome] + background
    headline = crop(verdict.headline, width - 5)
    note = f" {at_right} "
    if not at_right or cell_len(headline) + cell_len(note) + 5 > width:
        note = ""
    left = [Segment(f" {verdict.sign}  {headline}", style)]
    row = spread(left, [Segment(note, palette.DIM)] if note else [], width)
    return [Segment(text, (own or Style.null()) + background) for text, own, _ in row]


def summary_rows(exchange: Exchange, width: int, now: datetime) -> list[Row]:
    """Four rows: what was asked, the five first times, totals, and the proof of equal bytes."""
    inner = width - 2
    message, timing = exchange.message(), exchange.timing()
    return [
        [Segment(" "), *join_fitting(pieces, separator, inner)]
        for separator, pieces in (
            (_DOT, _identity(exchange, message.model, inner, now)),
            (_SPACE, _first_times(timing, inner)),
            (_SPACE, _totals(timing, message, len(exchange.events))),
            (_DOT, _proof(exchange)),
        )
    ]


def annotation_row(annotation: str, width: int) -> Row:
    """The user's own note, as much of it as fits one row."""
    return [Segment(" ✎ ", palette.WARNING), Segment(crop(annotation, width - 4), palette.PLAIN)]


def keys_row(keys: tuple[tuple[str, str], ...], width: int) -> Row:
    """The keys that matter here, as many as fit; the last, which tells of all others, always."""
    *pieces, last = (
        [Segment(key, palette.KEY), Segment(f" {words}", palette.DIM)] for key, words in keys
    )
    gap = Segment("   ")
    room = width - 1 - row_width([gap, *last])
    others = join_fitting(pieces, gap, room)
    return [Segment(" "), *others, *([gap] if others else []), *last]


def _pair(label: str, value: str, style: Style = palette.PLAIN) -> Row:
    return [Segment(f"{label} ", palette.FAINTER), Segment(value, style)]


def _identity(exchange: Exchange, model: str, width: int, now: datetime) -> list[Row]:
    request = exchange.request
    pieces: list[Row] = []
    if model:
        pieces.append([Segment(crop(model, 40), palette.STRONG)])
    if request.method:
        path = crop(request.path.partition("?")[0], max(12, width - 40))
        pieces.append([Segment(f"{crop(request.method, 10)} {path}", palette.PLAIN)])
    if exchange.head is not None and request.method:
        style = palette.ALARM if exchange.head.status >= 400 else palette.DIM
        pieces.append([Segment(f"HTTP {exchange.head.status}", style)])
    if exchange.dialect is not None:
        pieces.append([Segment(exchange.dialect.name, palette.DIM)])
    elif exchange.content_type:
        pieces.append([Segment(crop(exchange.content_type, 30), palette.DIM)])
    pieces.append([Segment(clock_text(started_at(request.started), now), palette.DIM)])
    pieces.append([Segment(crop(request.upstream, 40), palette.FAINTER)])
    return pieces


def _first_times(timing: Timing, width: int) -> list[Row]:
    head, *others = [
        _pair("head", seconds_text(timing.head)),
        _pair("byte", seconds_text(timing.first_byte)),
        _pair("event", seconds_text(timing.first_event)),
        _pair("token", seconds_text(timing.first_token)),
        _pair("text", seconds_text(timing.first_text), palette.STRONG),
    ]
    head = [Segment("first ", palette.DIM), *head]
    # The first byte and the first event tell least: they make room for the first text.
    while len(others) > 2 and sum(row_width(piece) + 2 for piece in (head, *others)) > width + 2:
        del others[0]
    return [head, *others]


def _totals(timing: Timing, message: Message, events: int) -> list[Row]:
    pieces = [_pair("total", seconds_text(timing.total), palette.STRONG)]
    gap: list[Row] = []
    stalled = timing.longest_gap >= STALLED_SECONDS
    if timing.longest_gap_event is not None:
        style = palette.ALARM if stalled else palette.PLAIN
        gap = [_pair("longest gap", seconds_text(timing.longest_gap), style)]
    if stalled:
        # What is wrong is the last to make room.
        pieces += gap
    if timing.wait_saved is not None:
        pieces.append(_pair("wait saved", seconds_text(timing.wait_saved), palette.GOOD))
    pieces += _tokens(message.usage)
    # Until the stop reason the provider has told only a provisional number of tokens.
    if timing.tokens_per_second is not None and message.stop_reason is not None:
        pieces.append([Segment(f"{timing.tokens_per_second:.1f} tok/s", palette.PLAIN)])
    if not stalled:
        pieces += gap
    pieces.append([Segment(plural(events, "event"), palette.DIM)])
    return pieces


def _tokens(usage: Usage) -> list[Row]:
    pieces: list[Row] = []
    if usage.input_tokens is not None:
        pieces.append([Segment(f"{count_text(usage.input_tokens)} in", palette.PLAIN)])
    if usage.output_tokens is not None:
        pieces.append([Segment(f"{count_text(usage.output_tokens)} out", palette.PLAIN)])
    return pieces


def _proof(exchange: Exchange) -> list[Row]:
    # Without a request there was no client that could have got anything else.
    if exchange.end is not None and exchange.request.method:
        return proof_pieces(exchange.end)
    chunks = plural(exchange.body.chunks.filled, "network chunk")
    return [
        [Segment(size_text(exchange.body.size), palette.DIM)],
        [Segment(chunks, palette.DIM)],
    ]


def short_proof(exchange: Exchange) -> str:
    """In a few words whether the client got the same bytes; empty as long as that is not known."""
    end = exchange.end
    if end is None or not exchange.request.method:
        return ""
    same = (end.upstream.size, end.upstream.sha256) == (end.client.size, end.client.sha256)
    return f"= same {size_text(end.upstream.size)}" if same else "≠ other bytes"


def proof_pieces(end: End) -> list[Row]:
    """Whether the client got the bytes that the upstream sent, and how much later."""
    upstream, client = end.upstream, end.client
    if (upstream.size, upstream.sha256) == (client.size, client.sha256):
        words = f"= same {count_text(upstream.size)} bytes to the client"
        digest = f"sha256 {crop(upstream.sha256[:12], 12)}"
        pieces: list[Row] = [[Segment(words, palette.GOOD)], [Segment(digest, palette.DIM)]]
    else:
        came, went = count_text(upstream.size), count_text(client.size)
        pieces = [[Segment(f"≠ {came} bytes came, {went} went to the client", palette.WARNING)]]
    if end.latency is not None:
        pieces.append([Segment(f"+{end.latency.p99 * 1000:.2f} ms p99", palette.DIM)])
    pieces.append([Segment(plural(upstream.chunks, "network chunk"), palette.DIM)])
    return pieces
