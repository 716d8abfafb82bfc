"""The rows under each tab of one exchange."""

from __future__ import annotations

from captures.exchange import Exchange
from inspector_tui.chunk_lines import ChunkLines
from inspector_tui.density import Density
from inspector_tui.diff_lines import DiffLines
from inspector_tui.document_lines import DocumentLines, FindingLines
from inspector_tui.documents import request_rows, response_rows
from inspector_tui.event_lines import EventLines
from inspector_tui.hex_rows import HexLines
from inspector_tui.lines import Lines
from inspector_tui.message_lines import MessageLines
from inspector_tui.moment_lines import MomentLines
from inspector_tui.raw_lines import RawLines
from inspector_tui.tabs import Tab
from inspector_tui.timing_lines import TimingLines


class Views:
    """The sources of one exchange. Mutable only as its exchange grows."""

    def __init__(self, exchange: Exchange, diff: DiffLines) -> None:
        self.events = EventLines(exchange)
        self.density = Density(exchange)
        self.moment = MomentLines(exchange)
        self.chunks = ChunkLines(exchange)
        self.findings = FindingLines(exchange)
        self.raw = RawLines(exchange)
        self.hex = HexLines(exchange.body)
        self._message = MessageLines(exchange)
        self._diff = diff
        self._timing = TimingLines(exchange)
        self._request = DocumentLines(
            lambda width: request_rows(exchange, width), lambda: exchange.request_size
        )
        self._headers = DocumentLines(
            lambda width: response_rows(exchange, width),
            lambda: (exchange.head is None, exchange.end is None, len(exchange.notes)),
        )

    def lines(self, tab: Tab, *, as_hex: bool = False, at_moment: bool = False) -> Lines:
        """What a tab shows.

        Args:
            tab: the tab.
            as_hex: whether the body is shown in hexadecimal.
            at_moment: whether the message is shown as it was at the moment of the time cursor.
        """
        sources: dict[Tab, Lines] = {
            Tab.TIMELINE: self.events,
            Tab.MESSAGE: self.moment if at_moment else self._message,
            Tab.CHUNKS: self.chunks,
            Tab.TIMING: self._timing,
            Tab.FINDINGS: self.findings,
            Tab.RAW: self.hex if as_hex else self.raw,
            Tab.REQUEST: self._request,
            Tab.HEADERS: self._headers,
            Tab.DIFF: self._diff,
        }
        return sources[tab]
