"""The sandbox asked by the openai client: responses."""

from __future__ import annotations

import openai
import pytest
from openai.types.responses import Response

from proxy.asgi_server import serve
from proxy.sandbox import sandbox_application
from proxy.sandbox_script import Pace


async def answers(model: str) -> tuple[Response, Response]:
    """What the client makes of a stream, and of the same answer whole."""
    async with (
        serve(sandbox_application(Pace(0, 0))) as server,
        openai.AsyncOpenAI(base_url=f"{server.origin}/v1", api_key="any", max_retries=0) as client,
    ):
        async with client.responses.stream(model=model, input="hi") as stream:
            streamed = await stream.get_final_response()
        return streamed, await client.responses.create(model=model, input="hi")


@pytest.mark.parametrize("model", ["sandbox-end-turn", "sandbox-thinking", "sandbox-tool-use"])
async def test_a_stream_adds_up_to_the_whole_answer(model: str) -> None:
    streamed, whole = await answers(model)
    assert streamed.status == whole.status == "completed"
    assert streamed.output_text == whole.output_text
    assert [item.type for item in streamed.output] == [item.type for item in whole.output]
    assert streamed.usage == whole.usage


async def test_an_error_in_the_stream_raises_in_the_client() -> None:
    with pytest.raises(openai.APIError, match="Overloaded"):
        await answers("sandbox-overloaded")
