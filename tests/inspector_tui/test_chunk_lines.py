from __future__ import annotations

from pathlib import Path

import pytest

from captures.chunk_map import chunk_map_of
from inspector_tui import chunk_lines
from inspector_tui.cells import row_text
from inspector_tui.chunk_lines import ChunkLines
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, lines_text


def test_every_chunk_is_a_row_and_what_was_cut_is_counted(tmp_path: Path) -> None:
    exchange = exchange_of(given.complete(tmp_path))
    lines = ChunkLines(exchange)
    assert len(lines_text(lines, 78)) == 45
    found = chunk_map_of(exchange)
    assert found is not None
    assert found.chances == 1
    assert row_text(lines.tally_row(78)) == " 45 chunks · 45 events · 1 ✂ JSON string"


def test_a_stream_whose_chunks_are_its_events_says_so(tmp_path: Path) -> None:
    lines = ChunkLines(exchange_of(given.tool_use(tmp_path)))
    lines.update(78)
    assert row_text(lines.tally_row(78)).endswith("no event was cut")


def test_chunks_are_looked_into_a_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_lines, "CHUNKS_AT_ONCE", 1)
    lines = ChunkLines(exchange_of(given.complete(tmp_path)))
    lines.update(78)
    assert row_text(lines.tally_row(78)) == " 45 chunks · 45 events · 1 looked into"
    lines.update(78)
    assert "1 ✂ JSON string" in row_text(lines.tally_row(78))


def test_of_cuts_few_are_looked_into_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_lines, "CUTS_AT_ONCE", 1)
    script = given.CaptureScript(tmp_path)
    script.head()
    for piece in (b"data: a", b"b", b"c\n\n"):
        script.send(piece)
    lines = ChunkLines(exchange_of(script.finish()))
    lines.update(78)
    tally = row_text(lines.tally_row(78))
    assert tally == " 3 chunks · 1 event · 2 looked into · 1 ✂ rest of a line"


def test_the_record_of_the_end_of_a_body_is_no_chunk(tmp_path: Path) -> None:
    script = given.CaptureScript(tmp_path)
    script.head()
    script.send(b"data: one\n\n")
    script.send(b"")
    exchange = exchange_of(script.finish())
    lines = ChunkLines(exchange)
    found = chunk_map_of(exchange)
    assert found is not None
    assert len(lines_text(lines, 78)) == found.chunks == 1
    assert row_text(lines.tally_row(78)) == " 1 chunk · 1 event · no event was cut"


def test_a_row_is_drawn_anew_once_its_event_has_come_whole(tmp_path: Path) -> None:
    script = given.live(tmp_path)
    data = given.text_deltas([" fresh"])[0]
    script.send(data[:30])
    before = exchange_of(script.file.path)
    script.send(data[30:])
    after = exchange_of(script.file.path)
    chunk = len(before.body.chunks) - 1
    assert ChunkLines(before).key(chunk) != ChunkLines(after).key(chunk)
    assert ChunkLines(before).key(0) == ChunkLines(after).key(0)
    script.abandon()
