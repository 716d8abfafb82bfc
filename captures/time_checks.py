"""What the times of an ended exchange tell: pure functions. A saved body has no times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from captures.bursts import Buffering
from captures.findings.network import (
    COMPRESSED_WITHOUT_FLUSH,
    HELD_BACK,
    HELD_OPEN,
    SLOW_CLIENT,
    STALLED,
)
from captures.findings.rule import Finding
from captures.leave_point import CLIENT_GONE
from captures.records import Ending
from captures.stalls import SIGNS_OF_LIFE, Side, idle_side, stall_words

if TYPE_CHECKING:
    from captures.exchange import Exchange

HELD_OPEN_SECONDS = 1.0
"""From how long on a connection that outlives its message is told of."""

CLIENT_WAIT_SECONDS = 1.0
"""From how long on a client that was not ready to take more is told of."""

BUFFER_SIZES = tuple(1024 << power for power in range(2, 9))
"""Sizes that buffers have, in bytes."""

_OFF_SIZE = 0.15
"""How far what a buffer passed on may be from its size: it also held the framing of chunks."""

_INTERRUPTED = CLIENT_GONE | {Ending.PROXY_SHUTDOWN}


def held_back(exchange: Exchange) -> Iterator[Finding]:
    """Something on the way collects the stream and passes it on in bursts."""
    if not exchange.is_timed or not exchange.is_stream or exchange.gaps:
        return
    found = exchange.buffering()
    if found is None or found.pause <= 2 * client_wait(exchange):
        # While the client takes nothing the proxy reads nothing, and then much at once.
        return
    rule = HELD_BACK if exchange.coding == "" else COMPRESSED_WITHOUT_FLUSH
    frame = exchange.events[found.event].frame
    yield Finding(rule, _burst_words(found, exchange.coding), found.event, frame.start)


def stalled(exchange: Exchange) -> Iterator[Finding]:
    """The upstream fell silent in the middle of an answer."""
    end = exchange.end
    if end is None or exchange.gaps:
        return
    stalls = [
        stall
        for stall in exchange.stalls()
        if idle_side(stall, end) is Side.UPSTREAM
        # A silence that the upstream itself ended, well or not, is told by how it ended.
        and (stall.event is not None or end.how in _INTERRUPTED)
    ]
    if not stalls:
        return
    longest = max(stalls, key=lambda stall: stall.seconds)
    more = f"; {len(stalls)} stalls in all" if len(stalls) > 1 else ""
    offset = None if longest.event is None else exchange.events[longest.event].frame.start
    yield Finding(STALLED, f"no progress for {stall_words(longest)}{more}", longest.event, offset)


def held_open(exchange: Exchange) -> Iterator[Finding]:
    """The connection stayed open although the message had ended."""
    end, dialect = exchange.end, exchange.dialect
    if end is None or dialect is None or not exchange.is_timed:
        return
    stopped = exchange.timing().stop_reason is not None
    by_proxy = end.how in {Ending.PROXY_SHUTDOWN, Ending.PROXY_ERROR}
    if by_proxy or not (dialect.finished or (dialect.may_end and stopped)):
        return
    events = reversed(exchange.events)
    last = next((event for event in events if event.kind not in SIGNS_OF_LIFE), None)
    if last is None:
        return
    seconds = end.time - last.frame.last_time - client_wait(exchange)
    if seconds >= HELD_OPEN_SECONDS:
        ended_by = "the client closed it" if end.how in CLIENT_GONE else "the upstream closed it"
        yield Finding(HELD_OPEN, f"for {seconds:.2f} s, until {ended_by}")


def slow_client(exchange: Exchange) -> Iterator[Finding]:
    """The client took the stream more slowly than it came."""
    end, waited = exchange.end, client_wait(exchange)
    if end is not None and exchange.is_stream and waited >= CLIENT_WAIT_SECONDS:
        yield Finding(SLOW_CLIENT, f"not ready for {waited:.2f} s of {end.time:.2f} s in all")


def client_wait(exchange: Exchange) -> float:
    """Seconds in all that the client was not ready to take more, as far as is known."""
    end = exchange.end
    return end.latency.client_wait if end is not None and end.latency is not None else 0.0


def _burst_words(found: Buffering, coding: str) -> str:
    events = f"{found.events:,} of {found.of_events:,} events with text"
    if found.size is None:
        words = f"{events} came in one instant, after {found.pause:.2f} s of nothing"
        return f"{words}, compressed with {coding}" if coding else words
    size = size_words(found.size)
    bursts = f"{found.bursts:,} bursts of about {size}, up to {found.pause:.2f} s apart"
    by = f"compression with {coding}" if coding else "something between you and the model"
    return f"{by} buffers about {size}: {events} came in {bursts}"


def size_words(size: int) -> str:
    """The size of a buffer that passed on so many bytes at a time."""
    for usual in BUFFER_SIZES:
        if abs(size - usual) <= _OFF_SIZE * usual:
            return f"{usual // 1024} KiB"
    return f"{size / 1024:.1f} KiB"
