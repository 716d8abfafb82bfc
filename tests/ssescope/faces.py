"""Everything the program makes of one capture: what each command prints and each view draws."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from captures.comparison import compare
from captures.exchange import Exchange
from captures.leave_point import leave_of
from captures.loading import load
from captures.message_at import MessageCursor
from captures.records import Damage, Record, Request
from captures.request_body import IGNORED_FIELDS
from captures.scrub_capture import UnscrubbableError, scrub
from captures.store import CaptureError, Follower, read
from inspector_tui.chunk_lines import ChunkLines
from inspector_tui.density import Density
from inspector_tui.document_lines import FindingLines
from inspector_tui.documents import event_rows, request_rows, response_rows
from inspector_tui.event_lines import EventLines
from inspector_tui.message_lines import MessageLines
from inspector_tui.minimap import Window, minimap_rows
from inspector_tui.overview import summary_rows
from inspector_tui.raw_lines import RawLines
from inspector_tui.summary import summary_of
from inspector_tui.timing_lines import TimingLines
from proxy.replay_source import load_capture, recorded_request_body
from ssescope.explain import explained
from ssescope.json_report import exchange_fields
from ssescope.lint import Selection, problems_of
from ssescope.lint_formats import FORMATS
from ssescope.report import Ink, exchange_lines
from ssescope.statistics import collect
from ssescope.stats_command import group_lines

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WIDTH = 80
MOST_ROWS = 100


def look_at_file(path: Path, pieces: int = 61) -> None:
    """Reads a file in every way and shows what is in it; a capture that is none may be refused."""
    for reader in (read_all, recorded_request_body):
        with suppress(CaptureError):
            reader(path)
    with suppress(CaptureError):
        load_capture(path, IGNORED_FIELDS)
    with suppress(CaptureError), Follower(path) as follower:
        while not follower.at_end():
            follower.poll(pieces)
    with suppress(CaptureError):
        look_at(load(path))
        lines = read_all(path)
        request, records = lines[0], [line for line in lines[1:] if not isinstance(line, Request)]
        assert isinstance(request, Request)
        with suppress(UnscrubbableError):
            scrub(request, records)


def read_all(path: Path) -> list[Request | Record | Damage]:
    """The request and the records of a capture."""
    return list(read(path))


def look_at(exchange: Exchange) -> None:
    """Shows an exchange on every face."""
    print_it(exchange)
    draw_it(exchange)
    cursor = MessageCursor(exchange)
    for index in {-1, 0, len(exchange.events) // 2, len(exchange.events)}:
        assert cursor.message_at(index).open_parts is not None
    leave_of(exchange)
    compare(exchange, exchange)


def print_it(exchange: Exchange) -> None:
    """Makes what the commands print."""
    assert list(exchange_lines(exchange, Ink(colour=True)))
    json.dumps(exchange_fields(exchange), allow_nan=False)
    list(explained(exchange))
    problems = list(problems_of("name", exchange, Selection((), ())))
    for as_text in FORMATS.values():
        as_text(problems).encode()
    for group, figures in collect([exchange]).items():
        list(group_lines(group, figures, Ink(colour=False)))


def draw_it(exchange: Exchange) -> None:
    """Makes the rows of the inspector's views."""
    summary_of(Path("name.jsonl"), exchange)
    summary_rows(exchange, WIDTH, NOW)
    density = Density(exchange)
    minimap_rows(density, Window(0.0, density.stop, 0.0), WIDTH, two_rows=True)
    request_rows(exchange, WIDTH)
    response_rows(exchange, WIDTH)
    for lines in (EventLines, MessageLines, ChunkLines, TimingLines, RawLines, FindingLines):
        source = lines(exchange)
        source.update(WIDTH)
        for index in islice(range(len(source)), MOST_ROWS):
            source.row(index)
            source.key(index)
    for index in islice(range(len(exchange.events)), MOST_ROWS // 5):
        event_rows(exchange, index, WIDTH)
