from __future__ import annotations

import pytest

from captures.framing import FRAMINGS, Answer, framing_for

SSE = "text/event-stream"
JSON = "application/json"
GEMINI = "/v1beta/models/gemini:streamGenerateContent"


def name_of(answer: Answer) -> str:
    make = framing_for(answer)
    return make(0).name if make is not None else ""


@pytest.mark.parametrize(
    ("content_type", "target", "name"),
    [
        (SSE, "/v1/messages", "sse"),
        (SSE, "/anything?alt=sse", "sse"),
        (SSE, GEMINI, "sse"),
        ("application/x-ndjson", "/api/chat", "ndjson"),
        ("application/jsonl", "/", "ndjson"),
        ("application/stream+json", "/v1/chat", "ndjson"),
        ("application/vnd.amazon.eventstream", "/model/m/converse-stream", "aws event stream"),
        (JSON, GEMINI, "json array"),
        (JSON, f"{GEMINI}?%24alt=json%3Benum-encoding%3Dint", "json array"),
        (JSON, "/api/chat", "ndjson"),
        (JSON, "/prefix/api/generate", "ndjson"),
        (JSON, "/v1beta/models/gemini:generateContent", ""),
        (JSON, "/v1/messages", ""),
        (JSON, "/api/tags", ""),
        ("text/html", "/api/chat", ""),
        ("", "/", ""),
    ],
)
def test_type_and_path_decide(content_type: str, target: str, name: str) -> None:
    assert name_of(Answer(content_type, target)) == name


@pytest.mark.parametrize(
    ("request_body", "name"),
    [
        (b'{"stream": true}', "ndjson"),
        (b'{"model": "m"}', "ndjson"),
        (b"", "ndjson"),
        (b"[]", "ndjson"),
        (b'{"stream": false}', ""),
    ],
)
def test_json_of_ollama_streams_where_it_was_not_asked_to_be_whole(
    request_body: bytes, name: str
) -> None:
    assert name_of(Answer(JSON, "/api/chat", request_body=request_body)) == name


def test_plain_text_is_a_stream_where_a_header_says_so() -> None:
    names = frozenset({"content-type", "x-vercel-ai-data-stream"})
    assert name_of(Answer("text/plain", "/api/chat", headers=names)) == "ndjson"
    assert name_of(Answer("text/plain", "/api/chat")) == ""


@pytest.mark.parametrize("target", [GEMINI, "/api/chat"])
def test_json_that_is_an_error_is_no_stream(target: str) -> None:
    assert name_of(Answer(JSON, target, status=404)) == ""
    assert name_of(Answer(SSE, target, status=404)) == "sse"


@pytest.mark.parametrize("entry", FRAMINGS, ids=lambda entry: str(entry.content_types))
def test_the_rest_of_a_body_is_framed_from_its_offset_on(entry: object) -> None:
    framing = entry.make(100)  # type: ignore[attr-defined]
    frames = framing.feed(b"data: x\n\n", 1.0) + framing.finish()
    assert (frames[0].start, frames[-1].stop) == (100, 109)
