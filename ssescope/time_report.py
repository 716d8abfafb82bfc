"""When things happened in an exchange and who was waited for, as plain text. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from captures.exchange import Exchange
from captures.stalls import idle_side, stall_words
from captures.timing import Timing
from captures.waits import Waits, waits_of

MAX_STALLS = 5
"""Stalls told one by one; the rest is counted."""

HELD_OPEN_SECONDS = 0.1
"""From how long on it is told that the connection stayed open after the end."""

NO_TIMES = "no times: the body was saved without them"


def time_lines(exchange: Exchange) -> Iterator[str]:
    """First times and total, the pace of the tokens, who was waited for, every stall."""
    if not exchange.is_timed:
        yield NO_TIMES
        return
    timing = exchange.timing()
    words = [*_moments(timing), *_waits(exchange, timing)]
    if words:
        yield " · ".join(words)
    pace = _pace(exchange, timing)
    if pace:
        yield " · ".join(pace)
    if (waits := waits_of(exchange)) is not None:
        yield _blame(waits)
    stalls = exchange.stalls()
    for stall in stalls[:MAX_STALLS]:
        side = idle_side(stall, exchange.end)
        yield f"stalled for {stall_words(stall)}; the {side} was idle"
    if len(stalls) > MAX_STALLS:
        yield f"stalled {len(stalls) - MAX_STALLS} more times"


def _blame(waits: Waits) -> str:
    return (
        f"waited {waits.upstream:.2f} s for the upstream · {waits.client:.2f} s for the client · "
        f"{waits.proxy * 1000:.2f} ms at most for ssescope, a chunk"
    )


def seconds_text(seconds: float) -> str:
    """A wait: in milliseconds below one second."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def _moments(timing: Timing) -> list[str]:
    return [
        f"{name} {seconds:.3f} s"
        for name, seconds in (
            ("head", timing.head),
            ("first byte", timing.first_byte),
            ("first event", timing.first_event),
            ("first token", timing.first_token),
            ("first text", timing.first_text),
            ("total", timing.total),
        )
        if seconds is not None
    ]


def _waits(exchange: Exchange, timing: Timing) -> Iterator[str]:
    if timing.held_open is not None and timing.held_open >= HELD_OPEN_SECONDS:
        yield f"held open for another {seconds_text(timing.held_open)}"
    if timing.longest_gap_event is not None:
        gap = seconds_text(timing.longest_gap)
        yield f"longest gap {gap} before event {timing.longest_gap_event}"
    if exchange.is_stream and timing.wait_saved:
        yield f"wait saved by streaming {timing.wait_saved:.3f} s"


def _pace(exchange: Exchange, timing: Timing) -> list[str]:
    words = []
    if timing.tokens_per_second is not None:
        words.append(f"{timing.tokens_per_second:.1f} tokens/s")
    elif timing.characters_per_second is not None:
        words.append(f"{timing.characters_per_second:.1f} characters/s (no usage was told)")
    waits = exchange.inter_token()
    if waits is not None:
        spread = " · ".join(
            f"{name} {seconds_text(seconds)}"
            for name, seconds in (
                ("p50", waits.p50),
                ("p95", waits.p95),
                ("p99", waits.p99),
                ("max", waits.maximum),
            )
        )
        words.append(f"between tokens {spread}")
    return words
