"""The real anthropic client through the proxy: the same message, and the right verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

from captures.loading import load
from captures.verdict import Outcome, verdict_of
from proxy.asgi_server import serve
from proxy.sandbox import sandbox_application
from proxy.sandbox_script import Pace
from tests.proxy.running import body_of, running_proxy

KEY = "sk-ant-canary-0123456789"
AT_ONCE = Pace(first_token=0, total=0)
QUESTION: dict[str, Any] = {
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "How does streaming work?"}],
}


def client(origin: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=origin, api_key=KEY, max_retries=0)


def async_client(origin: str) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(base_url=origin, api_key=KEY, max_retries=0)


def model(scenario: str) -> str:
    return f"sandbox-{scenario}"


def with_stream_helper(origin: str, scenario: str) -> anthropic.types.Message:
    with (
        client(origin) as sdk,
        sdk.messages.stream(model=model(scenario), **QUESTION) as stream,
    ):
        return stream.get_final_message()


def with_raw_events(origin: str, scenario: str) -> list[dict[str, Any]]:
    with (
        client(origin) as sdk,
        sdk.messages.create(model=model(scenario), stream=True, **QUESTION) as events,
    ):
        return [event.to_dict() for event in events]


async def with_async_stream_helper(origin: str, scenario: str) -> anthropic.types.Message:
    async with (
        async_client(origin) as sdk,
        sdk.messages.stream(model=model(scenario), **QUESTION) as stream,
    ):
        return await stream.get_final_message()


async def with_async_raw_events(origin: str, scenario: str) -> list[dict[str, Any]]:
    async with (
        async_client(origin) as sdk,
        await sdk.messages.create(model=model(scenario), stream=True, **QUESTION) as events,
    ):
        return [event.to_dict() async for event in events]


def without_ids(value: Any) -> Any:
    """The same value with what differs from answer to answer left out."""
    if isinstance(value, dict):
        return {
            name: without_ids(field)
            for name, field in value.items()
            if not (name == "id" and isinstance(field, str))
        }
    return [without_ids(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("scenario", ["end-turn", "thinking", "tool-use", "max-tokens", "refusal"])
async def test_every_way_to_ask_gives_the_same_as_without_the_proxy(
    scenario: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with (
        serve(sandbox_application(AT_ONCE)) as sandbox,
        running_proxy(sandbox.origin, tmp_path) as proxy,
    ):
        asks: tuple[Callable[[str, str], Any], ...] = (with_stream_helper, with_raw_events)
        for ask in asks:
            direct = await asyncio.to_thread(ask, sandbox.origin, scenario)
            through = await asyncio.to_thread(ask, proxy.origin, scenario)
            assert _plain(through) == _plain(direct)
        assert _plain(await with_async_stream_helper(proxy.origin, scenario)) == _plain(
            await with_async_stream_helper(sandbox.origin, scenario)
        )
        assert _plain(await with_async_raw_events(proxy.origin, scenario)) == _plain(
            await with_async_raw_events(sandbox.origin, scenario)
        )
        captures = await proxy.ended(4)
    for capture in captures:
        assert _message_of(capture) == _message_of(captures[0])
    assert _files_with(KEY, tmp_path) == []
    assert KEY not in "".join(capfd.readouterr())


async def test_the_capture_holds_the_bytes_the_sandbox_sent(tmp_path: Path) -> None:
    async with serve(sandbox_application(AT_ONCE)) as sandbox:
        async with httpx2.AsyncClient() as plain:
            direct = await plain.post(
                f"{sandbox.origin}/v1/messages",
                headers={"x-api-key": KEY},
                json={"model": model("end-turn"), "stream": True, **QUESTION},
            )
        async with running_proxy(sandbox.origin, tmp_path) as proxy:
            await with_async_raw_events(proxy.origin, "end-turn")
            (capture,) = await proxy.ended()
    recorded = body_of(capture)
    assert len(recorded) == len(direct.content)
    first_id, second_id = (
        body.split(b'"id":"')[1][:40].split(b'"')[0] for body in (recorded, direct.content)
    )
    assert recorded.replace(first_id, second_id) == direct.content


async def test_leaving_after_the_last_text_is_told_as_missing_the_stop_reason(
    tmp_path: Path,
) -> None:
    """The loop that this tool exists for: it stops with the text and never sees the reason."""
    async with (
        serve(sandbox_application(Pace(first_token=0.01, total=1.5))) as sandbox,
        running_proxy(sandbox.origin, tmp_path) as proxy,
    ):
        whole = (await with_async_stream_helper(sandbox.origin, "end-turn")).content[0]
        assert isinstance(whole, anthropic.types.TextBlock)
        text = ""
        async with (
            async_client(proxy.origin) as sdk,
            await sdk.messages.create(model=model("end-turn"), stream=True, **QUESTION) as events,
        ):
            async for event in events:
                if event.type == "content_block_delta" and event.delta.type == "text_delta":
                    text += event.delta.text
                if text == whole.text:
                    break
        exchange = load((await proxy.ended())[0])
    verdict = verdict_of(exchange)
    assert verdict.outcome is Outcome.CLIENT_LEFT
    assert "before stop_reason: missed stop_reason, usage, message_stop" in verdict.headline
    assert exchange.message().text == text


async def test_an_answer_cut_by_max_tokens_says_so(tmp_path: Path) -> None:
    exchange = await _exchange_of("max-tokens", tmp_path)
    assert verdict_of(exchange).headline == "CUT OFF · max_tokens"


async def test_a_connection_cut_mid_event_raises_in_the_client_and_says_so(tmp_path: Path) -> None:
    async with (
        serve(sandbox_application(AT_ONCE)) as sandbox,
        running_proxy(sandbox.origin, tmp_path) as proxy,
    ):
        for origin in (sandbox.origin, proxy.origin):
            with pytest.raises(httpx2.RemoteProtocolError, match="incomplete chunked read"):
                await with_async_raw_events(origin, "cut")
        exchange = load((await proxy.ended())[0])
    assert "upstream cut mid-event after" in verdict_of(exchange).headline


async def test_errors_before_and_in_the_stream_reach_the_client_as_they_are(tmp_path: Path) -> None:
    async with (
        serve(sandbox_application(AT_ONCE)) as sandbox,
        running_proxy(sandbox.origin, tmp_path) as proxy,
    ):
        for scenario in ("rate-limited", "overloaded-529", "overloaded"):
            raised = []
            for origin in (sandbox.origin, proxy.origin):
                with pytest.raises(anthropic.APIStatusError) as error:
                    await with_async_raw_events(origin, scenario)
                retry_after = error.value.response.headers.get("retry-after")
                raised.append((type(error.value), error.value.status_code, retry_after))
            assert raised[0] == raised[1]


async def _exchange_of(scenario: str, folder: Path) -> Any:
    async with (
        serve(sandbox_application(AT_ONCE)) as sandbox,
        running_proxy(sandbox.origin, folder) as proxy,
    ):
        await with_async_raw_events(proxy.origin, scenario)
        return load((await proxy.ended())[0])


def _plain(answer: anthropic.types.Message | list[dict[str, Any]]) -> Any:
    return without_ids(answer if isinstance(answer, list) else answer.to_dict())


def _message_of(capture: Path) -> Any:
    message = load(capture).message()
    return (message.model, message.text, message.stop_reason, message.usage)


def _files_with(secret: str, folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]


async def test_a_client_that_leaves_is_noticed_while_the_upstream_is_silent(tmp_path: Path) -> None:
    async with (
        serve(sandbox_application(AT_ONCE)) as sandbox,
        running_proxy(sandbox.origin, tmp_path) as proxy,
    ):
        async with (
            async_client(proxy.origin) as sdk,
            await sdk.messages.create(model=model("stall"), stream=True, **QUESTION) as events,
        ):
            async for event in events:
                if event.type == "content_block_delta":
                    break
        verdict = verdict_of(load((await proxy.ended())[0]))
    assert verdict.headline.startswith("client left")
