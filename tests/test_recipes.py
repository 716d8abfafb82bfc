"""The recipes of the Python SDKs: what they say to write leads through the proxy."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from google import genai
from google.genai import types

from captures.loading import load
from captures.verdict import verdict_of
from proxy.asgi_server import serve
from proxy.sandbox import sandbox_application
from proxy.sandbox_script import Pace
from ssescope.providers import VARIABLES
from tests.proxy.running import ProxyUnderTest, running_proxy

RECIPES = Path(__file__).parents[1] / "docs" / "recipes"
ADDRESS = "http://127.0.0.1:8484"
MODEL = "sandbox-end-turn"
KEYS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY")


def ask_anthropic(client: Any) -> None:
    with client.messages.stream(
        model=MODEL, max_tokens=9, messages=[{"role": "user", "content": "hi"}]
    ) as stream:
        assert stream.get_final_message().stop_reason == "end_turn"


def ask_chat(client: Any) -> None:
    with client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "hi"}], stream=True
    ) as chunks:
        assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"


def ask_responses(client: Any) -> None:
    with client.responses.create(model=MODEL, input="hi", stream=True) as events:
        assert [event.type for event in events][-1] == "response.completed"


def ask_gemini(client: Any) -> None:
    chunks = list(client.models.generate_content_stream(model=MODEL, contents="hi"))
    assert chunks[-1].candidates[0].finish_reason == "STOP"


@dataclass(frozen=True)
class Recipe:
    """One way of asking that a recipe tells of."""

    page: str
    client: Callable[[], Any]
    """Without options, as the variable is to lead it."""
    ask: Callable[[Any], None]
    appended: str
    """What the page says the client appends."""

    @property
    def text(self) -> str:
        return (RECIPES / self.page).read_text()

    @property
    def variable(self) -> tuple[str, str]:
        """Name and value that the page says to export."""
        (found,) = re.findall(r"^\$ export (\w+)=(\S+)$", self.text, re.MULTILINE)
        name, value = found
        return name, value

    @property
    def expression(self) -> str:
        """The Python expression that makes a client with the option."""
        (found,) = re.findall(
            r"`((?:anthropic\.Anthropic|openai\.OpenAI|genai\.Client)\(.+?\))`", self.text
        )
        return str(found)

    def path(self) -> str:
        """Target of its requests, by the page."""
        behind = self.variable[1].removeprefix(ADDRESS)
        return behind + self.appended.replace("…", MODEL)


RECIPES_OF_SDKS = {
    "anthropic": Recipe("anthropic-sdk.md", anthropic.Anthropic, ask_anthropic, "/v1/messages"),
    "openai chat": Recipe("openai-sdk.md", openai.OpenAI, ask_chat, "/chat/completions"),
    "openai responses": Recipe("openai-sdk.md", openai.OpenAI, ask_responses, "/responses"),
    "google-genai": Recipe(
        "google-genai.md",
        genai.Client,
        ask_gemini,
        "/v1/models/…:streamGenerateContent?alt=sse",
    ),
}


@asynccontextmanager
async def proxied_sandbox(folder: Path) -> AsyncIterator[ProxyUnderTest]:
    async with (
        serve(sandbox_application(Pace(0, 0))) as sandbox,
        running_proxy(sandbox.origin, folder) as proxy,
    ):
        yield proxy


@pytest.fixture(autouse=True)
def an_environment_with_keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, "GOOGLE_API_KEY", "GOOGLE_GENAI_API_VERSION"):
        monkeypatch.delenv(name, raising=False)
    for name in KEYS:
        monkeypatch.setenv(name, "made-up")


async def leads_through(
    recipe: Recipe, client: Callable[[], Any], proxy: ProxyUnderTest, path: str
) -> None:
    """A client so made reaches the sandbox, by the path the page tells, and is captured."""

    def ask() -> None:
        made = client()
        try:
            recipe.ask(made)
        finally:
            made.close()

    await asyncio.to_thread(ask)
    (capture,) = await proxy.ended()
    exchange = load(capture)
    assert exchange.request.path == path
    assert verdict_of(exchange).sign == "✓"
    assert b"made-up" not in capture.read_bytes()


@pytest.mark.parametrize("name", RECIPES_OF_SDKS)
async def test_the_variable_leads_through_the_proxy(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = RECIPES_OF_SDKS[name]
    variable, value = recipe.variable
    assert variable in VARIABLES
    assert f"`{recipe.appended}`" in recipe.text
    async with proxied_sandbox(tmp_path) as proxy:
        monkeypatch.setenv(variable, value.replace(ADDRESS, proxy.origin))
        await leads_through(recipe, recipe.client, proxy, recipe.path())


@pytest.mark.parametrize("name", RECIPES_OF_SDKS)
async def test_the_option_leads_through_the_proxy(name: str, tmp_path: Path) -> None:
    recipe = RECIPES_OF_SDKS[name]
    names = {"anthropic": anthropic, "openai": openai, "genai": genai, "types": types}
    async with proxied_sandbox(tmp_path) as proxy:
        code = recipe.expression.replace(ADDRESS, proxy.origin)
        made = lambda: eval(code, names)  # noqa: S307, E731 - of our own page
        await leads_through(recipe, made, proxy, recipe.path())


async def test_the_beta_of_gemini_has_another_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = RECIPES_OF_SDKS["google-genai"]
    assert "`GOOGLE_GENAI_API_VERSION=beta` have `/v1beta`" in recipe.text
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "beta")
    async with proxied_sandbox(tmp_path) as proxy:
        monkeypatch.setenv(recipe.variable[0], proxy.origin)
        path = recipe.path().replace("/v1/", "/v1beta/")
        await leads_through(recipe, recipe.client, proxy, path)


def test_the_overview_says_the_same() -> None:
    overview = (RECIPES / "README.md").read_text()
    for recipe in RECIPES_OF_SDKS.values():
        variable, value = recipe.variable
        assert f"({recipe.page}) | `{variable}` | `{value}` | ● |" in overview
