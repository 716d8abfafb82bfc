"""The sandbox asked by the google-genai client."""

from __future__ import annotations

import pytest
from google import genai
from google.genai import errors, types

from proxy.asgi_server import serve
from proxy.sandbox import sandbox_application
from proxy.sandbox_script import Pace

# google-genai derives a class from aiohttp's session, and aiohttp does not like it.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Inheritance class AiohttpClientSession:DeprecationWarning"
)


async def answers(model: str) -> list[types.GenerateContentResponse]:
    """What the client yields of a stream."""
    async with serve(sandbox_application(Pace(0, 0))) as server:
        options = types.HttpOptions(base_url=server.origin)
        async with genai.Client(api_key="any", http_options=options).aio as client:
            stream = await client.models.generate_content_stream(model=model, contents="hi")
            return [answer async for answer in stream]


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("sandbox-end-turn", types.FinishReason.STOP),
        ("sandbox-max-tokens", types.FinishReason.MAX_TOKENS),
        ("sandbox-refusal", types.FinishReason.SAFETY),
    ],
)
async def test_the_last_answer_carries_the_finish_reason(
    model: str, reason: types.FinishReason
) -> None:
    found = await answers(model)
    reasons = [(answer.candidates or [types.Candidate()])[0].finish_reason for answer in found]
    assert reasons[-1] is reason
    assert set(reasons[:-1]) == {None}


async def test_a_tool_is_called_whole_and_thoughts_are_marked() -> None:
    (call,) = (await answers("sandbox-tool-use"))[-1].function_calls or []
    assert (call.name, call.args) == (
        "get_weather",
        {"city": "Zürich", "unit": "celsius", "days": 3},
    )
    first = (await answers("sandbox-thinking"))[0]
    assert first.parts is not None
    assert first.parts[0].thought


async def test_a_whole_answer_and_an_error_are_what_the_client_expects() -> None:
    async with serve(sandbox_application(Pace(0, 0))) as server:
        options = types.HttpOptions(base_url=server.origin)
        async with genai.Client(api_key="any", http_options=options).aio as client:
            whole = await client.models.generate_content(model="sandbox-end-turn", contents="hi")
            assert whole.text is not None
            assert whole.text.startswith("Streaming")
            with pytest.raises(errors.APIError, match="RESOURCE_EXHAUSTED"):
                await client.models.generate_content(model="sandbox-rate-limited", contents="hi")
