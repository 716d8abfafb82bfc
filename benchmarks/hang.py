"""What a disk that hangs costs: what clients wait, the memory, and what is lost.

Run with ``python -m benchmarks.hang [SECONDS]`` (600 by default). One stream runs at 1,000 chunks a
second and four wide ones beside it, through a proxy whose capture writes do not return for so
long; then they do. A control stream is fed at the same moments as the first and goes past the
proxy: what it waits is the machine's doing. Afterwards everything that was sent must be either in
the captures or declared lost. Exit code 1 when a promise is broken.
"""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.stamped import Received, Source, Upstream, stamp_of, start_proxy, waits_in_words
from captures.records import Chunk, Damage, End, Gap, Request
from captures.sequence import Sequence
from captures.store import captures_in, read
from captures.writer import MAX_QUEUED_BYTES, MAX_QUEUED_BYTES_A_CAPTURE

SECONDS = 600.0
EASY_SECONDS = 2.0
"""How long the streams run before the disk hangs, and after it."""
FAST = ("fast", 200, 1000)
"""Name, bytes of a piece and pieces a second: 16 MiB wait after 84 s."""
WIDE = [(f"wide-{number}", 16384, 20) for number in range(4)]
"""16 MiB of each wait after 51 s; with the fast stream they want more than 64 MiB."""
LONGEST_WAIT = 0.1
MIB = 1024 * 1024

PROXY = """
import os, threading, time
from pathlib import Path
write, hung = os.write, Path(os.environ["HUNG"])

def attempt(descriptor, data):
    while threading.current_thread().name == "captures" and hung.exists():
        time.sleep(0.01)
    return write(descriptor, data)

os.write = attempt
from ssescope.cli import main; main()
"""
_WAITING = re.compile(r"([\d,]+) records with ([\d,]+) body bytes wait")


@dataclass(slots=True)
class Watched:
    """What is seen of the proxy from outside. Mutable."""

    memory_before: int = 0
    """Resident bytes before the disk hangs."""
    most_memory: int = 0
    most_records: int = 0
    """Most records that waited, as the proxy tells on stderr."""
    most_bytes: int = 0
    talk: list[str] = field(default_factory=list)

    async def listen(self, process: Process) -> None:
        """Reads what the proxy says, until it ends."""
        assert process.stderr is not None
        async for line in process.stderr:
            self.talk.append(line.decode())
            if found := _WAITING.search(self.talk[-1]):
                records, size = (int(word.replace(",", "")) for word in found.groups())
                self.most_records = max(self.most_records, records)
                self.most_bytes = max(self.most_bytes, size)

    async def hang(self, process: Process, hung: Path, seconds: float) -> None:
        """Lets the disk hang for so long, the memory in view."""
        await asyncio.sleep(EASY_SECONDS)
        self.memory_before = _memory(process.pid)
        await asyncio.to_thread(hung.touch)
        for _ in range(int(seconds)):
            await asyncio.sleep(1.0)
            self.most_memory = max(self.most_memory, _memory(process.pid))
        await asyncio.to_thread(hung.unlink)
        await asyncio.sleep(EASY_SECONDS)


@dataclass(frozen=True, slots=True)
class Account:
    """What one capture holds and what it declares lost."""

    written: int
    """Body bytes."""
    lost: int
    written_records: int
    lost_records: int


async def measure(seconds: float) -> bool:
    """Prints the figures; whether every promise was kept."""
    sources = [Source(*FAST), *(Source(*wide) for wide in WIDE)]
    upstream = await Upstream(sources).listen()
    port = upstream.sockets[0].getsockname()[1]
    control = Received(sources[0].size)
    clients = {source.name: Received(source.size) for source in sources}
    watched, finished = Watched(), asyncio.Event()
    with tempfile.TemporaryDirectory() as folder:
        hung, captures = Path(folder) / "hung", Path(folder) / "captures"
        process, proxy_port = await start_proxy(
            port, captures, stderr=PIPE, code=PROXY, HUNG=str(hung)
        )
        listening = asyncio.create_task(watched.listen(process))
        receiving = [control.receive(port, "fast")]
        receiving += [client.receive(proxy_port, name) for name, client in clients.items()]
        playing = [source.run(2 if source.name == "fast" else 1, finished) for source in sources]
        tasks = [asyncio.create_task(going) for going in (*receiving, *playing)]
        await watched.hang(process, hung, seconds)
        finished.set()
        await asyncio.gather(*tasks)
        process.send_signal(signal.SIGTERM)
        code = await process.wait()
        await listening
        kept = _tell_waits(clients, control) & _tell_memory(watched)
        print(f"exit code {code}: {watched.talk[-1].strip()}")
        accounts = [_account(path, sources, clients) for path in captures_in(captures)]
    upstream.close()
    _tell_accounts(accounts, sources)
    return kept


def _memory(pid: int) -> int:
    """Resident bytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(re.findall(r"VmRSS:\s+(\d+)", status)[0])


def _tell_waits(clients: dict[str, Received], control: Received) -> bool:
    """Prints what clients waited; whether none waited too long by the proxy's doing."""
    for name, client in clients.items():
        print(f"{name}: {len(client.waits):,} pieces; from sending to arrival {_words(client)}")
    print(f"control past the proxy: {len(control.waits):,} pieces; {_words(control)}")
    pairs = zip(clients["fast"].waits, control.waits, strict=True)
    added = max(waited - past for waited, past in pairs)
    print(f"most that a piece of fast waited longer than its twin: {added * 1000:.1f} ms")
    late = sum(wait > LONGEST_WAIT for client in clients.values() for wait in client.waits)
    late_past = sum(wait > LONGEST_WAIT for wait in control.waits)
    print(f"over {LONGEST_WAIT * 1000:.0f} ms: {late} pieces, {late_past} of the control")
    return added <= LONGEST_WAIT


def _words(client: Received) -> str:
    return waits_in_words(client.waits)


def _tell_memory(watched: Watched) -> bool:
    """Prints what waited in memory; whether it stayed within the caps."""
    before, most = watched.memory_before / MIB, watched.most_memory / MIB
    print(
        f"most that waited: {watched.most_records:,} records with {watched.most_bytes / MIB:.1f} "
        f"MiB of bodies (cap {MAX_QUEUED_BYTES // MIB} MiB, {MAX_QUEUED_BYTES_A_CAPTURE // MIB} "
        f"MiB a stream); memory of the proxy {before:.0f} MiB before, {most:.0f} MiB at most"
    )
    return watched.most_bytes <= MAX_QUEUED_BYTES


def _account(path: Path, sources: list[Source], clients: dict[str, Received]) -> Account:
    """Adds up one capture, and holds every byte in it to the place where it was sent."""
    sequence, written, lost, written_records, lost_records = Sequence(), 0, 0, 0, 0
    records = read(path)
    request = next(records)
    assert isinstance(request, Request)
    name = request.path.removeprefix("/")
    source = next(source for source in sources if source.name == name)
    end: End | None = None
    for record in records:
        assert not isinstance(record, Damage | Request)
        assert not sequence.fault_at(record)
        if isinstance(record, Chunk):
            _stands_where_it_was_sent(record.data, written + lost, source.size)
            written += len(record.data)
            written_records += 1
        elif isinstance(record, Gap):
            lost += record.size
            lost_records += record.last - record.first + 1
        elif isinstance(record, End):
            end = record
    assert end is not None
    client = clients[name]
    assert written + lost == source.sent * source.size == client.total == end.upstream.size
    assert client.sha256 == end.client.sha256 == end.upstream.sha256
    assert client.complete
    return Account(written, lost, written_records, lost_records)


def _stands_where_it_was_sent(data: bytes, offset: int, size: int) -> None:
    number = -(-offset // size)
    piece = data[number * size - offset :][:size]
    if len(piece) == size:
        assert stamp_of(piece)[0] == number


def _tell_accounts(accounts: list[Account], sources: list[Source]) -> None:
    written = sum(account.written for account in accounts)
    lost = sum(account.lost for account in accounts)
    sent = sum(source.sent * source.size for source in sources)
    records = sum(account.written_records for account in accounts)
    lost_records = sum(account.lost_records for account in accounts)
    print(
        f"{sent:,} bytes sent; {written:,} written + {lost:,} declared lost = {written + lost:,}; "
        f"{records:,} records written, {lost_records:,} declared lost"
    )
    assert len(accounts) == len(sources)
    assert written + lost == sent
    print("every byte stands where it was sent, or in a declared gap")


if __name__ == "__main__":
    sys.exit(not asyncio.run(measure(float(sys.argv[1]) if sys.argv[1:] else SECONDS)))
