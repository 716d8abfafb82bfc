from __future__ import annotations

from pathlib import Path

import pytest

from inspector_tui.cells import row_width
from inspector_tui.raw_lines import CHUNK_MARK, RawLines, raw_header
from inspector_tui.row_index import shown_bytes
from tests.captures.by_hand import streamed
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, lines_text


def test_lines_stand_with_their_offsets_and_chunk_boundaries(tmp_path: Path) -> None:
    text = lines_text(RawLines(exchange_of(given.complete(tmp_path))), 100)
    assert text[0].split() == ["0", "0", f"{CHUNK_MARK}event:", "message_start↵"]
    inside = next(line for line in text if CHUNK_MARK in line[20:])
    assert inside.split()[1] == "1"


def test_a_character_cut_in_two_is_visible(tmp_path: Path) -> None:
    script = given.CaptureScript(tmp_path)
    script.head()
    script.send(b"data: 10 \xe2\x82")
    script.send(b"\xac\n\n")
    text = lines_text(RawLines(exchange_of(script.finish())), 80)
    assert text[0].endswith(f"data: 10 \\xe2\\x82{CHUNK_MARK}\\xac↵")


def test_rows_together_are_the_body(tmp_path: Path) -> None:
    exchange = exchange_of(given.hostile(tmp_path))
    whole = shown_bytes(exchange.body.bytes_between(0, exchange.body.size))
    for width in (30, 55, 120):
        lines = RawLines(exchange)
        rows = lines_text(lines, width)
        assert len(rows) == len(lines)
        shown = "".join(
            segment.text
            for index in range(len(lines))
            for segment in lines.row(index)[1:]
            if segment.text != CHUNK_MARK
        )
        assert shown.count("↵") == whole.count("↵")
        assert not set(shown) & set("\x1b\x07\x00\x9b\u202e")
        assert all(row_width(lines.row(index)) <= width + 12 for index in range(len(lines)))


def test_a_growing_body_grows_at_its_end(tmp_path: Path) -> None:
    script = given.CaptureScript(tmp_path)
    script.head()
    script.send(b"data: one\n\ndata: tw")
    exchange = exchange_of(script.file.path)
    lines = RawLines(exchange)
    assert len(lines_text(lines, 60)) == 3
    exchange.body.add(1.0, 5, b"o\n\nda", exchange.body.chunks[0].boundary)
    text = lines_text(lines, 60)
    assert text[2].endswith("two↵".replace("o", f"{CHUNK_MARK}o"))
    assert len(text) == 5
    script.abandon()


def test_the_header_names_the_columns() -> None:
    assert row_width(raw_header(20)) == 20


@pytest.mark.parametrize(
    ("content_type", "body", "segments"),
    [("text/event-stream", b"data: x\n", 2), ("application/x-ndjson", b'{"a":1}\n', 1)],
)
def test_only_an_event_stream_has_fields(content_type: str, body: bytes, segments: int) -> None:
    lines = RawLines(streamed([body], headers=(("content-type", content_type),)))
    lines.update(80)
    shown = [segment.text for segment in lines.row(0)[1:] if segment.text != CHUNK_MARK]
    assert len(shown) == segments
