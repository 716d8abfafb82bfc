"""What a huge capture costs in the inspector: time to the first screen, to a key, and memory.

Run with ``python -m benchmarks.inspector [quick] [--peers]``. It makes captures in a folder of its
own, opens each with the real ``ssescope inspect`` in a pseudo-terminal, types keys and waits until
the awaited words are on the screen. ``quick`` takes a tenth of everything. ``--peers`` also
installs toolong and mitmproxy into environments of their own and measures them on what they can
open.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import monotonic, sleep

from benchmarks.figures import MIB, mib, ms, percentile, told
from benchmarks.inspector_captures import NEEDLE, make_body, make_stream
from benchmarks.inspector_peers import measure_peers
from benchmarks.terminal import Screen, Terminal, in_a_terminal

INSPECT = [sys.executable, "-P", "-m", "ssescope", "inspect"]
LIST_BENCHMARK = "benchmarks.inspector_list"
LIVE_PACE = 1000
_VERDICT = "end_turn"
_FIRST, _DELTA, _LAST = "message_start", "content_block_delta", "message_stop"
_READING = "reading the capture"
_CURSOR = "▌"
_JUMPS = 20
_STARTS, _FEW = 9, 12
_KEYS = 100


def main() -> None:
    """Measures and prints one table."""
    share = 10 if "quick" in sys.argv[1:] else 1
    with tempfile.TemporaryDirectory(prefix="ssescope-bench-") as name:
        folder = Path(name)
        stream, body = folder / "stream.jsonl", folder / "body.jsonl"
        events, size = 1_000_000 // share, 1024 // share * MIB
        few = folder / "few"
        few.mkdir()
        for number in range(_FEW):
            make_stream(few / f"{number}.jsonl", 50)
        make_stream(stream, events)
        told("what", "figure")
        told(f"first frame, a list of {_FEW}, median of {_STARTS}", _first_frame(few, _VERDICT))
        told(
            f"first frame, one capture, median of {_STARTS}", _first_frame(few / "0.jsonl", _FIRST)
        )
        _long_stream(stream, events)
        _follow(folder / "live.jsonl", 20.0 / min(share, 4))
        make_body(body, size)
        _huge_body(body, size)
        if "--peers" in sys.argv[1:]:
            measure_peers(folder, stream, share)
    # In a process of its own, whose memory is that of the list alone.
    subprocess.run([sys.executable, "-m", LIST_BENCHMARK, str(100_000 // share)], check=True)


def _first_frame(path: Path, words: str) -> str:
    taken = []
    for _ in range(_STARTS + 1):
        with in_a_terminal([*INSPECT, str(path)]) as terminal:
            taken.append(_until(terminal, words))
    # Not the first start, which may compile the program.
    return ms(median(taken[1:]))


def _long_stream(path: Path, events: int) -> None:
    named = f"{events:,} events"
    with in_a_terminal([*INSPECT, str(path)]) as terminal:
        told(f"{named}: first screen after the start", ms(_until(terminal, _FIRST)))
        keys = [_key(terminal, key) for key in "jk" * (_KEYS // 2)]
        told(f"{named}: a key while it is read, p99", ms(percentile(keys, 0.99)))
        read = terminal.wait(lambda screen: _READING not in screen, 600.0) - terminal.started
        told(f"{named}: until all is read", f"{read:,.1f} s")
        to_end, to_start = [], []
        for _ in range(_JUMPS):
            to_end.append(_jump(terminal, "G", _FIRST, _LAST))
            to_start.append(_jump(terminal, "g", _LAST, _FIRST))
        told(f"{named}: first jump to the end", ms(to_end[0]))
        told(f"{named}: jump to the end, longest of {_JUMPS}", ms(max(to_end)))
        told(f"{named}: jump to the start, longest of {_JUMPS}", ms(max(to_start)))
        terminal.type("/")
        terminal.wait_for("search in events")
        typed = terminal.type(NEEDLE)
        found = terminal.wait(lambda screen: sum(NEEDLE in line for line in screen.lines) > 1)
        told(f"{named}: search through all of them", ms(found - typed))
        told(f"{named}: most memory", mib(terminal.peak_memory()))


def _follow(path: Path, seconds: float) -> None:
    command = [sys.executable, "-m", "benchmarks.inspector_captures", str(path)]
    writer = subprocess.Popen([*command, str(LIVE_PACE), str(seconds + 30)])
    try:
        while not path.exists():
            sleep(0.05)
        with in_a_terminal([*INSPECT, str(path)]) as terminal:
            terminal.wait_for(_DELTA)
            terminal.pause(2.0)
            began, cpu = monotonic(), terminal.cpu_seconds()
            terminal.pause(seconds)
            used = (terminal.cpu_seconds() - cpu) / (monotonic() - began)
            told(f"following {LIVE_PACE:,} events a second: of a core", f"{used:.1%}")
            keys = [_key(terminal, key) for key in "kj" * (_KEYS // 2)]
            told("following: a key answered, p50", ms(percentile(keys, 0.5)))
            told("following: a key answered, p99", ms(percentile(keys, 0.99)))
    finally:
        writer.kill()
        writer.wait()


def _huge_body(path: Path, size: int) -> None:
    named = f"a body of {size // MIB:,} MiB"
    with in_a_terminal([*INSPECT, str(path)]) as terminal:
        terminal.wait_for("Timeline")
        read = terminal.wait(lambda screen: _READING not in screen, 600.0) - terminal.started
        told(f"{named}: until all is read", f"{read:,.1f} s")
        terminal.type("6x")
        terminal.wait_for("hexadecimal")
        first, last = f" {0:>8} ", f" {size - 16} "
        jumps = []
        for _ in range(_JUMPS):
            jumps.append(_jump(terminal, "G", first, last))
            jumps.append(_jump(terminal, "g", last, first))
        told(f"{named}: jump in hexadecimal, p50", ms(percentile(jumps, 0.5)))
        told(f"{named}: jump in hexadecimal, longest of {2 * _JUMPS}", ms(max(jumps)))
        told(f"{named}: most memory", mib(terminal.peak_memory()))


def _until(terminal: Terminal, words: str) -> float:
    """Seconds from the start until these words are on the screen."""
    return terminal.wait_for(words) - terminal.started


def _jump(terminal: Terminal, key: str, away_from: str, to: str) -> float:
    """Seconds from a key until it has brought one thing on the screen and taken the other off."""
    typed = terminal.type(key)
    return terminal.wait(lambda screen: to in screen and away_from not in screen) - typed


def _key(terminal: Terminal, key: str) -> float:
    """Seconds from a key until it has moved the cursor."""
    terminal.pause(0.03)
    before = _cursor(terminal.screen)
    typed = terminal.type(key)
    return terminal.wait(lambda screen: _cursor(screen) != before) - typed


def _cursor(screen: Screen) -> list[int]:
    return [row for row, line in enumerate(screen.lines) if _CURSOR in line]


if __name__ == "__main__":
    main()
