"""Replays of real streams, and a real client that reads them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from anthropic import AsyncAnthropic, RateLimitError

from captures.records import Ending
from proxy.replay_miss import OnMiss
from tests.captures.cuts import at_random
from tests.captures.shared_material import needs_streams, sse_recordings
from tests.proxy.recorded import JSON, Recorded
from tests.proxy.replaying import replaying
from tests.proxy.wire import raw_client, request_bytes

MESSAGE_EVENTS = (
    {
        "type": "message_start",
        "message": {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 3, "output_tokens": 1},
        },
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": "Grüße 🌊"},
    },
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 7},
    },
    {"type": "message_stop"},
)


def message_stream() -> bytes:
    return b"".join(
        f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
        for event in MESSAGE_EVENTS
    )


@asynccontextmanager
async def anthropic_client(port: int) -> AsyncIterator[AsyncAnthropic]:
    async with AsyncAnthropic(
        base_url=f"http://127.0.0.1:{port}", api_key="made-up", max_retries=0
    ) as client:
        yield client


async def read_with_anthropic(client: AsyncAnthropic) -> tuple[str, str | None, int]:
    async with client.messages.stream(
        model="m", max_tokens=9, messages=[{"role": "user", "content": "Hello"}]
    ) as stream:
        text = await stream.get_final_text()
        message = await stream.get_final_message()
    return text, message.stop_reason, message.usage.output_tokens


async def test_the_anthropic_client_reads_a_replay(tmp_path: Path) -> None:
    pieces = tuple(at_random(message_stream(), 3))
    refused = Recorded(
        (b'{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}',),
        status=429,
        headers=(JSON, ("retry-after", "0")),
    )
    async with replaying(tmp_path, refused, Recorded(pieces), on_miss=OnMiss.CLOSEST) as port:
        async with anthropic_client(port) as client:
            with pytest.raises(RateLimitError, match="slow down"):
                await read_with_anthropic(client)
            assert await read_with_anthropic(client) == ("Grüße 🌊", "end_turn", 7)


async def test_the_anthropic_client_sees_a_cut(tmp_path: Path) -> None:
    cut = Recorded((message_stream()[:400],), how=Ending.UPSTREAM_TRUNCATED)
    async with replaying(tmp_path, cut, on_miss=OnMiss.CLOSEST) as port:
        async with anthropic_client(port) as client:
            with pytest.raises(Exception, match="incomplete chunked read"):
                await read_with_anthropic(client)


@needs_streams
async def test_every_recorded_stream_comes_back_exactly(tmp_path: Path) -> None:
    exchanges = []
    for number, recording in enumerate(sse_recordings()):
        about = recording.about["response"] or {}
        fields = (about.get("headers") or {}).items()
        headers = tuple((k, v) for k, v in fields if k.lower() != "content-length")
        status = about.get("status") or 200
        pieces = tuple(filter(None, at_random(recording.raw or recording.body, number)))
        target = f"/recorded/{number}"
        exchanges.append(Recorded(pieces, target=target, headers=headers, status=max(200, status)))
    async with replaying(tmp_path, *exchanges) as port:
        async with raw_client(port) as client:
            for exchange in exchanges:
                await client.send(request_bytes(port, exchange.target))
                answer = await client.read_response()
                assert answer.status == exchange.status
                assert answer.pieces == exchange.pieces
                assert answer.complete
