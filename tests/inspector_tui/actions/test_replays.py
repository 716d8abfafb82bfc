from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from inspector_tui.actions.replays import Replay, Replays
from inspector_tui.cells import row_text


def replay(name: str, port: int) -> Replay:
    process = cast("Any", None)
    return Replay(Path(f"/captures/{name}.jsonl"), process, "", f"http://127.0.0.1:{port}", ())


def test_what_is_replayed_is_told_safely_in_one_row() -> None:
    replays = Replays()
    assert replays.row(80) == []
    first, second = replay("a\x1b]0;x\x07", 1), replay("b", 2)
    replays.add(first)
    assert row_text(replays.row(80)) == " ▶ replaying at http://127.0.0.1:1 (a␛]0;x␇)"
    replays.add(second)
    assert "http://127.0.0.1:2 (b)" in row_text(replays.row(80))
    assert len(row_text(replays.row(30))) <= 30
    assert replays.of(first.path) is first
    again = replay("b", 3)
    replays.add(again)
    replays.discard(second)
    assert replays.of(again.path) is again
    replays.discard(again)
    assert replays.of(again.path) is None
