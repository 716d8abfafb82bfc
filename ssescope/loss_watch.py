"""Tells of what the captures lose while the proxy runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from time import monotonic

from captures.writer import WriterStatus
from inspector_tui.safe import safe_text
from ssescope.talk import say

LOOK_SECONDS = 0.05
TELL_SECONDS = 1.0
"""Pause between two lines."""
SLOW_SECONDS = 0.5
"""How long one write may take before the disk is called slow."""


class Policy(StrEnum):
    """What happens to a stream when its bytes cannot be kept."""

    DROP = "drop"
    """It goes on, and the loss is declared."""
    BLOCK = "block"
    """It waits for a slow disk. What a failing disk refuses is lost all the same."""
    STRICT = "strict"
    """It is cut with all the others, and the proxy ends."""


def losses_in_words(status: WriterStatus) -> str:
    """What was lost so far; empty if nothing was."""
    if status.is_complete:
        return ""
    lost = (
        f"{status.lost_records:,} records with {status.lost_bytes:,} body bytes could not be kept"
    )
    unsure = f"the disk failed to confirm {status.failed_syncs:,} writes"
    told = [lost] * bool(status.lost_records) + [unsure] * bool(status.failed_syncs)
    return safe_text(f"CAPTURE INCOMPLETE: {', '.join(told)}: {status.failure}")


def delay_in_words(status: WriterStatus) -> str:
    """How long the disk has kept the writer waiting; empty if it answers."""
    if status.stalled_seconds < SLOW_SECONDS:
        return ""
    return (
        f"disk slow {status.stalled_seconds:.1f} s: {status.queued_records:,} records with "
        f"{status.queued_bytes:,} body bytes wait"
    )


async def watch_losses(
    status: Callable[[], WriterStatus],
    *,
    until_lost: bool,
    clock: Callable[[], float] = monotonic,
) -> None:
    """Prints a line on stderr when something is lost or the disk is slow, at most one a second.

    Never returns, but where it is to end with the first loss.
    """
    told, silent_until = "", clock()
    while True:
        now = status()
        lost = losses_in_words(now)
        if clock() >= silent_until:
            words = "; ".join(filter(None, (lost if lost != told else "", delay_in_words(now))))
            if words:
                with suppress(OSError):
                    say(f"ssescope: {words}")
                told, silent_until = lost, clock() + TELL_SECONDS
        if lost and until_lost:
            return
        await asyncio.sleep(LOOK_SECONDS)
