"""What a kill -9 of the proxy costs: how old the oldest byte is that a capture has lost.

Run with ``python -m benchmarks.kill [TIMES]`` (20 by default). Nine streams run, one of them at
1,000 chunks a second; the proxy is killed at a random moment; every piece that a client received,
until the end of its broken connection, is looked for in the capture. The age of a loss counts
from the sending of the piece, so that it is never told too short. A control stream goes past the
proxy: what it waits is the machine's doing. Exit code 1 when more than 20 ms beyond that are lost.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from asyncio.subprocess import DEVNULL
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from benchmarks.stamped import Received, Source, Upstream, stamp_of, start_proxy
from captures.exchange import Exchange
from captures.loading import load
from captures.store import captures_in

FAST = ("fast", 200, 1000)
"""Name, bytes of a piece and pieces a second."""
OTHERS = [(f"other-{number}", 200, 100) for number in range(8)]
MOST_LOST = 0.02
"""Seconds of a stream that a kill may cost."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What one kill cost its worst stream."""

    pieces: int
    age: float
    """Seconds from the sending of the oldest lost piece to the kill."""
    age_at_client: float
    """The same from its arrival at the client."""


async def measure(times: int) -> bool:
    """Prints one line a kill, then the worst; whether none cost too much."""
    losses, over = [], 0
    for number in range(1, times + 1):
        with tempfile.TemporaryDirectory() as folder:
            loss, control = await _kill_once(Path(folder))
        losses.append(loss)
        waited = max(control.waits, default=0.0)
        over += loss.age > MOST_LOST + waited
        print(
            f"kill {number}: {loss.pieces} pieces lost, the oldest sent {loss.age * 1000:.1f} ms "
            f"before and received {loss.age_at_client * 1000:.1f} ms before; control waited "
            f"{waited * 1000:.1f} ms at most",
            flush=True,
        )
    worst = max(loss.age for loss in losses)
    none = sum(not loss.pieces for loss in losses)
    print(
        f"{times} kills of {1 + len(OTHERS)} streams: every capture opened; nothing was lost by "
        f"{none}, at most the last {worst * 1000:.1f} ms; over {MOST_LOST * 1000:.0f} ms and what "
        f"the machine made the control wait by {over}"
    )
    return not over


async def _kill_once(folder: Path) -> tuple[Loss, Received]:
    """What a kill at some moment cost, and the control stream beside it."""
    sources = [Source(*FAST), *(Source(*other) for other in OTHERS)]
    upstream = await Upstream(sources).listen()
    port = upstream.sockets[0].getsockname()[1]
    process, proxy_port = await start_proxy(port, folder, stderr=DEVNULL)
    control, finished = Received(FAST[1]), asyncio.Event()
    clients = {source.name: Received(source.size) for source in sources}
    receiving = [client.receive(proxy_port, name) for name, client in clients.items()]
    receiving.append(control.receive(port, "fast"))
    playing = [source.run(2 if source.name == "fast" else 1, finished) for source in sources]
    tasks = [asyncio.create_task(going) for going in (*receiving, *playing)]
    await asyncio.sleep(random.uniform(0.05, 1.0))  # noqa: S311 - any moment will do
    process.kill()
    killed = monotonic()
    await process.wait()
    finished.set()
    await asyncio.gather(*tasks)
    upstream.close()
    kept = {}
    for path in captures_in(folder):
        exchange = load(path)
        kept[exchange.request.path.removeprefix("/")] = exchange
    losses = [_loss(kept.get(name), client, killed) for name, client in clients.items()]
    return max(losses, key=lambda loss: loss.age), control


def _loss(exchange: Exchange | None, client: Received, killed: float) -> Loss:
    """What a capture lacks of what its client received; what it holds must be what was sent."""
    kept = 0
    if exchange is not None:
        assert exchange.interrupted
        kept = exchange.body.size // client.size
        body = exchange.body.bytes_between(0, exchange.body.size)
        for number in range(min(kept, len(client.sent_at))):
            found = stamp_of(body[number * client.size :][: client.size])
            assert found == (number, client.sent_at[number])
    lost = client.sent_at[kept:]
    if not lost:
        return Loss(0, 0.0, 0.0)
    arrived = client.sent_at[kept] + client.waits[kept]
    return Loss(len(lost), killed - lost[0], killed - arrived)


if __name__ == "__main__":
    sys.exit(not asyncio.run(measure(int(sys.argv[1]) if sys.argv[1:] else 20)))
