"""The clients that the SSE rules name do what their pages say, on real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator

import anthropic
import httpx2
import openai
import pytest
from anthropic._streaming import SSEDecoder
from google import genai
from google.genai import errors as genai_errors
from google.genai import types as genai_types

from tests.captures import anthropic_stream, openai_chat_stream
from tests.captures.by_hand import streamed
from tests.captures.stream_server import serving

KEY = "made-up"
LINE_LIMIT = 64 * 1024

Answer = list[str] | type[Exception]
"""The texts a client handed over, or what it raised."""


def openai_reads(body: bytes) -> Answer:
    with serving(body) as url, openai.DefaultHttpxClient(trust_env=False) as http_client:
        client = openai.OpenAI(
            api_key=KEY, base_url=f"{url}/v1", max_retries=0, http_client=http_client
        )
        try:
            with client.chat.completions.create(model="m", messages=[], stream=True) as stream:
                return [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
        except (ValueError, openai.OpenAIError) as error:
            return type(error)


def anthropic_reads(body: bytes) -> Answer:
    with serving(body) as url, anthropic.DefaultHttpxClient(trust_env=False) as http_client:
        client = anthropic.Anthropic(
            api_key=KEY, base_url=url, max_retries=0, http_client=http_client
        )
        try:
            with client.messages.create(
                model="m", max_tokens=9, messages=[], stream=True
            ) as stream:
                return [event.type for event in stream]
        except (ValueError, anthropic.AnthropicError) as error:
            return type(error)


def genai_reads(body: bytes) -> Answer:
    with serving(body) as url:
        options = genai_types.HttpOptions(base_url=url, client_args={"trust_env": False})
        client = genai.Client(api_key=KEY, http_options=options)
        try:
            chunks = client.models.generate_content_stream(model="m", contents="Hi")
            return [chunk.text or "" for chunk in chunks]
        except genai_errors.UnknownApiResponseError as error:
            return type(error)


def iter_lines_reads(body: bytes) -> Answer:
    """What a client written over iter_lines() takes for data."""
    with serving(body) as url, httpx2.stream("GET", url, trust_env=False) as response:
        lines = [line for line in response.iter_lines() if line.startswith("data: {")]
    try:
        return [str(json.loads(line.removeprefix("data: "))["choices"]) for line in lines]
    except ValueError as error:
        return type(error)


def readline_reads(body: bytes) -> Answer:
    """What asyncio's reader makes of it with its limit of 64 KiB."""

    async def read() -> list[str]:
        reader = asyncio.StreamReader(limit=LINE_LIMIT)
        reader.feed_data(body)
        reader.feed_eof()
        return [line.decode() async for line in reader]

    try:
        return asyncio.run(read())
    except ValueError as error:
        return type(error)


def gemini(text: str, **fields: str) -> bytes:
    content = {"role": "model", "parts": [{"text": text}]}
    usage = {"promptTokenCount": 1, "candidatesTokenCount": 1}
    candidate = {"content": content, "index": 0, **fields}
    payload = {"candidates": [candidate], "usageMetadata": usage}
    return b"data: " + json.dumps(payload).encode() + b"\r\n\r\n"


HELLO = b"".join(openai_chat_stream.HELLO)
MESSAGE = b"".join(anthropic_stream.HELLO)
GEMINI = gemini("Hello, ") + gemini("world", finishReason="STOP")

HEALTHY: dict[Callable[[bytes], Answer], tuple[bytes, str]] = {
    openai_reads: (HELLO, "/v1/chat/completions"),
    anthropic_reads: (MESSAGE, "/v1/messages"),
    genai_reads: (GEMINI, "/v1beta/models/m:streamGenerateContent"),
    iter_lines_reads: (HELLO, "/v1/chat/completions"),
    readline_reads: (HELLO, "/v1/chat/completions"),
}
"""The stream each client reads well, and its path."""

MARK = b"\xef\xbb\xbf"
LATIN = ("ö".encode(), b"\xf6")
ERROR_LINE = b'error: {"message":"out of memory"}\n\n'
JSON_BODY = b'{\n  "error": {\n    "code": 404\n  }\n}\n'
ID_AND_COMMENT = b"id: 1\n" + HELLO.replace(b"\n\n", b"\n\n: ping\n\n", 1)
GENAI_ERROR = genai_errors.UnknownApiResponseError
JSON_ERROR = json.JSONDecodeError


def healthy_answer(client: Callable[[bytes], Answer]) -> list[str]:
    answer = client(HEALTHY[client][0])
    assert isinstance(answer, list)
    return answer


@pytest.mark.parametrize("client", HEALTHY, ids=lambda client: str(client.__name__))
def test_the_client_reads_the_healthy_stream(client: Callable[[bytes], Answer]) -> None:
    body, path = HEALTHY[client]

    assert len(healthy_answer(client)) > 1
    assert streamed([body], path=path).findings == []


@pytest.mark.parametrize(
    ("client", "code", "body", "answer"),
    [
        (openai_reads, "SSE004", HELLO.partition(b"\n\n")[0] + b"\n\n" + ERROR_LINE, [""]),
        (openai_reads, "SSE007", JSON_BODY, []),
        (anthropic_reads, "SSE007", JSON_BODY, []),
        (openai_reads, "SSE014", HELLO.replace(*LATIN), UnicodeDecodeError),
        (anthropic_reads, "SSE014", MESSAGE.replace(*LATIN), UnicodeDecodeError),
        (openai_reads, "SSE017", HELLO.replace(b"\n\n", b"\n", 1), JSON_ERROR),
        (openai_reads, "SSE020", b"retry: 3000\n\n" + HELLO, JSON_ERROR),
        (openai_reads, "SSE020", b"event: ping\n\n" + HELLO, JSON_ERROR),
        (openai_reads, "SSE020", ID_AND_COMMENT, JSON_ERROR),
        (
            iter_lines_reads,
            "SSE012",
            HELLO.replace(b"Hello", "a\u2028b".encode()),
            JSON_ERROR,
        ),
        (genai_reads, "SSE008", MARK + GEMINI, GENAI_ERROR),
        (genai_reads, "SSE021", b": ping\r\n\r\n" + GEMINI, GENAI_ERROR),
        (genai_reads, "SSE021", b"event: message\r\n" + GEMINI, GENAI_ERROR),
        (genai_reads, "SSE021", b"id: 1\r\n" + GEMINI, GENAI_ERROR),
        (genai_reads, "SSE021", b"retry: 1\r\n\r\n" + GEMINI, GENAI_ERROR),
        (genai_reads, "SSE021", GEMINI.replace(b"data: ", b"data:"), GENAI_ERROR),
        (readline_reads, "SSE019", HELLO.replace(b"Hello", b"x" * LINE_LIMIT), ValueError),
    ],
)
def test_the_client_fails_where_the_rule_says_so(
    client: Callable[[bytes], Answer], code: str, body: bytes, answer: Answer
) -> None:
    _, path = HEALTHY[client]

    assert client(body) == answer
    assert code in {finding.rule.code for finding in streamed([body], path=path).findings}


@pytest.mark.parametrize(
    ("client", "code", "change"),
    [
        (openai_reads, "SSE005", lambda body: body.replace(b"data:", b"Data:", 1)),
        (openai_reads, "SSE008", lambda body: MARK + body),
        (anthropic_reads, "SSE008", lambda body: MARK + body),
    ],
)
def test_the_client_loses_the_first_event_where_the_rule_says_so(
    client: Callable[[bytes], Answer], code: str, change: Callable[[bytes], bytes]
) -> None:
    body, path = HEALTHY[client]

    assert client(change(body)) == healthy_answer(client)[1:]
    assert code in {finding.rule.code for finding in streamed([change(body)], path=path).findings}


def test_mixed_line_ends_hold_events_back() -> None:
    [first, *rest] = anthropic_stream.HELLO
    pieces = [first, *(piece.replace(b"\n\n", b"\n\r\n") for piece in rest)]
    decoder = SSEDecoder()
    read = 0

    def arriving() -> Iterator[bytes]:
        nonlocal read
        for piece in pieces:
            read += 1
            yield piece

    when = [read for _ in decoder.iter_bytes(arriving())]

    assert when == [1, *[len(pieces)] * len(rest)]
    codes = {finding.rule.code for finding in streamed([b"".join(pieces)]).findings}
    assert codes == {"SSE011"}
