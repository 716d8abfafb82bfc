"""A stream recorded, replayed and recorded again: the second recording says the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from captures.records import Ending, Head
from proxy.asgi_server import serve
from proxy.replay import serve_replay
from proxy.sandbox import sandbox_application
from proxy.sandbox_scenarios import SCENARIOS, Scenario, model_name
from proxy.sandbox_scenarios import Ending as ScenarioEnding
from proxy.sandbox_script import Pace
from tests.proxy.replaying import AT_ONCE, library_of
from tests.proxy.running import end_of, pieces_of, records_of, running_proxy
from tests.proxy.wire import RawResponse, raw_client, request_bytes

ENDING = tuple(scenario for scenario in SCENARIOS if scenario.ending is not ScenarioEnding.STALL)


async def recorded(origin: str, folder: Path, body: bytes) -> tuple[Path, RawResponse]:
    """What a proxy in front of this origin records of one request, and what its client got."""
    async with running_proxy(origin, folder) as proxy, raw_client(proxy.port) as client:
        headers = ("x-api-key: made-up",)
        await client.send(request_bytes(proxy.port, body=body, headers=headers))
        response = await client.read_response()
        (capture,) = await proxy.ended()
    return capture, response


def head_of(capture: Path) -> Head:
    return next(record for record in records_of(capture) if isinstance(record, Head))


@pytest.mark.parametrize("scenario", ENDING, ids=lambda scenario: scenario.name)
async def test_bytes_chunks_and_ending_are_those_of_the_first_recording(
    tmp_path: Path, scenario: Scenario
) -> None:
    question = {
        "model": model_name(scenario),
        "max_tokens": 9,
        "stream": True,
        "messages": [{"role": "user", "content": "hi"}],
    }
    body = json.dumps(question).encode()
    async with serve(sandbox_application(Pace(first_token=0, total=0))) as sandbox:
        first, original = await recorded(sandbox.origin, tmp_path / "first", body)
    async with serve_replay(library_of(first), manner=AT_ONCE) as replay:
        second, replayed = await recorded(replay.origin, tmp_path / "second", body)
    assert replayed.pieces == original.pieces
    assert replayed.complete is original.complete
    assert pieces_of(second) == pieces_of(first)
    once, again = end_of(first), end_of(second)
    assert (again.how, again.upstream) == (once.how, once.upstream)
    assert again.how in {Ending.COMPLETE, Ending.UPSTREAM_TRUNCATED}
    before, after = head_of(first), head_of(second)
    assert (after.status, after.reason) == (before.status, before.reason)
    ours = {"x-ssescope-replay"}
    kept = [(name, value) for name, value in after.headers if name.lower() not in ours]
    assert kept == [*before.headers]
