"""Our reading of what the real MCP server sends to the real MCP client, through the proxy."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from mcp import Client
from mcp.client.sse import sse_client

from captures.exchange import Exchange
from captures.findings.mcp import MCP_TOOL_FAILED
from captures.findings.rule import Level, Rule
from captures.loading import load
from captures.verdict import Outcome, verdict_of
from tests.proxy.mcp_server import McpUpstream, http_and_sse_server, streamable_http_server
from tests.proxy.running import running_proxy
from tests.proxy.wire import until

HANDSHAKE = "legacy"
STATELESS = "2026-07-28"


async def exchanges_of(
    server: AbstractAsyncContextManager[McpUpstream],
    folder: Path,
    mode: str,
    tool: str,
    **arguments: object,
) -> list[Exchange]:
    """Every exchange of a session in which this tool is called once."""
    async with server as upstream, running_proxy(upstream.origin, folder) as proxy:
        transport = sse_client(f"{proxy.origin}/sse") if mode == "sse" else f"{proxy.origin}/mcp"
        async with Client(transport, mode="legacy" if mode == "sse" else mode) as client:

            async def on_progress(
                progress: float, total: float | None, message: str | None
            ) -> None:
                """Asks for notifications by being there."""

            await client.call_tool(tool, arguments, progress_callback=on_progress)
            if mode == HANDSHAKE:
                await until(lambda: any(seen.method == "GET" for seen in upstream.requests))
        return [load(path) for path in await proxy.ended(len(upstream.requests))]


def rules_of(exchanges: list[Exchange]) -> list[Rule]:
    return [
        finding.rule
        for exchange in exchanges
        for finding in exchange.findings
        if finding.rule.level is not Level.INFO
    ]


def streams_in(exchanges: list[Exchange]) -> list[Exchange]:
    return [exchange for exchange in exchanges if exchange.dialect is not None]


@pytest.mark.parametrize("mode", [HANDSHAKE, STATELESS])
async def test_a_call_is_healthy_and_its_message_is_the_result(mode: str, tmp_path: Path) -> None:
    exchanges = await exchanges_of(streamable_http_server(), tmp_path, mode, "count", to=3)

    assert rules_of(exchanges) == []
    assert {exchange.dialect.name for exchange in exchanges if exchange.dialect} == {"mcp"}
    [call] = [one for one in exchanges if one.message().text == "counted to 3"]
    assert verdict_of(call).outcome is Outcome.COMPLETE
    assert call.dialect is not None
    assert call.dialect.position == "after the response"
    progress = [event.text for event in call.events if event.type == "notifications/progress"]
    assert [text.split()[-1] for text in progress] == ["1", "2", "3"]


async def test_a_stream_that_is_hung_up_and_resumed_is_healthy(tmp_path: Path) -> None:
    server = streamable_http_server()
    exchanges = await exchanges_of(server, tmp_path, HANDSHAKE, "hang_up_and_count", to=2)

    assert rules_of(exchanges) == []
    posts = [one for one in streams_in(exchanges) if one.request.method == "POST"]
    [hung_up] = [one for one in posts if one.dialect is not None and one.dialect.missing]
    assert verdict_of(hung_up).outcome is Outcome.COMPLETE
    [resumed] = [one for one in exchanges if one.message().text == "counted to 2"]
    assert resumed.request.method == "GET"


async def test_a_tool_that_fails_is_told(tmp_path: Path) -> None:
    server = streamable_http_server()
    exchanges = await exchanges_of(server, tmp_path, HANDSHAKE, "count", to="many")

    assert rules_of(exchanges) == [MCP_TOOL_FAILED]


async def test_the_first_revision_is_healthy(tmp_path: Path) -> None:
    exchanges = await exchanges_of(http_and_sse_server(), tmp_path, "sse", "count", to=2)

    assert rules_of(exchanges) == []
    [stream] = streams_in(exchanges)
    assert stream.request.path == "/sse"
    assert stream.message().text == "counted to 2"
    assert stream.events[0].type == "endpoint"
