"""What a fault does to one answer: to its head, to its body piece by piece, and to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from captures.faults.blocks import Block, BlockSplitter


class Ending(StrEnum):
    """How a fault ends an answer before its time."""

    CLOSE = "close"
    """The connection is closed without a clean end."""
    RESET = "reset"
    """The connection is reset."""
    CLEAN = "clean"
    """The response ends in order; what is left of it is not sent."""


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes that go to the client as one network chunk."""

    data: bytes
    delay: float = 0.0
    """Seconds to wait before it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The answer ends here."""

    ending: Ending
    delay: float = 0.0
    """Seconds to wait before it."""


Step = Send | Stop


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """Status and headers of an answer, and a body that takes the place of the real one."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes | None = None
    """None leaves the real body."""

    def with_header(self, name: str, value: str) -> AnswerHead:
        """The head with one field set, in place of those that bear its name."""
        kept = [pair for pair in self.headers if pair[0].lower() != name]
        return replace(self, headers=(*kept, (name, value)))

    def without_header(self, name: str) -> AnswerHead:
        """The head without a field."""
        return replace(self, headers=tuple(p for p in self.headers if p[0].lower() != name))


@dataclass(frozen=True, slots=True, order=True)
class Expiry:
    """When an answer ends whatever has been sent of it."""

    seconds: float
    """Since its head."""
    ending: Ending


@dataclass(slots=True)
class Harm:
    """One fault at work on one answer. Its functions may hold state; it serves one answer only."""

    feed: Callable[[bytes], Iterable[Step]] = field(default=lambda data: [Send(data)])
    """What is sent for a piece of the body."""
    finish: Callable[[], Iterable[Step]] = field(default=list)
    """What is sent when the body has ended."""
    head: Callable[[AnswerHead], AnswerHead] = field(default=lambda head: head)
    """What becomes of the head; called before the first piece is fed, more than once perhaps."""
    expires: Expiry | None = None
    reads_text: bool = False
    """Whether it works on the text of the body, which a compressed one does not show."""


def on_blocks(
    change: Callable[[Block], Iterable[bytes | Step]],
    at_end: Callable[[], Iterable[bytes | Step]] = list,
) -> Harm:
    """A harm that changes an event stream block by block; each then is a chunk of its own.

    Args:
        change: what is sent in place of a block.
        at_end: what is sent behind the last one.
    """
    splitter = BlockSplitter()

    def steps(parts: Iterable[bytes | Step]) -> list[Step]:
        made = [Send(part) if isinstance(part, bytes) else part for part in parts]
        return [step for step in made if isinstance(step, Stop) or step.data]

    def feed(data: bytes) -> list[Step]:
        return steps(part for block in splitter.feed(data) for part in change(block))

    def finish() -> list[Step]:
        left = [part for block in splitter.finish() for part in change(block)]
        return steps([*left, *at_end()])

    return Harm(feed, finish, reads_text=True)


def in_a_row(harms: list[Harm]) -> Harm:
    """Several harms, each working on what the one before it made."""

    def through(steps: Iterable[Step], following: list[Harm], *, ended: bool) -> list[Step]:
        made = list(steps)
        for harm in following:
            made = [new for step in made for new in _passed(step, harm)]
            if ended:
                made += harm.finish()
        return made

    def feed(data: bytes) -> list[Step]:
        return through([Send(data)], harms, ended=False)

    def finish() -> list[Step]:
        return through([], harms, ended=True)

    def head(found: AnswerHead) -> AnswerHead:
        for harm in harms:
            found = harm.head(found)
        return found

    expiries = [harm.expires for harm in harms if harm.expires is not None]
    reads_text = any(harm.reads_text for harm in harms)
    return Harm(feed, finish, head, min(expiries, default=None), reads_text)


def _passed(step: Step, harm: Harm) -> list[Step]:
    """What a harm makes of a step of the one before it, which keeps its delay."""
    if isinstance(step, Stop):
        return [step]
    made = list(harm.feed(step.data))
    if step.delay and made:
        return [replace(made[0], delay=made[0].delay + step.delay), *made[1:]]
    return made or ([Send(b"", step.delay)] if step.delay else [])
