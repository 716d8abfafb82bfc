"""The network's chunks against the stream's events, as plain text. Pure."""

from __future__ import annotations

from captures.chunk_map import ChunkMap
from captures.cut_kinds import CutKind

_INTO = {
    CutKind.CODE_POINT: "into a code point",
    CutKind.CR_LF: "between CR and LF",
    CutKind.FIELD: "into a field name",
    CutKind.JSON_STRING: "into a JSON string",
    CutKind.LINES: "between the lines of an event",
    CutKind.OTHER: "elsewhere in a line",
}


def chunk_map_line(found: ChunkMap) -> str:
    """How many chunks and events there were, and where cuts fell inside events."""
    events = len(found.chunks_per_event)
    words = f"{_plural(events, 'event')} in {_plural(found.chunks, 'chunk')}"
    if found.most_events_in_a_chunk > 1:
        words = f"{words}, up to {found.most_events_in_a_chunk:,} in one"
    if not found.chances:
        return f"{words} · no event was cut"
    places = [f"{count:,} {_INTO[kind]}" for kind, count in found.counts().items()]
    if found.unseen:
        places.append(f"{found.unseen:,} beyond the part of the body that is kept")
    chances = _plural(found.chances, "chance")
    return f"{words} · this stream gave your parser {chances} to be wrong: {', '.join(places)}"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
