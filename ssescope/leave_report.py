"""Where a client went and what it had been sent, as plain text. Pure."""

from __future__ import annotations

from captures.leave_point import Leave, Sent


def leave_line(leave: Leave) -> str:
    """Where the client went, how much of what had come it had been sent, and what it missed."""
    words = [f"the client went {leave.position}"]
    if leave.sent is not None:
        words.append(_sent_words(leave.sent))
    if leave.missed:
        words.append(f"missed {', '.join(leave.missed)}")
    if leave.before_stop_reason is not None:
        words.append(f"the stop reason came {leave.before_stop_reason:.2f} s after its last event")
    return " · ".join(words)


def _sent_words(sent: Sent) -> str:
    if sent.size == sent.of_size:
        return f"had been sent all of the {sent.of_size:,} bytes, {sent.of_events:,} events"
    return (
        f"had been sent {sent.size:,} of {sent.of_size:,} bytes, "
        f"{sent.events:,} of {sent.of_events:,} events"
    )
