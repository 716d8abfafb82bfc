"""Two recording processes and three readers share one folder."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from captures.loading import load
from captures.store import captures_in, prepare_folder
from tests.captures.waiting import DEADLINE_SECONDS, wait_until

CAPTURES = 20
CHUNKS = 30

RECORD = f"""
import sys
from pathlib import Path
from captures.records import Boundary, Ending, Tally
from captures.store import prepare_folder
from captures.writer import Writer

prepare_folder(Path(sys.argv[1]))
writer = Writer(Path(sys.argv[1]))
for number in range({CAPTURES}):
    recording = writer.record(
        upstream="https://api.example.com", method="GET", path="/", version="1.1", headers=()
    )
    recording.head(0.0, "1.1", 200, "OK", ())
    for piece in range({CHUNKS}):
        recording.chunk(1.0, b"%d" % piece, Boundary.CHUNK)
    recording.end(2.0, Ending.COMPLETE, "", Tally(0, "", 0), Tally(0, "", 0))
sys.exit(not writer.close().is_complete)
"""


def test_two_recorders_and_three_readers_do_not_disturb_each_other(tmp_path: Path) -> None:
    prepare_folder(tmp_path)
    recorders = [
        subprocess.Popen(
            [sys.executable, "-c", RECORD, str(tmp_path)], cwd=Path(__file__).parents[2]
        )
        for _ in range(2)
    ]
    seen: list[list[str]] = [[], [], []]

    def read_all(found: list[str]) -> None:
        def everything_is_read() -> bool:
            for path in captures_in(tmp_path):
                if path.name not in found and path.stat().st_size:
                    exchange = load(path)
                    assert not exchange.findings
                    if exchange.end is not None:
                        assert len(exchange.body.chunks) == CHUNKS
                        found.append(path.name)
            return len(found) == 2 * CAPTURES

        wait_until(everything_is_read)

    readers = [threading.Thread(target=read_all, args=(found,)) for found in seen]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(DEADLINE_SECONDS)
    assert [recorder.wait(DEADLINE_SECONDS) for recorder in recorders] == [0, 0]
    assert [sorted(found) for found in seen] == [sorted(seen[0])] * 3
    assert len(set(seen[0])) == 2 * CAPTURES
