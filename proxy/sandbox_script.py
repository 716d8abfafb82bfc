"""What is sent of an answer, and when: the events of any dialect laid out in time."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from proxy.sandbox_scenarios import Ending

STALL_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long an answer takes.

    Attributes:
        first_token: seconds from the request to the first delta.
        total: seconds from the request to the last event.

    Raises:
        ValueError: one is negative or not finite, or the first token would come after the end.
    """

    first_token: float = 0.3
    total: float = 4.0

    def __post_init__(self) -> None:
        if not (0 <= self.first_token <= self.total and math.isfinite(self.total)):
            raise ValueError(
                "expected 0 <= first_token <= total, in seconds, "
                f"got first_token={self.first_token:g} and total={self.total:g}"
            )


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream as it goes over the wire.

    Attributes:
        frame: its bytes, one HTTP chunk.
        is_delta: whether it holds what the model wrote.
    """

    frame: bytes
    is_delta: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One HTTP chunk, and when it is due, in seconds since the request."""

    at: float
    chunk: bytes


@dataclass(frozen=True, slots=True)
class Script:
    """All that is sent of a response's body.

    Attributes:
        steps: the chunks, in order of time.
        ends_at: when the response ends, in seconds since the request.
        clean: whether it ends with the final chunk; if not, the connection is just closed.
    """

    steps: tuple[Step, ...]
    ends_at: float
    clean: bool


def stream_script(
    events: Sequence[Event],
    error_frame: Callable[[int], bytes],
    ending: Ending,
    pace: Pace,
) -> Script:
    """What is sent, and when, of an answer that is streamed.

    The first delta is due at `pace.first_token`, the last event of the whole answer at
    `pace.total`, all others evenly before and between. An ending that keeps the rest back
    leaves the times of what comes before it as they are.

    Args:
        events: the whole answer.
        error_frame: makes the error that comes in place of the event of this index.
        ending: how much of it is sent, and what then.
        pace: how long it all takes.
    """
    deltas = [index for index, event in enumerate(events) if event.is_delta]
    times = planned_times(len(events), deltas[0], pace)
    steps = [Step(at, event.frame) for at, event in zip(times, events, strict=True)]
    if ending is Ending.COMPLETE:
        return Script(tuple(steps), times[-1], clean=True)
    middle = (deltas[0] + deltas[-1] + 1) // 2
    kept, turn = steps[:middle], steps[middle]
    if ending is Ending.ERROR_EVENT:
        kept.append(Step(turn.at, error_frame(middle)))
    elif ending is Ending.CUT_IN_EVENT:
        kept.append(Step(turn.at, _half(turn.chunk)))
    return Script(
        tuple(kept),
        turn.at + (STALL_SECONDS if ending is Ending.STALL else 0.0),
        clean=ending in {Ending.ERROR_EVENT, Ending.SILENT},
    )


def message_script(body: bytes, ending: Ending, pace: Pace) -> Script:
    """What is sent, and when, of an answer that is not streamed: one body, or half of it."""
    if ending is Ending.COMPLETE:
        return Script((Step(pace.total, body),), pace.total, clean=True)
    return Script(
        (Step(pace.total, _half(body)),),
        pace.total + (STALL_SECONDS if ending is Ending.STALL else 0.0),
        clean=ending is Ending.SILENT,
    )


def planned_times(count: int, first_delta: int, pace: Pace) -> tuple[float, ...]:
    """When each of `count` events is due, in seconds since the request.

    Args:
        count: how many events there are; at least one follows the first delta.
        first_delta: the index of the first delta.
        pace: how long it all takes.
    """
    before = [pace.first_token * (i + 1) / (first_delta + 1) for i in range(first_delta)]
    after = count - 1 - first_delta
    rest = pace.total - pace.first_token
    between = [pace.first_token + rest * i / after for i in range(after)]
    return (*before, *between, pace.total)


def words(text: str) -> list[str]:
    """A text cut into word-sized pieces, each with the white space before it."""
    return re.findall(r"\s*\S+|\s+\Z", text)


def _half(chunk: bytes) -> bytes:
    return chunk[: len(chunk) // 2]
