"""Whether an event is the one before it over again."""

from __future__ import annotations

from captures.dialects.base import Event, EventKind

_NEVER_TWICE = (
    EventKind.START,
    EventKind.STRUCTURE,
    EventKind.STOP_REASON,
    EventKind.TERMINAL,
)
"""A text may repeat itself word by word, and so may pings and what no dialect knows. These open
and close something, which cannot happen twice at one place.
"""


def is_repeated(before: Event, event: Event) -> bool:
    """Whether these two events, one directly behind the other, are one that was sent twice.

    In none of the recorded streams two such events are alike.
    """
    return (
        before.kind in _NEVER_TWICE
        and event.frame.data == before.frame.data
        and event.frame.event == before.frame.event
    )
