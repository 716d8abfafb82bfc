"""The sandbox asked by the openai client: chat completions."""

from __future__ import annotations

import openai
import pytest
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from proxy.asgi_server import serve
from proxy.sandbox import sandbox_application
from proxy.sandbox_dialect import Answer
from proxy.sandbox_openai_chat import OpenAIChatSandbox
from proxy.sandbox_scenarios import Scenario, Text, ToolUse
from proxy.sandbox_script import Pace

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hi"}]


async def chunks_of(model: str, *, usage: bool = False) -> list[ChatCompletionChunk]:
    async with (
        serve(sandbox_application(Pace(0, 0))) as server,
        openai.AsyncOpenAI(base_url=f"{server.origin}/v1", api_key="any", max_retries=0) as client,
    ):
        stream = await client.chat.completions.create(
            model=model, messages=HELLO, stream=True, stream_options={"include_usage": usage}
        )
        return [chunk async for chunk in stream]


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("sandbox-end-turn", "stop"),
        ("sandbox-max-tokens", "length"),
        ("sandbox-tool-use", "tool_calls"),
        ("sandbox-refusal", "content_filter"),
    ],
)
async def test_the_finish_reason_is_in_the_words_of_the_protocol(model: str, reason: str) -> None:
    chunks = await chunks_of(model)
    reasons = [chunk.choices[0].finish_reason for chunk in chunks]
    assert reasons[-1] == reason
    assert set(reasons[:-1]) == {None}


async def test_usage_comes_only_if_it_is_asked_for() -> None:
    assert [chunk.usage for chunk in await chunks_of("sandbox-end-turn") if chunk.usage] == []
    last = (await chunks_of("sandbox-end-turn", usage=True))[-1]
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.completion_tokens > 10


async def test_a_whole_answer_and_an_error_are_what_the_client_expects() -> None:
    async with (
        serve(sandbox_application(Pace(0, 0))) as server,
        openai.AsyncOpenAI(base_url=f"{server.origin}/v1", api_key="any", max_retries=0) as client,
    ):
        whole = await client.chat.completions.create(model="sandbox-tool-use", messages=HELLO)
        (call,) = whole.choices[0].message.tool_calls or []
        assert call.type == "function"
        assert '"city": "Zürich"' in call.function.arguments
        with pytest.raises(openai.RateLimitError, match="rate limit"):
            await client.chat.completions.create(model="sandbox-rate-limited", messages=HELLO)
        with pytest.raises(openai.NotFoundError, match="expected one of"):
            await client.chat.completions.create(model="sandbox-nonsense", messages=HELLO)


async def test_an_error_in_the_stream_raises_in_the_client() -> None:
    with pytest.raises(openai.APIError, match="Overloaded"):
        await chunks_of("sandbox-overloaded")


def test_each_tool_call_has_an_index_of_its_own() -> None:
    calls = (ToolUse("first", ("", "{}")), Text("And"), ToolUse("second", ("", "{}")))
    scenario = Scenario("two", "Two tool calls.", calls, stop_reason="tool_use")
    events = OpenAIChatSandbox().events(scenario, Answer(1, "model", 7, "END"))
    stream = b"".join(event.frame for event in events)
    assert [stream.count(b'"tool_calls":[{"index":%d' % index) for index in (0, 1, 2)] == [2, 2, 0]
