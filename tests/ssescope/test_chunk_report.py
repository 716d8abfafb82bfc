from __future__ import annotations

from captures.chunk_map import ChunkMap, Cut
from captures.cut_kinds import CutKind
from ssescope.chunk_report import chunk_map_line


def test_stream_that_was_never_cut_says_so() -> None:
    assert chunk_map_line(ChunkMap(1, (1,), (1,), (), 0)) == "1 event in 1 chunk · no event was cut"
    assert chunk_map_line(ChunkMap(2, (5, 1200), (1,) * 1205, (), 0)) == (
        "1,205 events in 2 chunks, up to 1,200 in one · no event was cut"
    )


def test_chances_to_be_wrong_are_told_by_what_was_torn() -> None:
    kinds = [CutKind.JSON_STRING, CutKind.CODE_POINT, CutKind.JSON_STRING, CutKind.CR_LF]
    cuts = tuple(Cut(0, 1, place, kind) for place, kind in enumerate(kinds))

    assert chunk_map_line(ChunkMap(5, (0, 0, 0, 0, 1), (5,), cuts, 0)) == (
        "1 event in 5 chunks · this stream gave your parser 4 chances to be wrong: "
        "1 into a code point, 1 between CR and LF, 2 into a JSON string"
    )


def test_cuts_nobody_looked_into_are_told() -> None:
    cut = Cut(0, 1, 3, CutKind.OTHER)

    assert chunk_map_line(ChunkMap(2, (0, 1), (2,), (cut,), 2)).endswith(
        "3 chances to be wrong: 1 elsewhere in a line, 2 beyond the part of the body that is kept"
    )


def test_every_kind_of_cut_has_words() -> None:
    cuts = tuple(Cut(0, 1, place, kind) for place, kind in enumerate(CutKind))

    line = chunk_map_line(ChunkMap(2, (0, 1), (2,), cuts, 0))

    assert line.count(", 1 ") == len(CutKind) - 1
