"""When things happened in an exchange, and who was waited for, as rows. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import ceil

from rich.segment import Segment
from rich.style import Style

from captures.exchange import Exchange
from captures.stalls import Side, idle_side, stall_words
from captures.timing import Timing
from captures.token_times import InterToken
from captures.waits import waits_of
from inspector_tui import palette
from inspector_tui.cells import Row, join_fitting
from inspector_tui.json_rows import text_rows
from inspector_tui.numbers import count_text, plural, seconds_text, share_bar, size_text
from inspector_tui.rows import SLOW_SECONDS, STALLED_SECONDS

GAP_BOUNDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds between the classes of the histogram: steps of about two, on a logarithmic scale."""

MAX_STALLS = 20
"""Stalls that are told one by one."""

_LABEL = 16
_WAITING, _READING = "░", "█"
_BETWEEN = Segment("  ")


def timing_rows(exchange: Exchange, gap_counts: Sequence[int], width: int) -> list[Row]:
    """Every time of an exchange.

    Args:
        exchange: as far as it has come.
        gap_counts: for each class of ``GAP_BOUNDS``, and for longer ones, how many waits between
            tokens were in it.
        width: cells of a row.
    """
    if not exchange.is_timed:
        return [[Segment(" no times: the body was saved without them", palette.DIM)]]
    timing = exchange.timing()
    latest = _latest(exchange, timing)
    rows = _first_time_rows(timing, latest, width)
    if exchange.is_stream and timing.first_text is not None and latest:
        rows += [[], *_streaming_rows(timing.first_text, latest, width)]
    if exchange.events and latest:
        rows += [[], *_lane_rows(exchange, latest, width)]
    if (waits := exchange.inter_token()) is not None:
        rows += [[], *_token_rows(waits, timing, width), *_histogram_rows(gap_counts, width)]
    if exchange.is_stream:
        rows += [[], *_stall_rows(exchange, width)]
    return rows


def gap_class(seconds: float) -> int:
    """The class of the histogram a wait falls into."""
    return bisect_left(GAP_BOUNDS, seconds)


def _latest(exchange: Exchange, timing: Timing) -> float:
    """The end of the exchange, or how far it has come."""
    if timing.total is not None:
        return timing.total
    last = exchange.events[-1].frame.last_time if exchange.events else timing.first_byte
    return last or timing.head or 0.0


def _first_time_rows(timing: Timing, latest: float, width: int) -> list[Row]:
    rows = [_heading("first times", "seconds since the request")]
    cells = max(0, width - 3 - _LABEL - 9 - 1)
    for name, seconds, style in (
        ("response head", timing.head, palette.DIM),
        ("first byte", timing.first_byte, palette.DIM),
        ("first event", timing.first_event, palette.DIM),
        ("first token", timing.first_token, palette.PLAIN),
        ("first text", timing.first_text, palette.STRONG),
        ("last token", timing.last_token, palette.PLAIN),
        ("stop reason", timing.stop_reason, palette.DIM),
        ("total", timing.total, palette.STRONG),
    ):
        share = 0.0 if seconds is None or not latest else seconds / latest
        bar = share_bar(share, cells)
        rows.append(_measure(name, seconds_text(seconds), style, Segment(bar, palette.BAR)))
    if timing.held_open is not None and timing.held_open >= STALLED_SECONDS:
        words = f"the connection stayed open for another {seconds_text(timing.held_open)}"
        rows.append([Segment(f"   {words}", palette.WARNING)])
    return rows


def _streaming_rows(first_text: float, latest: float, width: int) -> list[Row]:
    cells = max(10, width - 3 - _LABEL - 9 - 1)
    waited = min(cells, ceil(first_text / latest * cells))
    saved = f"{seconds_text(latest - first_text)} of waiting saved"
    streaming = [
        Segment(_WAITING * waited, palette.FAINTER),
        Segment(_READING * (cells - waited), palette.GOOD),
    ]
    at_once = [Segment(_WAITING * (cells - 1), palette.FAINTER), Segment(_READING, palette.GOOD)]
    return [
        _heading("first word after", saved),
        _measure("streaming", seconds_text(first_text), palette.STRONG, *streaming),
        _measure("not streaming", seconds_text(latest), palette.PLAIN, *at_once),
    ]


def _lane_rows(exchange: Exchange, latest: float, width: int) -> list[Row]:
    """The stream from left to right: where bytes came, and where who was waited for."""
    cells = max(10, width - 4)
    lane = blame_lane(exchange, latest, cells)
    row: Row = [Segment("   ")]
    for kind in lane:
        row.append(Segment(kind, _LANE_STYLES[kind]))
    legend: list[Row] = [
        [Segment(sign, _LANE_STYLES[sign]), Segment(f" {words}", palette.DIM)]
        for sign, words in _LANE_SIGNS
        if sign in lane
    ]
    rows = [
        _heading("who was waited for", f"from the request to {seconds_text(latest)}"),
        row,
        [Segment("   "), *join_fitting(legend, _BETWEEN, width - 3)],
    ]
    if (waits := waits_of(exchange)) is not None:
        words = (
            f"{seconds_text(waits.upstream)} for the upstream · "
            f"{seconds_text(waits.client)} for the client · "
            f"{waits.proxy * 1000:.2f} ms at most for ssescope, a chunk"
        )
        rows += _indented(words, width)
    return rows + _buffering_rows(exchange, width)


def _buffering_rows(exchange: Exchange, width: int) -> list[Row]:
    """Whether something on the way holds the stream back."""
    found = None if exchange.live else exchange.buffering()
    if found is None:
        return []
    how = "until the answer was whole"
    if found.size is not None:
        how = f"about {size_text(found.size)} at a time"
    words = (
        f"held back on the way, {how}: {count_text(found.events)} of "
        f"{plural(found.of_events, 'event')} came in {plural(found.bursts, 'burst')}, after "
        f"{seconds_text(found.pause)} of nothing at most"
    )
    return _indented(words, width, palette.WARNING)


_BYTES, _BEFORE, _IDLE, _SILENT, _CLIENT = "█", "·", "╌", "░", "▒"
_LANE_STYLES = {
    _BYTES: palette.GOOD,
    _BEFORE: palette.FAINTER,
    _IDLE: palette.FAINTER,
    _SILENT: palette.ALARM,
    _CLIENT: palette.WARNING,
}
_LANE_SIGNS = (
    (_BYTES, "bytes came"),
    (_BEFORE, "no byte yet"),
    (_IDLE, "provider idle"),
    (_SILENT, "idle for 1 s or more"),
    (_CLIENT, "client not reading"),
)


def blame_lane(exchange: Exchange, latest: float, cells: int) -> str:
    """For each slice of the time of an exchange a sign: bytes came, or who was waited for."""
    chunks, stalls = exchange.body.chunks, exchange.stalls()
    slow = [stall for stall in stalls if idle_side(stall, exchange.end) is Side.CLIENT]
    signs = []
    for cell in range(cells):
        start, stop = latest * cell / cells, latest * (cell + 1) / cells
        following = bisect_left(chunks.times, start)
        if following < len(chunks) and (chunks.times[following] < stop or cell == cells - 1):
            signs.append(_BYTES)
        elif not following:
            signs.append(_BEFORE)
        elif any(stall.start <= start < stall.start + stall.seconds for stall in slow):
            signs.append(_CLIENT)
        else:
            until = chunks.times[following] if following < len(chunks) else latest
            silent = until - chunks.times[following - 1] >= STALLED_SECONDS
            signs.append(_SILENT if silent else _IDLE)
    return "".join(signs)


def _token_rows(waits: InterToken, timing: Timing, width: int) -> list[Row]:
    rate = ""
    if timing.tokens_per_second is not None:
        rate = f"{timing.tokens_per_second:.1f} tokens/s"
    elif timing.characters_per_second is not None:
        rate = f"{timing.characters_per_second:.1f} characters/s"
    pieces: list[Row] = [
        [Segment(f"{name} ", palette.FAINTER), Segment(seconds_text(seconds), _wait_style(seconds))]
        for name, seconds in (
            ("p50", waits.p50),
            ("p95", waits.p95),
            ("p99", waits.p99),
            ("longest", waits.maximum),
        )
    ]
    pieces.append([Segment(f"of {plural(waits.count, 'wait')}", palette.FAINTER)])
    return [
        _heading("between tokens", rate),
        [Segment("   "), *join_fitting(pieces, _BETWEEN, width - 3)],
    ]


def _histogram_rows(counts: Sequence[int], width: int) -> list[Row]:
    """The classes from the first that is not empty to the last."""
    filled = [place for place, count in enumerate(counts) if count]
    if not filled:
        return []
    highest = max(counts)
    cells = max(4, width - 3 - _LABEL - 9 - 1)
    rows = []
    for place in range(filled[0], filled[-1] + 1):
        upper = GAP_BOUNDS[place] if place < len(GAP_BOUNDS) else 2 * GAP_BOUNDS[-1]
        bar = share_bar(counts[place] / highest, cells)
        style = _wait_style(upper * 0.99) if counts[place] else palette.FAINTER
        bar_segment = Segment(bar, palette.BAR if style is palette.PLAIN else style)
        rows.append(_measure(_class_name(place), count_text(counts[place]), style, bar_segment))
    return rows


def _class_name(place: int) -> str:
    if place == 0:
        return f"up to {_short(GAP_BOUNDS[0])}"
    if place == len(GAP_BOUNDS):
        return f"over {_short(GAP_BOUNDS[-1])}"
    return f"{_short(GAP_BOUNDS[place - 1])} – {_short(GAP_BOUNDS[place])}"


def _short(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _stall_rows(exchange: Exchange, width: int) -> list[Row]:
    stalls = exchange.stalls()
    if not stalls:
        return [_heading("stalls", ""), [Segment("   ✓ none", palette.GOOD)]]
    rows = [_heading("stalls", plural(len(stalls), "wait") + " in the answer too long")]
    for stall in stalls[:MAX_STALLS]:
        side = idle_side(stall, exchange.end)
        words = f"at {stall.start:.3f} s: {stall_words(stall)}; the {side} was idle"
        rows += _indented(words, width, palette.WARNING)
    if len(stalls) > MAX_STALLS:
        rows += _indented(f"and {count_text(len(stalls) - MAX_STALLS)} more", width)
    return rows


def _measure(name: str, value: str, style: Style, *bar: Segment) -> Row:
    return [
        Segment(f"   {name:<{_LABEL}}", palette.DIM),
        Segment(f"{value:>8} ", style),
        *bar,
    ]


def _heading(title: str, note: str) -> Row:
    return [Segment(f" {title} ", palette.HEADING), Segment(f" {note}", palette.FAINTER)]


def _indented(words: str, width: int, style: Style = palette.DIM) -> list[Row]:
    return [[Segment("   "), *row] for row in text_rows(words, width - 3, style)]


def _wait_style(seconds: float) -> Style:
    if seconds >= STALLED_SECONDS:
        return palette.ALARM
    return palette.WARNING if seconds >= SLOW_SECONDS else palette.PLAIN
