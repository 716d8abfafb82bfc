"""Where two sequences agree and differ, as runs. Pure, and bounded in time.

After the algorithm of difflib in the standard library, once what both begin and end with alike
is set aside.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MAX_COMPARED = 4_000_000
"""Pairs of elements that are looked at; where there are more, the middle is one differing run."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of both sequences, equal or not. An empty side means it is in the other alone."""

    equal: bool
    before: tuple[int, int]
    """Start and stop in the first sequence."""
    after: tuple[int, int]
    """Start and stop in the second."""


def runs(
    before: Sequence[Hashable], after: Sequence[Hashable], smallest_equal: int = 1
) -> list[Run]:
    """The runs of two sequences, which together cover both.

    Args:
        before: the first sequence.
        after: the second.
        smallest_equal: elements that an equal run between two differing ones has at least; a
            shorter one, as likely by chance, becomes part of them.
    """
    head = _shared_head(before, after)
    tail = _shared_tail(before, after, head)
    stop_before, stop_after = len(before) - tail, len(after) - tail
    found = [
        Run(True, (0, head), (0, head)),
        *_middle(before[head:stop_before], after[head:stop_after], head),
        Run(True, (stop_before, len(before)), (stop_after, len(after))),
    ]
    kept = [run for run in found if run.before[0] < run.before[1] or run.after[0] < run.after[1]]
    return _joined(kept, smallest_equal)


def _joined(found: list[Run], smallest_equal: int) -> list[Run]:
    joined: list[Run] = []
    for index, run in enumerate(found):
        is_inner = 0 < index < len(found) - 1
        is_short = run.equal and is_inner and run.before[1] - run.before[0] < smallest_equal
        equal = run.equal and not is_short
        start = (run.before[0], run.after[0])
        if joined and not joined[-1].equal and not equal:
            last = joined.pop()
            start = (last.before[0], last.after[0])
        joined.append(Run(equal, (start[0], run.before[1]), (start[1], run.after[1])))
    return joined


def _shared_head(before: Sequence[Hashable], after: Sequence[Hashable]) -> int:
    pairs = enumerate(zip(before, after, strict=False))
    shortest = min(len(before), len(after))
    return next((index for index, (one, other) in pairs if one != other), shortest)


def _shared_tail(before: Sequence[Hashable], after: Sequence[Hashable], head: int) -> int:
    most = min(len(before), len(after)) - head
    for length in range(most):
        if before[-1 - length] != after[-1 - length]:
            return length
    return most


def _middle(before: Sequence[Hashable], after: Sequence[Hashable], offset: int) -> Iterator[Run]:
    if len(before) * len(after) > MAX_COMPARED:
        yield Run(False, (offset, offset + len(before)), (offset, offset + len(after)))
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, start, stop, other_start, other_stop in matcher.get_opcodes():
        yield Run(
            what == "equal",
            (start + offset, stop + offset),
            (other_start + offset, other_stop + offset),
        )
