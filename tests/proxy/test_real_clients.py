"""The real clients see through the proxy what they see without it, however a stream ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from captures.records import Ending
from tests.proxy.provider_streams import RETRY_AFTER, TEXT
from tests.proxy.real_clients import CLIENTS, KEY, Listener, Outcome
from tests.proxy.running import end_of, running_proxy
from tests.proxy.situations import Cues, script
from tests.proxy.wire import ScriptedUpstream, scripted_upstream, until

ENDINGS = {
    "good": Ending.COMPLETE,
    "slow first byte": Ending.COMPLETE,
    "ends early": Ending.COMPLETE,
    "truncated": Ending.UPSTREAM_TRUNCATED,
    "cut mid-event": Ending.UPSTREAM_TRUNCATED,
    "reset mid-event": Ending.UPSTREAM_RESET,
    "error in the stream": Ending.COMPLETE,
    "429": Ending.COMPLETE,
    "529": Ending.COMPLETE,
    "client breaks out": Ending.CLIENT_LEFT,
    "client is cancelled": Ending.CLIENT_LEFT,
}
"""What the capture says of a situation."""

WHOLE = "".join(TEXT)
FIRST = TEXT[0]

ANTHROPIC_OUTCOMES = {
    "good": Outcome(WHOLE, "end_turn", 9),
    "slow first byte": Outcome(WHOLE, "end_turn", 9),
    "ends early": Outcome(FIRST),
    "truncated": Outcome(FIRST, error="httpx2.RemoteProtocolError"),
    "cut mid-event": Outcome(FIRST, error="httpx2.RemoteProtocolError"),
    "reset mid-event": Outcome(FIRST, error="httpx2.ReadError"),
    "error in the stream": Outcome(FIRST, error="anthropic.APIStatusError", status=200),
    "429": Outcome("", None, None, "anthropic.RateLimitError", 429, RETRY_AFTER),
    "529": Outcome("", None, None, "anthropic.OverloadedError", 529, RETRY_AFTER),
    "client breaks out": Outcome(FIRST),
}
OPENAI_OUTCOMES = {
    "ends early": Outcome(FIRST),
    "truncated": Outcome(FIRST, error="openai.APIConnectionError"),
    "cut mid-event": Outcome(FIRST, error="openai.APIConnectionError"),
    "reset mid-event": Outcome(FIRST, error="openai.APIConnectionError"),
    "error in the stream": Outcome(FIRST, error="openai.APIError"),
    "429": Outcome("", None, None, "openai.RateLimitError", 429, RETRY_AFTER),
    "529": Outcome("", None, None, "openai.InternalServerError", 529, RETRY_AFTER),
    "client breaks out": Outcome(FIRST),
}
GEMINI_OUTCOMES = {
    "good": Outcome(WHOLE, "STOP", 9),
    "slow first byte": Outcome(WHOLE, "STOP", 9),
    "ends early": Outcome(FIRST, None, 3),
    "error in the stream": Outcome(FIRST, None, 3, "google.ServerError", 503),
    "429": Outcome("", None, None, "google.ClientError", 429, RETRY_AFTER),
    "529": Outcome("", None, None, "google.ServerError", 529, RETRY_AFTER),
}
OUTCOMES: dict[str, dict[str, Outcome]] = {
    "anthropic": ANTHROPIC_OUTCOMES,
    "anthropic async": {**ANTHROPIC_OUTCOMES, "client is cancelled": Outcome(FIRST)},
    "openai chat": {
        **OPENAI_OUTCOMES,
        "good": Outcome(WHOLE, "stop", 9),
        "slow first byte": Outcome(WHOLE, "stop", 9),
    },
    "openai responses async": {
        **OPENAI_OUTCOMES,
        "good": Outcome(WHOLE, "completed", 9),
        "slow first byte": Outcome(WHOLE, "completed", 9),
        "client is cancelled": Outcome(FIRST),
    },
    "google-genai": {
        **GEMINI_OUTCOMES,
        "truncated": Outcome(FIRST, None, 3, "httpx2.RemoteProtocolError"),
        "cut mid-event": Outcome(FIRST, None, 3, "httpx2.RemoteProtocolError"),
        "reset mid-event": Outcome(FIRST, None, 3, "httpx2.ReadError"),
        "client breaks out": Outcome(FIRST, None, 3),
    },
    # Breaking out is left out: this client then leaves its aiohttp connection to the garbage
    # collector, which complains of it in whatever test comes next.
    "google-genai async": {
        **GEMINI_OUTCOMES,
        "truncated": Outcome(FIRST, None, 3, "aiohttp.ClientPayloadError"),
        "cut mid-event": Outcome(FIRST, None, 3, "aiohttp.ClientPayloadError"),
        "reset mid-event": Outcome(FIRST, None, 3, "aiohttp.ClientPayloadError"),
        "client is cancelled": Outcome(FIRST, None, 3),
    },
}
"""What the user of each client sees: the text, the reason of the stop, the output tokens, the
exception. A stream that ends early in a clean way raises nothing in any of them."""

OTHER_THROUGH_THE_PROXY = {
    ("anthropic", "reset mid-event"): OUTCOMES["anthropic"]["truncated"],
    ("anthropic async", "reset mid-event"): OUTCOMES["anthropic async"]["truncated"],
    ("google-genai", "reset mid-event"): OUTCOMES["google-genai"]["truncated"],
}
"""Where the exception is another one: a reset reaches the client as a close without a clean end,
as docs/limits.md says. The other clients wrap both in one exception."""

CASES = [(name, situation) for name, outcomes in OUTCOMES.items() for situation in outcomes]


async def outcome_of(
    name: str, situation: str, origin: str, upstream: ScriptedUpstream, cues: Cues
) -> Outcome:
    """What a client that asks an origin makes of a situation."""
    listener = Listener(cues.hear, leave_after_text=situation == "client breaks out")
    asking = asyncio.create_task(CLIENTS[name].ask(origin, listener))
    if situation == "slow first byte":
        await until(lambda: bool(upstream.requests))
        cues.answer_now.set()
    if situation == "client is cancelled":
        await until(cues.client_heard.is_set)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    else:
        await asking
    if ENDINGS[situation] is Ending.CLIENT_LEFT:
        await until(upstream.connections[0].client_closed.is_set)
    # Once only: no client asks again on its own, and the key arrives.
    (request,) = upstream.requests
    assert KEY.encode() in request
    return listener.outcome()


# google-genai derives a class from aiohttp's session, and aiohttp does not like it.
@pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")
@pytest.mark.parametrize(("name", "situation"), CASES)
async def test_a_client_sees_the_same_as_without_the_proxy(
    name: str, situation: str, tmp_path: Path
) -> None:
    stream = CLIENTS[name].stream
    cues = Cues()
    async with scripted_upstream(script(situation, stream, cues)) as upstream:
        direct = await outcome_of(name, situation, upstream.origin, upstream, cues)
    cues = Cues()
    async with (
        scripted_upstream(script(situation, stream, cues)) as upstream,
        running_proxy(upstream.origin, tmp_path) as proxy,
    ):
        proxied = await outcome_of(name, situation, proxy.origin, upstream, cues)
        (capture,) = await proxy.ended()
    assert direct == OUTCOMES[name][situation]
    assert proxied == OTHER_THROUGH_THE_PROXY.get((name, situation), direct)
    assert end_of(capture).how is ENDINGS[situation]
    assert KEY.encode() not in capture.read_bytes()
