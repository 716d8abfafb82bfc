"""When a replay sends what: the deadlines it waits for."""

from __future__ import annotations

from pathlib import Path

import pytest

from captures.faults.catalogue import parse_faults
from captures.pace import Pace
from captures.records import Ending
from proxy import harming, replay, replay_response
from proxy.replay import Manner, serve_replay
from tests.proxy.recorded import Recorded, write_captures
from tests.proxy.replaying import ask, library_of


async def test_pieces_are_due_at_their_recorded_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    deadlines: list[float] = []

    async def note(deadline: float, *_: object) -> None:
        deadlines.append(deadline - now)

    monkeypatch.setattr(replay_response, "sleep_until", note)
    monkeypatch.setattr(replay, "stay_until", note)
    monkeypatch.setattr(replay, "loop_time", lambda: now)
    write_captures(tmp_path, Recorded((b"1", b"2", b"3"), how=Ending.CLIENT_LEFT))
    async with serve_replay(library_of(tmp_path), manner=Manner(Pace(0.5))) as server:
        answer = await ask(server.port)
    assert answer.pieces == (b"1", b"2", b"3")
    assert deadlines == [1.0, 3.0, 5.0, 7.0, 7.5]


async def test_events_of_a_plain_stream_are_due_at_their_pace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlines: list[float] = []

    async def note(deadline: float, *_: object) -> None:
        deadlines.append(deadline)

    monkeypatch.setattr(replay_response, "sleep_until", note)
    monkeypatch.setattr(replay, "loop_time", lambda: 0.0)
    (tmp_path / "a.sse").write_bytes(b"a\n\nb\n\nc")
    manner = Manner(Pace(2.0, first_byte=1.0), interval=0.5)
    async with serve_replay(library_of(tmp_path / "a.sse"), manner=manner) as server:
        await ask(server.port)
    assert deadlines == [1.0, 1.25, 1.5, 1.5]


async def test_the_waits_of_faults_are_added_to_the_recorded_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlines: list[float] = []

    async def note(deadline: float, *_: object) -> None:
        deadlines.append(deadline)

    monkeypatch.setattr(harming, "sleep_until", note)
    monkeypatch.setattr(replay, "stay_until", note)
    for module in (replay, harming):
        monkeypatch.setattr(module, "loop_time", lambda: 0.0)
    write_captures(tmp_path, Recorded((b"1", b"2", b"3")))
    manner = Manner(Pace(4.0), faults=parse_faults(["slow:seconds=0.125"]))
    async with serve_replay(library_of(tmp_path), manner=manner) as server:
        answer = await ask(server.port)
    assert answer.pieces == (b"1", b"2", b"3")
    assert deadlines == [0.125, 0.375 + 0.125, 0.625 + 0.125, 0.875 + 0.125, 1.0]
