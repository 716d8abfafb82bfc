from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from captures.writer import WriterStatus
from ssescope import loss_watch
from ssescope.loss_watch import Policy, delay_in_words, losses_in_words, watch_losses


def a_status(
    records: int = 0, size: int = 0, *, syncs: int = 0, stalled: float = 0.0, queued: int = 0
) -> WriterStatus:
    return WriterStatus(queued, queued * 10, records, size, "/x: No space\x1b", syncs, stalled)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (a_status(), ""),
        (a_status(1200, 5000), "1,200 records with 5,000 body bytes could not be kept: /x"),
        (a_status(syncs=2), "CAPTURE INCOMPLETE: the disk failed to confirm 2 writes: /x"),
        (a_status(1, syncs=2), "1 records with 0 body bytes could not be kept, the disk failed"),
    ],
)
def test_losses_are_told_in_numbers_with_the_cause(status: WriterStatus, words: str) -> None:
    told = losses_in_words(status)
    assert words in told
    assert bool(told) is not status.is_complete
    assert "\x1b" not in told


def test_a_disk_is_slow_from_half_a_second_on() -> None:
    assert delay_in_words(a_status(stalled=0.4)) == ""
    told = delay_in_words(a_status(stalled=2.91, queued=12))
    assert told == "disk slow 2.9 s: 12 records with 120 body bytes wait"


class Times:
    """A clock that moves on by itself with every look at it."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self._step = step

    def __call__(self) -> float:
        self.now += self._step
        return self.now


async def watched(
    statuses: Callable[[], WriterStatus], looks: int, clock: Callable[[], float]
) -> None:
    """Watches until the status was looked at this many times."""
    left = looks
    enough = asyncio.Event()

    def status() -> WriterStatus:
        nonlocal left
        left -= 1
        if left <= 0:
            enough.set()
        return statuses()

    watching = asyncio.create_task(watch_losses(status, until_lost=False, clock=clock))
    await enough.wait()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss_watch, "LOOK_SECONDS", 0.0)


async def test_growing_losses_are_told_at_most_once_a_second(
    capsys: pytest.CaptureFixture[str],
) -> None:
    count = 0

    def growing() -> WriterStatus:
        nonlocal count
        count += 1
        return a_status(count)

    clock = Times(0.01)
    await watched(growing, 400, clock)
    lines = capsys.readouterr().err.splitlines()
    assert 2 <= len(lines) <= clock.now + 1
    assert all("CAPTURE INCOMPLETE" in line for line in lines)


async def test_the_same_losses_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    await watched(lambda: a_status(7), 200, Times(1.0))
    assert capsys.readouterr().err.count("\n") == 1


async def test_nothing_is_told_of_a_healthy_disk(capsys: pytest.CaptureFixture[str]) -> None:
    await watched(lambda: a_status(queued=5), 20, Times(1.0))
    assert capsys.readouterr().err == ""


async def test_it_ends_with_the_first_loss_where_it_is_to() -> None:
    statuses = iter([a_status(), a_status(queued=3), a_status(1, 10)])
    await watch_losses(lambda: next(statuses), until_lost=True)
    assert next(statuses, None) is None


def test_policies_are_those_of_the_command_line() -> None:
    assert list(Policy) == ["drop", "block", "strict"]
