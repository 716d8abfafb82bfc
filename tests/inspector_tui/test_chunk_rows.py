from __future__ import annotations

from pathlib import Path

import pytest

from captures.exchange import Exchange
from captures.records import Boundary
from inspector_tui import chunk_rows
from inspector_tui.cells import row_text, row_width
from inspector_tui.chunk_rows import (
    chunk_detail_rows,
    chunk_header,
    chunk_row,
    events_words,
    ribbon,
    span_of,
    two_tracks,
)
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, texts


def cut(folder: Path, *places: int) -> Exchange:
    """An answer whose bytes were cut at these places."""
    body = b"".join(given.answer(["Zürich", " is", " a", " town"]))
    script = given.CaptureScript(folder)
    script.head()
    for start, stop in zip((0, *places), (*places, len(body)), strict=True):
        script.send(body[start:stop])
    return exchange_of(script.finish())


def place_of(needle: bytes) -> int:
    return b"".join(given.answer(["Zürich"])).index(needle)


def test_a_chunk_tells_which_events_it_begins_and_ends(tmp_path: Path) -> None:
    exchange = exchange_of(given.complete(tmp_path))
    assert [events_words(span_of(exchange, chunk)) for chunk in range(4)] == [
        "0…", "…0-1", "2", "3",
    ]  # fmt: skip


def test_a_row_has_number_time_gap_size_events_and_what_is_cut(tmp_path: Path) -> None:
    exchange = exchange_of(given.complete(tmp_path))
    text = row_text(chunk_row(exchange, 1, 78))
    assert text.split()[:7] == ["1", "0.273", "30", "ms", "329", "B", "…0-1"]
    assert text.endswith("✂ JSON string")


@pytest.mark.parametrize(
    ("needle", "into", "words"),
    [
        (b"\xbcrich", 0, "✂ code point"),
        (b"data: ", 3, "✂ field name"),
        (b"data: ", 0, "✂ lines of an event"),
        (b"message_start", 2, "✂ rest of a line"),
    ],
)
def test_every_way_to_cut_has_its_flag(
    tmp_path: Path, needle: bytes, into: int, words: str
) -> None:
    exchange = cut(tmp_path, place_of(needle) + into)
    assert row_text(chunk_row(exchange, 1, 78)).endswith(words)


def test_a_socket_read_and_a_chunk_without_content_say_so(tmp_path: Path) -> None:
    script = given.CaptureScript(tmp_path)
    script.head()
    script.send(b"".join(given.answer()), boundary=Boundary.READ)
    script.send(b"")
    exchange = exchange_of(script.finish())
    assert row_text(chunk_row(exchange, 0, 78)).endswith("socket read")
    assert row_text(chunk_row(exchange, 1, 78)).endswith("decodes to nothing")
    assert events_words(span_of(exchange, 1)) == ""


def test_the_ribbon_draws_whole_events_solid_and_cut_ones_dashed(tmp_path: Path) -> None:
    exchange = exchange_of(given.complete(tmp_path))
    drawn = [row_text(ribbon(exchange, span_of(exchange, chunk), 12)) for chunk in range(3)]
    assert drawn[0] == "┣" + "╍" * 11
    assert drawn[1].startswith("╍")
    assert "╋━" in drawn[1]
    assert drawn[2] == "┣" + "━" * 10 + "┫"


def test_an_answer_that_is_no_stream_has_a_plain_ribbon(tmp_path: Path) -> None:
    exchange = exchange_of(given.rate_limited(tmp_path))
    assert row_text(ribbon(exchange, span_of(exchange, 0), 12)) == "─" * 12


def test_the_tracks_show_chunks_over_events_to_scale(tmp_path: Path) -> None:
    exchange = exchange_of(given.complete(tmp_path))
    chunks, events = texts(two_tracks(exchange, 1, 78))
    assert chunks.startswith(" chunks ")
    assert chunks.index("│1") > 8
    assert events.index("│0") < chunks.index("│1") < events.index("│1")
    assert two_tracks(exchange, 99, 78) == [[], []]


def test_the_detail_of_a_chunk_shows_its_bytes(tmp_path: Path) -> None:
    exchange = exchange_of(given.complete(tmp_path))
    text = texts(chunk_detail_rows(exchange, 1, 78))
    assert text[0] == " network chunk 1 · arrived at 0.273000 s"
    assert text[2] == " it begins in a JSON string of event 0"
    assert "events 0 message_start · 1 content_block_start" in text[3]
    assert text[5].startswith("      90  ")


def test_a_long_chunk_is_cut_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk_rows, "MAX_SHOWN_CHUNK", 32)
    exchange = exchange_of(given.complete(tmp_path))
    assert texts(chunk_detail_rows(exchange, 1, 78))[-1] == " … 297 more bytes of this chunk"


@pytest.mark.parametrize("width", [58, 78, 140])
@pytest.mark.parametrize(
    "write", [given.complete, given.hostile, given.gzipped, given.rate_limited, given.torn]
)
def test_no_row_is_wider_than_asked_for(write: object, width: int, tmp_path: Path) -> None:
    assert callable(write)
    exchange = exchange_of(write(tmp_path))
    assert row_width(chunk_header(width)) == width
    for chunk in range(len(exchange.body.chunks)):
        assert row_width(chunk_row(exchange, chunk, width)) <= width
        rows = [*two_tracks(exchange, chunk, width), *chunk_detail_rows(exchange, chunk, width)]
        assert all(row_width(row) <= width for row in rows)
        assert "".join(texts(rows)).isprintable()
