"""``ssescope replay``: saved exchanges as a server, until a signal comes."""

from __future__ import annotations

from pathlib import Path

from captures.cutting import Way
from captures.pace import Pace
from captures.store import CaptureError
from inspector_tui.safe import safe_text
from proxy.replay import serve_replay
from proxy.replay_source import load_recordings
from ssescope.exits import Exit, fail
from ssescope.loop import Stop, run
from ssescope.servers import announce, bound
from ssescope.talk import say


def run_replay(path: Path, port: int, pace: Pace, chunks: Way) -> int:
    """Serves saved exchanges until a signal comes; ends with code 5 if there are none."""
    try:
        recordings = load_recordings(path)
    except CaptureError as error:
        fail(Exit.CAPTURE_INVALID, str(error))
    for warning in recordings.warnings:
        say(f"ssescope: {safe_text(warning)}")

    async def command(stop: Stop) -> int:
        served = serve_replay(
            recordings,
            port=port,
            pace=pace,
            chunks=chunks,
            on_served=lambda line: say(safe_text(line)),
        )
        async with bound(served, port) as server:
            announce(f"{len(recordings.exchanges)} saved exchanges", server)
            await stop.wait()
        return Exit.FINE

    return run(command)
