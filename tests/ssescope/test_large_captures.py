"""F104: many events, a huge event, many captures: the screen comes, and the memory has a bound."""

from __future__ import annotations

import re
from pathlib import Path

from captures.record_lines import encode, encode_request
from captures.records import Boundary, Chunk, End, Ending, Head, Record, Tally
from inspector_tui.tabs import Tab
from tests.captures.by_hand import a_request
from tests.ssescope.saved import STREAM_HEADERS, answer, save, text_delta
from tests.ssescope.terminal import Terminal, in_a_terminal

MIB = 1024 * 1024
PROGRAM = 120 * MIB
"""More than the inspector takes without a capture, on any machine."""

MANY_EVENTS = 10_000
HUGE_EVENT = 33 * MIB
"""More than is parsed; its bytes are kept."""
MANY_CAPTURES = 2_000


def write(path: Path, pieces: list[bytes]) -> Path:
    """Writes a whole capture at once, past the queue of a recorder."""
    tally = Tally(sum(map(len, pieces)), "", len(pieces))
    records: list[Record] = [Head(1, 0.1, "1.1", 200, "OK", STREAM_HEADERS)]
    records += [
        Chunk(number, number / 1000, piece, Boundary.CHUNK)
        for number, piece in enumerate(pieces, 2)
    ]
    records.append(End(len(pieces) + 2, 99.0, Ending.COMPLETE, "", tally, tally))
    path.write_bytes(encode_request(a_request()) + b"".join(map(encode, records)))
    return path


def key(tab: Tab) -> str:
    """What is typed to see a tab."""
    return str(list(Tab).index(tab) + 1)


def most_memory(terminal: Terminal) -> int:
    """Most resident bytes of the program in the terminal so far."""
    status = Path(f"/proc/{terminal.pid}/status").read_text()
    return 1024 * int(re.findall(r"VmHWM:\s+(\d+)", status)[0])


def test_f104_a_capture_of_many_events(tmp_path: Path) -> None:
    words = [text_delta(f"word {number} ") for number in range(MANY_EVENTS)]
    path = write(tmp_path / "many.jsonl", [*answer()[:2], *words, *answer()[3:]])
    with in_a_terminal("inspect", str(path)) as terminal:
        terminal.wait_for("complete · end_turn")
        terminal.type_until("G", "message_stop")
        terminal.type_until("2", "word 0 word 1")
        terminal.type_until(key(Tab.RAW), "text_delta")
        # The events, the body and the message: a few times the size of the file.
        assert most_memory(terminal) < PROGRAM + 8 * path.stat().st_size


def test_f104_a_capture_of_one_huge_event(tmp_path: Path) -> None:
    event = text_delta("x" * HUGE_EVENT)
    pieces = [event[start : start + 65536] for start in range(0, len(event), 65536)]
    path = write(tmp_path / "huge.jsonl", [*answer()[:2], *pieces, *answer()[3:]])
    with in_a_terminal("inspect", str(path)) as terminal:
        terminal.wait_for("complete · end_turn")
        terminal.type_until(key(Tab.FINDINGS), "SSE002")
        terminal.type_until(key(Tab.RAW), "xxxx")
        terminal.type_until("1", "message_start")
        # The body is kept once; a second copy would come from the decoder.
        assert most_memory(terminal) < PROGRAM + 3 * HUGE_EVENT


def test_f104_a_folder_of_many_captures(tmp_path: Path) -> None:
    content = save(tmp_path).read_bytes()
    for number in range(MANY_CAPTURES):
        (tmp_path / f"20250101T000000.000Z-abcdef-{number:06d}.jsonl").write_bytes(content)
    with in_a_terminal("inspect", str(tmp_path)) as terminal:
        terminal.wait_for(f"{MANY_CAPTURES + 1:,} exchanges")
        terminal.wait_for("complete · end_turn")
        terminal.type_until("G", "20250101|end_turn")
        # Of a capture that is not opened only its summary is kept.
        assert most_memory(terminal) < PROGRAM + MANY_CAPTURES * 16 * 1024
