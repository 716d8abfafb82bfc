"""The real MCP client sees through the proxy what it sees without it, however a call's stream ends.

Revision 2026-07-28 needs no handshake, so two requests are all there is: the list of tools, which
the client wants for checking a result, and the call, on whose answer the situation is played.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.types import CONNECTION_CLOSED, INTERNAL_ERROR, TextContent

from captures.records import Ending, Head
from tests.proxy.provider_streams import RETRY_AFTER, TEXT, ProviderStream, sse
from tests.proxy.running import body_of, end_of, records_of, running_proxy
from tests.proxy.situations import SITUATIONS, Cues, script
from tests.proxy.wire import (
    DEADLINE,
    Script,
    ScriptedUpstream,
    UpstreamSide,
    scripted_upstream,
    until,
)

TOOL = "tell"
CALL_ID = 2
"""The second request of a client, which is its progress token too."""
SERVER_CODE = -32001
"""A code of the range that JSON-RPC leaves to servers."""


@dataclass(frozen=True)
class McpOutcome:
    """What the user of the client sees in the end, and what it asked for that."""

    heard: tuple[str, ...] = ()
    """The messages of the progress."""
    text: str | None = None
    code: int | None = None
    message: str | None = None
    """Code and message of the MCPError; the client raises nothing else."""
    asked: tuple[str, ...] = ("POST tools/list", "POST tools/call")


def answer(**members: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": CALL_ID, **members}


def progress(number: int) -> bytes:
    params = {"progressToken": CALL_ID, "progress": number, "message": TEXT[number]}
    message = {"jsonrpc": "2.0", "method": "notifications/progress", "params": params}
    return sse(message, event="message")


STREAM = ProviderStream(
    opening=progress(0),
    rest=progress(1)
    + sse(
        answer(
            result={"resultType": "complete", "content": [{"type": "text", "text": "".join(TEXT)}]}
        ),
        event="message",
    ),
    error_event=sse(answer(error={"code": SERVER_CODE, "message": "Tool lost"}), event="message"),
    error_bodies={
        429: json.dumps(answer(error={"code": SERVER_CODE, "message": "Too many calls"})).encode(),
        # As from a gateway, which knows nothing of JSON-RPC.
        529: b'{"error": "overloaded"}',
    },
)
WITH_IDS = replace(STREAM, opening=b"id: first\nretry: 1\ndata:\n\n" + STREAM.opening)
"""The stream as a server sends it that keeps its events for a client that comes back."""

LOST = "SSE stream ended without a response"
CUT = McpOutcome(TEXT[:1], code=CONNECTION_CLOSED, message=LOST)
OUTCOMES = {
    "good": McpOutcome(TEXT[:2], text="".join(TEXT)),
    "slow first byte": McpOutcome(TEXT[:2], text="".join(TEXT)),
    "ends early": CUT,
    "truncated": CUT,
    "truncated, with ids": replace(
        CUT,
        message="SSE stream ended and reconnection attempts were exhausted",
        asked=(*CUT.asked, "GET after first", "GET after first"),
    ),
    "cut mid-event": CUT,
    "reset mid-event": CUT,
    "error in the stream": McpOutcome(TEXT[:1], code=SERVER_CODE, message="Tool lost"),
    "429": McpOutcome(code=SERVER_CODE, message="Too many calls"),
    "529": McpOutcome(code=INTERNAL_ERROR, message="Server returned an error response"),
    "client is cancelled": McpOutcome(TEXT[:1]),
}
"""The client tells no way of losing a stream from another, and neither the status nor Retry-After
of an answer. It comes back to a lost stream only where an event had an identifier: twice, whatever
the revision. No call is made again."""

LEFT_OUT = {
    "client breaks out": "a call hands its result over in one piece, so there is nothing to leave",
}

ENDINGS = {
    "truncated": Ending.UPSTREAM_TRUNCATED,
    "truncated, with ids": Ending.UPSTREAM_TRUNCATED,
    "cut mid-event": Ending.UPSTREAM_TRUNCATED,
    "reset mid-event": Ending.UPSTREAM_RESET,
    "client is cancelled": Ending.CLIENT_LEFT,
}
"""What the capture of the call says of a situation, where it is not that it is complete."""


def playing(situation: str, cues: Cues) -> Script:
    """An upstream that lists its tool, plays the situation on a call, and resumes nothing."""
    name, _, ids = situation.partition(", ")
    play = script(name, WITH_IDS if ids else STREAM, cues)

    async def played(side: UpstreamSide) -> None:
        request = asked_by(side.request)
        if request == "POST tools/call":
            await play(side)
        elif request == "POST tools/list":
            await side.send(TOOLS_LISTED)
        else:
            await side.send(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")

    return played


def _tools_listed() -> bytes:
    tool = {"name": TOOL, "inputSchema": {"type": "object"}}
    listed = {"resultType": "complete", "tools": [tool], "ttlMs": 0, "cacheScope": "private"}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "result": listed}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


TOOLS_LISTED = _tools_listed()


def asked_by(request: bytes) -> str:
    """A request in short: what it calls, or after which event it wants to go on."""
    head = request.partition(b"\r\n\r\n")[0].decode()
    first, *lines = head.split("\r\n")
    fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    method = first.split(" ")[0]
    if "last-event-id" in fields:
        return f"{method} after {fields['last-event-id']}"
    return f"{method} {fields.get('mcp-method')}"


async def outcome_of(
    situation: str, origin: str, upstream: ScriptedUpstream, cues: Cues
) -> McpOutcome:
    """What a client that calls the tool at an origin makes of a situation."""
    heard: list[str] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        heard.append(message or "")
        cues.hear()

    outcome = McpOutcome()
    async with Client(
        f"{origin}/mcp", mode="2026-07-28", read_timeout_seconds=DEADLINE, cache=None
    ) as client:
        await client.list_tools()
        calling = asyncio.create_task(client.call_tool(TOOL, {}, progress_callback=on_progress))
        if situation == "slow first byte":
            await until(lambda: len(upstream.requests) == 2)
            cues.answer_now.set()
        if situation == "client is cancelled":
            await until(cues.client_heard.is_set)
            calling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await calling
            # The client is still open: closing the answer is how it cancels.
            await until(lambda: any(side.client_closed.is_set() for side in upstream.connections))
        else:
            try:
                result = await calling
            except MCPError as error:
                outcome = McpOutcome(code=error.code, message=error.message)
            else:
                (content,) = result.content
                assert isinstance(content, TextContent)
                outcome = McpOutcome(text=content.text)
    asked = tuple(asked_by(request) for request in upstream.requests)
    return replace(outcome, heard=tuple(heard), asked=asked)


def head_of(capture: Path) -> Head:
    (head,) = [record for record in records_of(capture) if isinstance(record, Head)]
    return head


@pytest.mark.parametrize("situation", OUTCOMES)
async def test_the_mcp_client_sees_the_same_as_without_the_proxy(
    situation: str, tmp_path: Path
) -> None:
    cues = Cues()
    async with scripted_upstream(playing(situation, cues)) as upstream:
        direct = await outcome_of(situation, upstream.origin, upstream, cues)
    cues = Cues()
    async with (
        scripted_upstream(playing(situation, cues)) as upstream,
        running_proxy(upstream.origin, tmp_path) as proxy,
    ):
        proxied = await outcome_of(situation, proxy.origin, upstream, cues)
        captures = await proxy.ended(len(proxied.asked))
    assert direct == OUTCOMES[situation]
    assert proxied == direct
    (call,) = [path for path in captures if b'"tools/call"' in path.read_bytes()]
    assert end_of(call).how is ENDINGS.get(situation, Ending.COMPLETE)
    head = head_of(call)
    if situation in {"429", "529"}:
        assert head.status == int(situation)
        assert ("Retry-After", RETRY_AFTER) in head.headers
    else:
        assert head.status == 200
        assert STREAM.opening in body_of(call)


def test_no_situation_is_forgotten() -> None:
    assert {name.partition(", ")[0] for name in OUTCOMES} | LEFT_OUT.keys() == SITUATIONS.keys()
