"""A capture file as the exchange it holds."""

from __future__ import annotations

from pathlib import Path

from captures.exchange import Exchange
from captures.store import Follower


def load(path: Path) -> Exchange:
    """The exchange of a capture as the file now stands.

    A capture without an end record counts as interrupted unless a recorder holds it open.

    Raises:
        captures.store.CaptureError: when the path is no capture.
    """
    with Follower(path) as follower:
        # Asked before the last read: what a recorder wrote until it let go has then been read.
        is_running = follower.is_being_written()
        records = follower.poll()
        while follower.request is None and not follower.at_end():
            records = follower.poll()
        exchange = Exchange(follower.required_request())
        while records or not follower.at_end():
            for record in records:
                exchange.feed(record)
            records = follower.poll()
        if exchange.live and not is_running:
            if (tail := follower.torn_tail()) is not None:
                exchange.feed(tail)
            exchange.interrupt()
    return exchange
