"""What other terminal viewers manage on what they can open too, for ``benchmarks.inspector``.

toolong shows the same events as lines of JSON; mitmproxy's console shows flows, and one flow with
a large body. Each is installed with pip into an environment of its own, since toolong wants
another Textual than ours. One that cannot be installed is told of as missing.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

from benchmarks.figures import MIB, mib, ms, told
from benchmarks.terminal import Terminal, in_a_terminal
from captures.records import Chunk
from captures.store import read

FLOWS = 10_000
BODY = 64 * MIB
PACE = 1000
_FIRST, _LAST = '"message_start"', '"message_stop"'

_WRITE_FLOWS = """
import sys
from mitmproxy import http, io
from mitmproxy.connection import Client, Server
path, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with open(path, "wb") as file:
    writer = io.FlowWriter(file)
    for number in range(count):
        client = Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2))
        flow = http.HTTPFlow(client, Server(address=("example.org", 80)))
        flow.request = http.Request.make("POST", f"http://example.org/flow-{number}")
        body = b"the first line\\n" + b"0123456789abcde\\n" * (size // 16) + b"the last line\\n"
        flow.response = http.Response.make(200, body, {"content-type": "text/plain"})
        writer.add(flow)
"""
_WRITE_LINES = """
import sys, time
path, pace, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
line = '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" of"}}\\n'
with open(path, "a", buffering=1 << 16) as file:
    started, sent = time.monotonic(), 0
    while (now := time.monotonic() - started) < seconds:
        due = int(now * pace)
        file.write(line * (due - sent))
        file.flush()
        sent = due
        time.sleep(0.01)
"""


def measure_peers(folder: Path, stream: Path, share: int) -> None:
    """Installs and measures each; prints a row a figure.

    Args:
        folder: where everything is put.
        stream: the capture whose events are also shown as lines.
        share: by what the amounts are divided.
    """
    measures: tuple[tuple[str, Callable[[Path], None]], ...] = (
        ("toolong", lambda programs: _toolong(programs / "tl", folder, stream)),
        ("mitmproxy", lambda programs: _mitmproxy(programs, folder, share)),
    )
    for name, measure in measures:
        place = folder / name
        venv.create(place, with_pip=True)
        install = [str(place / "bin" / "pip"), "install", "--quiet", name]
        if subprocess.run(install, capture_output=True, check=False).returncode:
            told(name, "cannot be installed")
            continue
        try:
            measure(place / "bin")
        except TimeoutError:
            told(f"{name}: the rest", "not in time")


def _toolong(program: Path, folder: Path, stream: Path) -> None:
    lines = folder / "events.log"
    events = _write_lines(stream, lines)
    named = f"toolong: {events:,} events as lines"
    with in_a_terminal([str(program), str(lines)]) as terminal:
        told(f"{named}: first screen", ms(terminal.wait_for(_LAST) - terminal.started))
        told(f"{named}: jump to the start", _jump(terminal, "G", _LAST, _FIRST))
        told(f"{named}: jump to the end", _jump(terminal, "g", _FIRST, _LAST))
        told(f"{named}: most memory", mib(terminal.peak_memory()))
    live = folder / "live.log"
    live.write_text('{"type":"message_start"}\n')
    writer = subprocess.Popen([sys.executable, "-c", _WRITE_LINES, str(live), str(PACE), "20"])
    try:
        with in_a_terminal([str(program), str(live)]) as terminal:
            terminal.wait_for("content_block_delta")
            terminal.pause(2.0)
            began, cpu = monotonic(), terminal.cpu_seconds()
            terminal.pause(10.0)
            used = (terminal.cpu_seconds() - cpu) / (monotonic() - began)
            told(f"toolong: following {PACE:,} lines a second: of a core", f"{used:.1%}")
    finally:
        writer.kill()
        writer.wait()


def _write_lines(stream: Path, lines: Path) -> int:
    """Writes the data of each event as a line; returns how many there are."""
    count = 0
    with lines.open("wb") as file:
        for record in read(stream):
            if isinstance(record, Chunk):
                file.write(record.data.partition(b"data: ")[2].rstrip() + b"\n")
                count += 1
    return count


def _mitmproxy(programs: Path, folder: Path, share: int) -> None:
    flows, count = folder / "flows.mitm", FLOWS // share
    _write_flows(programs, flows, count, 100)
    named = f"mitmproxy: {count:,} flows"
    with in_a_terminal([str(programs / "mitmproxy"), "-n", "-r", str(flows)]) as terminal:
        read_all = terminal.wait_for(f"/{count}]", 300.0) - terminal.started
        told(f"{named}: until all is read", f"{read_all:,.1f} s")
        first, last = "flow-0 ", f"flow-{count - 1} "
        told(f"{named}: jump to the end", _jump(terminal, "G", first, last))
        told(f"{named}: jump to the start", _jump(terminal, "g", last, first))
        told(f"{named}: most memory", mib(terminal.peak_memory()))
    body, size = folder / "body.mitm", BODY // share
    _write_flows(programs, body, 1, size)
    named = f"mitmproxy: a body of {size // MIB} MiB"
    with in_a_terminal([str(programs / "mitmproxy"), "-n", "-r", str(body)]) as terminal:
        terminal.wait_for("flow-0", 300.0)
        sleep(1.0)
        opened = terminal.type("\r\t")
        told(f"{named}: its text shown", ms(terminal.wait_for("the first line") - opened))
        told(f"{named}: jump to the end", _jump(terminal, "G", "first line", "last line"))
        told(f"{named}: most memory", mib(terminal.peak_memory()))


def _write_flows(programs: Path, path: Path, count: int, size: int) -> None:
    python = str(programs / "python")
    subprocess.run([python, "-c", _WRITE_FLOWS, str(path), str(count), str(size)], check=True)


def _jump(terminal: Terminal, key: str, away_from: str, to: str) -> str:
    """How long a key takes to bring one thing on the screen and take the other off, in words."""
    typed = terminal.type(key)
    try:
        shown = terminal.wait(lambda screen: to in screen and away_from not in screen, 20.0)
    except TimeoutError:
        return "not in 20 s"
    return ms(shown - typed)
