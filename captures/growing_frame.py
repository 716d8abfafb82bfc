"""The frame that is under construction: its bytes up to a limit, and when they came."""

from __future__ import annotations

from collections.abc import Callable

from captures import sse
from captures.findings.rule import Complaint, Rule
from captures.sse import Frame, FrameKind


class GrowingFrame:
    """Collects the bytes of one frame after the other, which tile the body. Mutable.

    Of a frame longer than ``sse.MAX_FRAME_SIZE`` the size and the times are kept, not the bytes.
    """

    def __init__(self, start: int, oversized: Rule) -> None:
        self._start = start
        self._oversized = oversized
        self._kept = bytearray()
        self._first_time = 0.0
        self._last_time = 0.0
        self.size = 0
        """Bytes of the frame so far."""

    @property
    def is_whole(self) -> bool:
        """Whether all its bytes are kept."""
        return self.size <= sse.MAX_FRAME_SIZE

    def add(self, data: bytes, time: float) -> None:
        """Takes bytes of the frame that arrived at this time in seconds."""
        if not data:
            return
        if not self.size:
            self._first_time = time
        self._last_time = time
        self.size += len(data)
        if self.is_whole:
            self._kept += data
        else:
            self._kept.clear()

    def take(
        self,
        kind: FrameKind,
        event: str = "",
        data: str = "",
        complaint: Complaint | None = None,
        cut: Complaint | None = None,
    ) -> Frame:
        """The frame as far as it has come; the next one starts behind it."""
        start = self._start
        first_time = self._first_time if self.size else self._last_time
        self._start += self.size
        self._kept.clear()
        self.size = 0
        return Frame(
            kind,
            start,
            self._start,
            first_time,
            self._last_time,
            event=event,
            data=data,
            complaints=() if complaint is None else (complaint,),
            cut=cut,
        )

    def take_event(self, event: str, text: Callable[[bytes], bytes]) -> Frame:
        """The event that these bytes are, or an OVERSIZED frame.

        Args:
            event: its type, where the framing itself tells none.
            text: what of the bytes is its data.
        """
        if not self.is_whole:
            complaint = Complaint(self._oversized, f"{self.size} bytes")
            return self.take(FrameKind.OVERSIZED, complaint=complaint)
        return self.take(FrameKind.EVENT, event, self.text(text))

    def text(self, of: Callable[[bytes], bytes]) -> str:
        """The kept bytes as text."""
        return of(bytes(self._kept)).decode("utf-8", "replace")
