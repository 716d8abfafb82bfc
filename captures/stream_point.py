"""Where in its protocol a stream stands: the same few points for every dialect."""

from __future__ import annotations

from enum import StrEnum

from captures.dialects.base import Dialect


class StreamPoint(StrEnum):
    """A point in a response. What a client has that leaves there is plain from its name."""

    BEFORE_HEAD = "before_head"
    BEFORE_FIRST_BYTE = "before_first_byte"
    BEFORE_FIRST_TOKEN = "before_first_token"  # noqa: S105 - a word of the model is no secret
    IN_TEXT = "in_text"
    IN_THINKING = "in_thinking"
    IN_TOOL_ARGUMENTS = "in_tool_arguments"
    IN_OTHER_PART = "in_other_part"
    AFTER_LAST_DELTA = "after_last_delta"
    """All text is there, and nothing tells yet why the model stopped."""
    AFTER_STOP_REASON = "after_stop_reason"
    """The terminal event is still due."""
    AFTER_END = "after_end"
    IN_STREAM = "in_stream"
    """In a stream whose protocol has no end of its own, or is not known."""
    IN_BODY = "in_body"
    """In an answer that is no stream."""


_POINTS = {
    "before the first event": StreamPoint.BEFORE_FIRST_TOKEN,
    "before the first token": StreamPoint.BEFORE_FIRST_TOKEN,
    "in the text": StreamPoint.IN_TEXT,
    "in the thinking": StreamPoint.IN_THINKING,
    "in the tool arguments": StreamPoint.IN_TOOL_ARGUMENTS,
}
"""What the words of a dialect's position come to."""


def point_in(dialect: Dialect) -> StreamPoint:
    """Where in its protocol the stream of a dialect stands."""
    missing, position = dialect.missing, dialect.position
    if dialect.finished or (dialect.may_end and not missing and _has_stopped(dialect)):
        return StreamPoint.AFTER_END
    if not missing:
        return StreamPoint.IN_STREAM
    if dialect.stop_reason_name not in missing:
        return StreamPoint.AFTER_STOP_REASON
    if position in _POINTS:
        return _POINTS[position]
    if position.startswith("after the last"):
        return StreamPoint.AFTER_LAST_DELTA
    return StreamPoint.IN_OTHER_PART


def _has_stopped(dialect: Dialect) -> bool:
    return dialect.message().stop_reason is not None
