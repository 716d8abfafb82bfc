"""The message as the client had it at one moment of the stream."""

from __future__ import annotations

from collections.abc import Hashable

from rich.segment import Segment

from captures.answers import Answer, labelled
from captures.exchange import Exchange
from captures.message import Message
from captures.message_at import MessageCursor, Moment
from captures.stream_point import StreamPoint
from inspector_tui import palette
from inspector_tui.cells import Row, wrapped
from inspector_tui.message_lines import MessageLines, ending_rows
from inspector_tui.safe import safe_text

EVENTS_AT_ONCE = 400
"""Events folded at one go: a few milliseconds of work."""


class MomentLines(MessageLines):
    """Rows of a moment that is gone to in slices; the last one stays until the next is there."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange)
        self._cursor = MessageCursor(exchange)
        self._moment: Moment | None = None
        self._aim = -1

    def aim(self, event: int) -> bool:
        """Chooses the moment when this event had arrived; whether it is another than before."""
        changed = event != self._aim or self._moment is None
        self._aim = event
        return changed

    def approach(self) -> bool:
        """Folds a few events; whether the chosen moment is there."""
        if not self._cursor.approach(self._aim, EVENTS_AT_ONCE):
            return False
        before, self._moment = self._moment, self._cursor.message_at(self._aim)
        if before is not None and self._moment.events < before.events:
            self._forget_flows()
        return True

    def _state(self) -> Hashable:
        return self._moment and (self._moment.events, id(self._moment))

    def _answers(self) -> list[Answer]:
        if self._moment is None:
            return [Answer("", Message(), True)]
        return labelled((*self._moment.earlier, self._moment.message))

    def _ending_rows(self, answer: Answer) -> list[Row]:
        moment = self._moment
        if not answer.is_current:
            return ending_rows(answer.message, "no stop reason arrived")
        rows = ending_rows(answer.message, None)
        if moment is not None and moment.point is not StreamPoint.AFTER_END:
            words = moment.position or moment.point.value.replace("_", " ")
            if moment.missing:
                words = f"{words} · still due: {', '.join(moment.missing)}"
            shown = safe_text(f"at this moment {words}")
            rows += [[Segment(f" {line}", palette.DIM)] for line in wrapped(shown, self._width - 1)]
        return rows
