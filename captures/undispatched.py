"""What stands in the timeline for frames that dispatch no event. Pure."""

from __future__ import annotations

from captures.dialects.base import Event, EventKind
from captures.sse import Frame, FrameKind

_EVENT_KIND = {
    FrameKind.COMMENT: EventKind.COMMENT,
    FrameKind.UNFINISHED: EventKind.UNFINISHED,
    FrameKind.OVERSIZED: EventKind.OTHER,
    FrameKind.DAMAGED: EventKind.OTHER,
}


def undispatched(frame: Frame) -> Event:
    """The event that stands for a frame which dispatches none."""
    kind = _EVENT_KIND.get(frame.kind, EventKind.NOTHING)
    match frame.kind:
        case FrameKind.COMMENT:
            return Event(frame, kind, "comment", " ".join(frame.comments).strip())
        case FrameKind.SILENT if frame.retry is not None:
            return Event(frame, kind, "retry", f"{frame.retry} ms")
        case FrameKind.SILENT:
            return Event(frame, kind, frame.event or "no data")
        case FrameKind.UNFINISHED:
            return Event(frame, kind, "unfinished event", frame.data)
        case _:
            return Event(frame, kind, frame.kind.value)
