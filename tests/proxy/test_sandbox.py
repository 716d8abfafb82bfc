from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic.types import Message, MessageParam, ThinkingBlock, ToolUseBlock

from proxy.asgi_server import AsgiServer, serve
from proxy.sandbox import sandbox_application
from proxy.sandbox_anthropic import whole_message
from proxy.sandbox_dialect import Answer
from proxy.sandbox_scenarios import SCENARIOS, Ending, Scenario, Text, model_name
from proxy.sandbox_script import Pace, Script
from tests.proxy.sandbox_scripts import message_script, stream_script

AT_ONCE = Pace(0, 0)
HOUR_LONG = Pace(0, 3600)
HELLO: list[MessageParam] = [{"role": "user", "content": "Hello"}]

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
COMPLETE = [s for s in SCENARIOS if s.error is None and s.ending is Ending.COMPLETE]
every_complete = pytest.mark.parametrize("scenario", COMPLETE, ids=lambda scenario: scenario.name)


@pytest.fixture
async def server() -> AsyncIterator[AsgiServer]:
    async with serve(sandbox_application(AT_ONCE)) as server:
        yield server


@pytest.fixture
async def client(server: AsgiServer) -> AsyncIterator[anthropic.AsyncAnthropic]:
    client = anthropic.AsyncAnthropic(base_url=server.origin, api_key="test", max_retries=0)
    async with client:
        yield client


@dataclass(frozen=True, slots=True)
class Reply:
    """A raw response: its head, its chunks, and whether the final chunk came."""

    head: bytes
    chunks: list[bytes]
    finished: bool


def ask(scenario: str, *, stream: bool = True, headers: str = "x-api-key: test\r\n") -> bytes:
    body = json.dumps({"model": model_name(BY_NAME[scenario]), "stream": stream, "messages": HELLO})
    return post(body.encode(), headers)


def post(body: bytes, headers: str = "x-api-key: test\r\n") -> bytes:
    head = f"POST /v1/messages HTTP/1.1\r\nhost: sandbox\r\n{headers}content-length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


async def exchange(server: AsgiServer, request: bytes) -> Reply:
    """Sends a request and reads the chunked response, as far as it goes."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(request)
    chunks: list[bytes] = []
    async with asyncio.timeout(10):
        head = await reader.readuntil(b"\r\n\r\n")
        while size_line := await reader.readline():
            size = int(size_line, 16)
            chunk = await reader.readexactly(size + 2)
            assert chunk.endswith(b"\r\n")
            if size == 0:
                break
            chunks.append(chunk[:-2])
        else:
            assert reader.at_eof()
    writer.close()
    await writer.wait_closed()
    return Reply(head, chunks, finished=bool(size_line))


async def error_answer(server: AsgiServer, request: bytes) -> tuple[bytes, dict[str, Any]]:
    """The head and the JSON body of a response that has a length."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(request)
    async with asyncio.timeout(10):
        head = await reader.readuntil(b"\r\n\r\n")
        (length,) = (
            int(line.split(b":")[1])
            for line in head.splitlines()
            if line.startswith(b"content-length:")
        )
        body = await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()
    payload: dict[str, Any] = json.loads(body)
    return head, payload


async def final(client: anthropic.AsyncAnthropic, name: str, *, stream: bool = True) -> Message:
    """The message of a scenario, as the client gets it in one way or the other."""
    model = model_name(BY_NAME[name])
    if not stream:
        return await client.messages.create(model=model, max_tokens=99, messages=HELLO)
    async with client.messages.stream(model=model, max_tokens=99, messages=HELLO) as events:
        return await events.get_final_message()


@contextlib.asynccontextmanager
async def waiting_client(server: AsgiServer, request: bytes, last: bytes) -> AsyncIterator[None]:
    """A client that has got everything up to some last bytes, and nothing after them."""
    loop = asyncio.get_running_loop()
    with socket.socket() as client:
        client.setblocking(False)
        await loop.sock_connect(client, (server.host, server.port))
        await loop.sock_sendall(client, request)
        received = b""
        async with asyncio.timeout(10):
            while last not in received:
                part = await loop.sock_recv(client, 65536)
                assert part, "the server closed the connection"
                received += part
        assert received.endswith(last)
        # Whatever else was due by now would come before this answer.
        await error_answer(server, post(b""))
        with pytest.raises(BlockingIOError):
            client.recv(1)
        yield


async def no_other_task() -> None:
    """Waits until the running task is the loop's only one."""
    async with asyncio.timeout(10):
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)


def expected_message(scenario: Scenario) -> dict[str, Any]:
    answer = Answer(number=0, model=model_name(scenario), input_tokens=2, stop_sequence="END")
    return comparable(whole_message(scenario, answer))


def comparable(message: dict[str, Any]) -> dict[str, Any]:
    """A message without identifiers, and without what a client adds to it."""
    added = {"id", "citations", "caller", "parsed_output", "toolset_name"}
    content = [
        {key: value for key, value in block.items() if key not in added}
        for block in message["content"]
    ]
    kept = ("model", "role", "type", "stop_reason", "stop_sequence", "stop_details")
    usage = {key: value for key, value in message["usage"].items() if value is not None}
    return {key: message[key] for key in kept} | {"content": content, "usage": usage}


@every_complete
async def test_the_client_gets_the_same_message_streamed_and_whole(
    client: anthropic.AsyncAnthropic, scenario: Scenario
) -> None:
    model = model_name(scenario)
    whole = await client.messages.create(model=model, max_tokens=99, messages=HELLO)
    async with client.messages.stream(model=model, max_tokens=99, messages=HELLO) as stream:
        text = "".join([piece async for piece in stream.text_stream])
        streamed = await stream.get_final_message()
    assert comparable(streamed.to_dict()) == comparable(whole.to_dict())
    assert comparable(whole.to_dict()) == expected_message(scenario)
    assert text == "".join(block.text for block in scenario.blocks if isinstance(block, Text))
    assert streamed.id != whole.id


async def test_the_synchronous_client_reads_raw_events(server: AsgiServer) -> None:
    def listen() -> tuple[str, str | None, str | None]:
        with anthropic.Anthropic(base_url=server.origin, api_key="t", max_retries=0) as client:
            text, stop_reason = "", None
            with client.messages.create(
                model="claude",
                max_tokens=99,
                messages=[{"role": "user", "content": "scenario: max_tokens"}],
                stream=True,
            ) as stream:
                request_id = stream.response.headers.get("request-id")
                for event in stream:
                    if event.type == "content_block_delta" and event.delta.type == "text_delta":
                        text += event.delta.text
                    elif event.type == "message_delta":
                        stop_reason = event.delta.stop_reason
            return text, stop_reason, request_id

    text, stop_reason, request_id = await asyncio.to_thread(listen)
    assert BY_NAME["max_tokens"].blocks == (Text(text),)
    assert stop_reason == "max_tokens"
    assert request_id == "req_011Sandbox00000000000000001"


async def test_the_client_sees_thinking_tool_input_and_refusal(
    client: anthropic.AsyncAnthropic,
) -> None:
    thought = (await final(client, "thinking")).content[0]
    assert isinstance(thought, ThinkingBlock)
    assert thought.thinking.startswith("The question is about streaming.")
    assert thought.signature
    call = (await final(client, "tool_use")).content[1]
    assert isinstance(call, ToolUseBlock)
    assert call.input == {"city": "Zürich", "unit": "celsius", "days": 3}
    refused = await final(client, "refusal")
    assert refused.stop_reason == "refusal"
    assert refused.stop_details is not None
    assert refused.stop_details.category == "cyber"


@pytest.mark.parametrize(
    ("name", "stream", "error"),
    [
        ("rate_limited", True, anthropic.RateLimitError),
        ("rate_limited", False, anthropic.RateLimitError),
        ("overloaded_529", True, anthropic.InternalServerError),
        ("overloaded_529", False, anthropic.InternalServerError),
        ("overloaded", True, anthropic.APIStatusError),
        ("overloaded", False, anthropic.InternalServerError),
        ("cut", True, httpx2.RemoteProtocolError),
        ("cut", False, anthropic.APIConnectionError),
        ("truncated", True, httpx2.RemoteProtocolError),
        ("truncated", False, anthropic.APIConnectionError),
        ("silent_end", False, ValueError),
    ],
)
async def test_the_client_raises(
    client: anthropic.AsyncAnthropic,
    caplog: pytest.LogCaptureFixture,
    *,
    name: str,
    stream: bool,
    error: type[Exception],
) -> None:
    with pytest.raises(error) as caught:
        await final(client, name, stream=stream)
    if isinstance(caught.value, anthropic.APIStatusError):
        in_stream = stream and name == "overloaded"
        status = {"rate_limited": 429}.get(name, 200 if in_stream else 529)
        assert caught.value.status_code == status
    assert caplog.records == []


async def test_a_silent_end_raises_nothing_in_the_client(client: anthropic.AsyncAnthropic) -> None:
    message = await final(client, "silent_end")
    assert message.stop_reason is None


async def test_the_client_lists_the_scenarios_as_models(client: anthropic.AsyncAnthropic) -> None:
    models = [model.id async for model in client.models.list()]
    assert models == [model_name(scenario) for scenario in SCENARIOS]


@pytest.mark.parametrize(
    "scenario",
    [s for s in SCENARIOS if s.error is None and s.ending is not Ending.STALL],
    ids=lambda scenario: scenario.name,
)
async def test_a_stream_is_one_chunk_an_event_under_our_headers(
    server: AsgiServer, scenario: Scenario
) -> None:
    reply = await exchange(server, ask(scenario.name))
    assert reply.head == (
        b"HTTP/1.1 200 OK\r\n"
        b"content-type: text/event-stream; charset=utf-8\r\n"
        b"cache-control: no-cache\r\n"
        b"request-id: req_011Sandbox00000000000000001\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    answer = Answer(number=1, model=model_name(scenario), input_tokens=2, stop_sequence="END")
    script = stream_script(scenario, answer, AT_ONCE)
    assert reply.chunks == [step.chunk for step in script.steps]
    assert reply.finished == script.clean
    *whole, last = reply.chunks
    assert all(chunk.startswith(b"event: ") and chunk.endswith(b"}\n\n") for chunk in whole)
    assert last.endswith(b"}\n\n") == (scenario.name != "cut")


async def test_a_whole_message_has_its_length_and_no_more_headers(server: AsgiServer) -> None:
    head, message = await error_answer(server, ask("end_turn", stream=False))
    assert [line.split(b":")[0] for line in head.splitlines()[1:-1]] == [
        b"content-type",
        b"request-id",
        b"content-length",
    ]
    assert b"\r\ncontent-type: application/json\r\n" in head
    assert comparable(message) == expected_message(BY_NAME["end_turn"])


@pytest.mark.parametrize("name", ["cut", "truncated", "silent_end"])
async def test_without_streaming_a_fault_comes_in_mid_body(server: AsgiServer, name: str) -> None:
    reply = await exchange(server, ask(name, stream=False))
    assert b"\r\ncontent-type: application/json\r\n" in reply.head
    assert reply.chunks[0].startswith(b'{"model":"sandbox-')
    assert not reply.chunks[0].endswith(b"}")
    assert reply.finished == (name == "silent_end")


@pytest.mark.parametrize("make", [stream_script, message_script])
async def test_a_stall_lasts_until_the_client_leaves(
    caplog: pytest.LogCaptureFixture, make: Callable[[Scenario, Answer, Pace], Script]
) -> None:
    answer = Answer(1, "sandbox-stall", input_tokens=2, stop_sequence="END")
    chunks = [step.chunk for step in make(BY_NAME["stall"], answer, AT_ONCE).steps]
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    async with serve(sandbox_application(AT_ONCE)) as server:
        request = ask("stall", stream=make is stream_script)
        async with waiting_client(server, request, body):
            assert len(asyncio.all_tasks()) > 1
        await no_other_task()
    assert caplog.records == []


async def test_a_stream_keeps_to_its_pace() -> None:
    async with serve(sandbox_application(HOUR_LONG)) as server:
        first_delta = b'"text":"Streaming"}}\n\n\r\n'
        async with waiting_client(server, ask("end_turn"), first_delta):
            pass


async def test_a_client_may_leave_before_a_whole_message_is_due(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serve(sandbox_application(HOUR_LONG)) as server:
        async with waiting_client(server, ask("end_turn", stream=False), b""):
            pass
        await no_other_task()
    assert caplog.records == []


@pytest.mark.parametrize(
    ("request_bytes", "status", "kind", "says"),
    [
        (post(b"{"), 400, "invalid_request_error", "not valid JSON"),
        (post(b"{}"), 400, "invalid_request_error", "model: expected"),
        (post(b'{"model":"a"}'), 400, "invalid_request_error", "messages: expected"),
        (post(b'{"model":"sandbox-x","messages":[{"role":"user","content":""}]}'), 404,
         "not_found_error", "model: sandbox-x"),
        (post(b"{}", headers=""), 401, "authentication_error", "x-api-key"),
        (post(b"{}", headers="x-api-key:\r\n"), 401, "authentication_error", "x-api-key"),
        (post(b"x" * 1001), 413, "request_too_large", "1000 bytes"),
        (ask("rate_limited"), 429, "rate_limit_error", "rate limit"),
        (ask("overloaded_529"), 529, "overloaded_error", "Overloaded"),
        (b"GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n", 401, "authentication_error", "x-api-key"),
        (b"GET / HTTP/1.1\r\nhost: a\r\n\r\n", 404, "not_found_error", "Not Found"),
        (b"GET /v1/models/ HTTP/1.1\r\nhost: a\r\n\r\n", 404, "not_found_error", "Not Found"),
        (b"GET /v1/messages HTTP/1.1\r\nhost: a\r\n\r\n", 405, "invalid_request_error", "Method"),
    ],
)  # fmt: skip
async def test_an_error_is_an_api_error_in_json(
    request_bytes: bytes, status: int, kind: str, says: str
) -> None:
    async with serve(sandbox_application(AT_ONCE, maximum_body_bytes=1000)) as server:
        head, payload = await error_answer(server, request_bytes)
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\ncontent-type: application/json\r\n" in head
    assert payload["type"] == "error"
    assert payload["error"]["type"] == kind
    assert says in payload["error"]["message"]
    assert f"\r\nrequest-id: {payload['request_id']}\r\n".encode() in head
    assert (b"\r\nretry-after: 1\r\n" in head) == (status == 429)


@pytest.mark.parametrize("headers", ["x-api-key: any\r\n", "authorization: Bearer any\r\n"])
async def test_any_key_will_do(server: AsgiServer, headers: str) -> None:
    assert (await exchange(server, ask("end_turn", headers=headers))).finished


async def test_a_request_without_a_key_is_an_authentication_error_in_the_client(
    client: anthropic.AsyncAnthropic,
) -> None:
    with pytest.raises(anthropic.AuthenticationError):
        await client.messages.create(
            model="sandbox",
            max_tokens=99,
            messages=HELLO,
            extra_headers={"authorization": anthropic.Omit()},
        )


async def test_a_sandbox_stops_in_the_middle_of_its_streams(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serve(sandbox_application(HOUR_LONG)) as server:
        streams = []
        for _ in range(5):
            reader, writer = await asyncio.open_connection(server.host, server.port)
            writer.write(ask("thinking"))
            await reader.readuntil(b"thinking_delta")
            streams.append((reader, writer))
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert caplog.records == []
    for reader, writer in streams:
        assert not (await reader.read()).endswith(b"0\r\n\r\n")
        writer.close()
