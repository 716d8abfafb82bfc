"""Which exchanges belong together: retries of a request, turns of a conversation, one session.

Pure. Captures come in any order, as a backlog is read from its newest end, and may be taken out
again. What belongs together is told by digests (`captures.request_identity`).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from captures.request_identity import RequestIdentity
from captures.verdict import Outcome
from inspector_tui.summary import Summary

MAX_GROUP = 500
"""Captures in one group; a load test that asks the same for ever makes several of them."""

FAILED = frozenset({Outcome.ERROR, Outcome.BROKEN, Outcome.CLIENT_LEFT, Outcome.INCOMPLETE})
"""Outcomes after which the same request is a retry, and not just asked once more."""

_QUESTION, _SESSION, _MESSAGES, _ANSWER, _CONTINUES, _STEM = b"q", b"s", b"m", b"a", b"c", b"t"
"""What a digest is of: the first byte of a key."""

Member = tuple[float, str]
"""When an exchange began, in seconds, and the name of its capture file."""


class Groups:
    """Captures and what belongs together among them. Mutable."""

    def __init__(self) -> None:
        self._group_of: dict[str, int] = {}
        self._members: dict[int, list[Member]] = {}
        self._identities: dict[str, RequestIdentity] = {}
        self._began: dict[str, float] = {}
        self._bearers: dict[bytes, str | dict[str, None]] = {}
        self._next = 0

    def add(self, summary: Summary) -> bool:
        """Takes in a capture, or what has become of it; whether it made a difference."""
        name, identity = summary.file, summary.identity
        began = summary.started.timestamp() if summary.started is not None else 0.0
        if self._identities.get(name) == identity and self._began[name] == began:
            return False
        self.remove(name)
        self._identities[name], self._began[name] = identity, began
        group = self._next
        self._next += 1
        self._group_of[name], self._members[group] = group, [(began, name)]
        for found in self._related(identity):
            self._join(self._group_of[name], self._group_of[found])
        for key in _keys(identity):
            self._bear(key, name)
        return True

    def remove(self, name: str) -> None:
        """Takes a capture out."""
        group = self._group_of.pop(name, None)
        if group is None:
            return
        identity, began = self._identities.pop(name), self._began.pop(name)
        members = self._members[group]
        members.remove((began, name))
        if not members:
            del self._members[group]
        for key in _keys(identity):
            bearers = self._bearers.get(key)
            if isinstance(bearers, dict):
                bearers.pop(name, None)
            if not bearers or bearers == name:
                self._bearers.pop(key, None)

    def members(self, name: str) -> Sequence[Member]:
        """The group of a capture, in the order of time; empty if it has not been taken in."""
        group = self._group_of.get(name)
        return () if group is None else self._members[group]

    def began(self, name: str) -> float:
        """When a capture that was taken in began, in seconds."""
        return self._began[name]

    def identity(self, name: str) -> RequestIdentity:
        """What a capture that was taken in is known by."""
        return self._identities[name]

    def _join(self, one: int, other: int) -> None:
        small, large = sorted((one, other), key=lambda group: len(self._members[group]))
        if small == large or len(self._members[small]) + len(self._members[large]) > MAX_GROUP:
            return
        for member in self._members.pop(small):
            insort(self._members[large], member)
            self._group_of[member[1]] = large

    def _bear(self, key: bytes, name: str) -> None:
        """Notes that a capture has this digest. Most have one bearer, which needs no dict."""
        bearers = self._bearers.get(key)
        if bearers is None:
            self._bearers[key] = name
        elif isinstance(bearers, str):
            self._bearers[key] = {bearers: None, name: None}
        else:
            bearers[name] = None

    def _bearers_of(self, key: bytes) -> dict[str, None]:
        bearers = self._bearers.get(key, {})
        return {bearers: None} if isinstance(bearers, str) else bearers

    def _related(self, identity: RequestIdentity) -> Iterator[str]:
        """Captures that one belongs to: its like, its session, what it goes on from, and all that
        go on from it."""
        for key in (
            _QUESTION + identity.question,
            _SESSION + identity.session,
            *(_MESSAGES + stem for stem in identity.stems),
            _ANSWER + identity.continues,
        ):
            if bearers := self._bearers_of(key):
                yield next(reversed(bearers))
        for key in (_STEM + identity.messages, _CONTINUES + identity.answer):
            yield from islice(self._bearers_of(key), MAX_GROUP)


def labels(
    members: Sequence[Member],
    identity: Callable[[str], RequestIdentity],
    outcome: Callable[[str], Outcome | None],
) -> dict[str, str]:
    """What each member of a group is to the others, in a word; nothing for the first.

    ``retry 2`` is the second of the same request after one that failed, ``again 2`` after one
    that did not; ``turn 3`` goes on from a second turn; ``request 4`` is just the fourth of the
    session.

    Args:
        members: a group, in the order of time.
        identity: of a capture.
        outcome: of a capture; None where it is not known.
    """
    said: dict[str, str] = {}
    asked: dict[bytes, tuple[int, str]] = {}
    turns: dict[bytes, int] = {}
    for index, (_, name) in enumerate(members):
        known = identity(name)
        earlier = [turns[stem] for stem in (known.continues, *known.stems) if stem in turns]
        turn = max(earlier, default=0) + 1
        count, before = asked.get(known.question, (0, ""))
        if known.question and count:
            failed = outcome(before) in FAILED
            said[name] = f"{'retry' if failed else 'again'} {count + 1}"
        elif turn > 1:
            said[name] = f"turn {turn}"
        else:
            said[name] = f"request {index + 1}" if index else ""
        asked[known.question] = (count + 1, name)
        for digest in (known.messages, known.answer):
            if digest:
                turns[digest] = turn
    return said


def _keys(identity: RequestIdentity) -> Iterator[bytes]:
    """What others may be known to belong to this capture by."""
    keys = (
        _QUESTION + identity.question,
        _SESSION + identity.session,
        _MESSAGES + identity.messages,
        _ANSWER + identity.answer,
        _CONTINUES + identity.continues,
        *(_STEM + stem for stem in identity.stems),
    )
    return (key for key in keys if len(key) > 1)
