"""How the bytes of two bodies differ, in the terms of event streams. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from captures.inflate import NotInflatableError, inflater_for
from ssescope.doctor_client import Answer

_LINE_END = re.compile(rb"\r\n|\r|\n")
_MARK = b"\xef\xbb\xbf"
_DROPPABLE: tuple[tuple[str, str, Callable[[bytes], bool]], ...] = (
    ("comments_dropped", "comments dropped", lambda line: line.startswith(b":")),
    ("event_lines_dropped", "event: lines dropped", lambda line: line.startswith(b"event:")),
    ("ids_dropped", "id: lines dropped", lambda line: line.startswith(b"id:")),
    ("retries_dropped", "retry: lines dropped", lambda line: line.startswith(b"retry:")),
)


def byte_differences(sent: Answer, got: Answer) -> Iterator[tuple[str, str]]:
    """Kinds and words of what differs between the body that was sent and the one that came."""
    if got.stray:
        yield "stray_bytes", f"{got.stray:,} bytes behind the end of the answer"
    sent_coding, got_coding = coding_of(sent), coding_of(got)
    if sent.body == got.body and sent_coding == got_coding:
        return
    if sent.body == got.body:
        yield (
            "coding_renamed",
            f"the same bytes, called {_name(got_coding)}, not {_name(sent_coding)}",
        )
        return
    before, after = _decoded(sent.body, sent_coding), _decoded(got.body, got_coding)
    if before is None or after is None or sent_coding == got_coding == "":
        yield from text_differences(sent.body, got.body)
        return
    if sent_coding == got_coding:
        if before == after:
            yield "recompressed", f"re-compressed with {got_coding}"
    elif not got_coding:
        yield "decompressed", f"{sent_coding} decompressed"
    else:
        yield "compressed", f"{_name(sent_coding)} came as {got_coding}"
    yield from text_differences(before, after)


def text_differences(sent: bytes, got: bytes) -> Iterator[tuple[str, str]]:
    """What became of a stream's lines; nothing where both are equal."""
    if sent == got:
        return
    if got and sent.startswith(got):
        yield "bytes_lost", f"the last {len(sent) - len(got):,} of {len(sent):,} bytes are missing"
        return
    if not got:
        yield "bytes_lost", f"all {len(sent):,} bytes are missing"
        return
    if not set(filter(None, _lines(sent))) & set(_lines(got)):
        yield "bytes_changed", f"other bytes from byte {_common(sent, got):,} on"
        return
    if sent.startswith(_MARK) and not got.startswith(_MARK):
        yield "byte_order_mark_dropped", "byte order mark dropped"
        sent = sent.removeprefix(_MARK)
    if _line_ends(sent) != _line_ends(got):
        yield "line_ends_changed", "line ends changed"
    before, after = _lines(sent), _lines(got)
    for kind, words, matches in _DROPPABLE:
        if any(map(matches, before)) and not any(map(matches, after)):
            yield kind, words
            before = [line for line in before if not matches(line)]
    # An event of which all lines were dropped may leave its blank line behind, or not.
    if [line for line in before if line] != [line for line in after if line]:
        yield "bytes_changed", f"other bytes from byte {_common(sent, got):,} on"
    elif len(before) != len(after):
        yield "blank_lines_changed", "blank lines dropped or added"


def coding_of(answer: Answer) -> str:
    """The content coding an answer names, in lower case; empty for none."""
    codings = [v for name, v in answer.fields if name.lower() == b"content-encoding"]
    coding = b", ".join(codings).decode("latin-1").strip().lower()
    return "" if coding == "identity" else coding


def _name(coding: str) -> str:
    return coding or "not compressed"


def _decoded(body: bytes, coding: str) -> bytes | None:
    try:
        return inflater_for(coding).feed(body)
    except NotInflatableError:
        return None


def _lines(text: bytes) -> list[bytes]:
    return _LINE_END.split(text)


def _line_ends(text: bytes) -> set[bytes]:
    return set(_LINE_END.findall(text))


def _common(left: bytes, right: bytes) -> int:
    """Length of the common beginning."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[:middle] == right[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
