"""Healthy answers in the protocols that end with an event of their own, made by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from captures.findings.a2a import A2A_RULES
from captures.findings.ag_ui import AG_UI_RULES
from captures.findings.cohere import COHERE_RULES
from captures.findings.gemini_interactions import INTERACTION_RULES
from captures.findings.other_protocols import OTHER_RULES
from captures.findings.rule import AnswerRules
from captures.findings.vercel_ui import VERCEL_RULES
from tests.captures import a2a_stream, ag_ui_stream, vercel_stream

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class AnswerStream:
    """One answer, and what must be said of it."""

    dialect: str
    path: str
    pieces: list[bytes]
    end: int
    """Index of the event with which the answer is whole."""
    text: str
    verdict: str
    error: bytes
    """An event that says that the answer failed."""
    unknown: bytes
    """An event that nobody knows yet."""
    rules: AnswerRules = OTHER_RULES


def named(event: str, **fields: Any) -> bytes:
    """An event with a name, and JSON data."""
    return f"event: {event}\n".encode() + data(**fields)


def data(**fields: Any) -> bytes:
    """An event without a name, and with JSON data."""
    return f"data: {json.dumps(fields, ensure_ascii=False)}\n\n".encode()


def typed(type_: str, **fields: Any) -> bytes:
    """An event whose type stands in its name and in its data."""
    return named(type_, type=type_, **fields)


def text_completion(text: str, reason: str | None = None, **fields: Any) -> bytes:
    """A chunk of OpenAI's legacy completions."""
    choice = {"text": text, "index": 0, "logprobs": None, "finish_reason": reason}
    common = {"id": "cmpl_1", "object": "text_completion", "model": "made-up"}
    return data(**common, choices=[choice], **fields)


def completion(text: str, reason: str | None = None) -> bytes:
    """An event of Anthropic's legacy completions."""
    return typed("completion", id="compl_1", completion=text, stop_reason=reason, model="made-up")


def cohere(type_: str, index: int | None = None, **message: Any) -> bytes:
    """An event of Cohere's chat about a part of the message."""
    place = {} if index is None else {"index": index}
    return typed(type_, **place, delta={"message": message})


def cohere_end(reason: str, **fields: Any) -> bytes:
    """The last event of Cohere's chat."""
    usage = {"tokens": {"input_tokens": 12, "output_tokens": 30}, "cached_tokens": 4}
    return typed("message-end", delta={"finish_reason": reason, "usage": usage, **fields})


def output(text: str) -> bytes:
    """A piece of the output of Replicate."""
    lines = "".join(f"data: {line}\n" for line in text.split("\n"))
    return f"event: output\nid: 1700000000:0\n{lines}\n".encode()


def result(text: str, tokens: int, reason: str = "not_finished") -> bytes:
    """An event of watsonx."""
    found = {
        "generated_text": text,
        "generated_token_count": tokens,
        "input_token_count": 0 if tokens else 12,
        "stop_reason": reason,
    }
    return b"id: 1\n" + named("message", model_id="made-up", results=[found])


def token(text: str, special: bool = False, **fields: Any) -> bytes:
    """An event of Text Generation Inference."""
    about = {"id": 1, "text": text, "logprob": -0.5, "special": special}
    return data(index=1, token=about, **{"generated_text": None, "details": None, **fields})


def run(status: str, **fields: Any) -> bytes:
    """An event of an assistant's run."""
    about = {"id": "run_1", "object": "thread.run", "model": "made-up", "usage": None}
    shown = {"created": "queued"}.get(status, status)
    return named(f"thread.run.{status}", **{**about, "status": shown, **fields})


def message_delta(text: str) -> bytes:
    """A piece of an assistant's message."""
    content = {"index": 0, "type": "text", "text": {"value": text, "annotations": []}}
    about = {"id": "msg_1", "object": "thread.message.delta"}
    return named("thread.message.delta", **about, delta={"content": [content]})


def interaction(event_type: str, **fields: Any) -> bytes:
    """An event of a Gemini interaction."""
    return named(event_type, **fields, event_type=event_type)


def interaction_end(status: str) -> bytes:
    """The last event of a Gemini interaction."""
    usage = {"total_input_tokens": 12, "total_output_tokens": 30, "total_thought_tokens": 5}
    about = {"id": "v1_1", "status": status, "object": "interaction", "usage": usage}
    return interaction("interaction.completed", interaction=about)


INTERACTION = [
    interaction(
        "interaction.created",
        interaction={"id": "v1_1", "status": "in_progress", "model": "gemini-made-up"},
    ),
    interaction("interaction.status_update", interaction_id="v1_1", status="in_progress"),
    interaction("step.start", index=0, step={"type": "thought"}),
    interaction(
        "step.delta",
        index=0,
        delta={"type": "thought_summary", "content": {"type": "text", "text": "Hm."}},
    ),
    interaction("step.delta", index=0, delta={"type": "thought_signature", "signature": "c2ln"}),
    interaction("step.stop", index=0),
    interaction("step.start", index=1, step={"type": "model_output"}),
    interaction("step.delta", index=1, delta={"type": "text", "text": "Hello, "}),
    interaction("step.delta", index=1, delta={"type": "text", "text": "wörld 👋"}),
    interaction("step.stop", index=1),
    interaction_end("completed"),
    b"event: done\n" + DONE,
]

INTERACTION_CALL = [
    *INTERACTION[:2],
    interaction(
        "step.start", index=0, step={"type": "function_call", "id": "f1", "name": "weather"}
    ),
    interaction(
        "step.delta", index=0, delta={"type": "arguments_delta", "arguments": '{"city": "Gen'}
    ),
    interaction("step.delta", index=0, delta={"type": "arguments_delta", "arguments": 'ève"}'}),
    interaction("step.stop", index=0),
    interaction_end("requires_action"),
    INTERACTION[-1],
]

COHERE = [
    typed("message-start", id="c1", delta={"message": {"role": "assistant", "content": []}}),
    cohere("content-start", 0, content={"type": "text", "text": ""}),
    cohere("content-delta", 0, content={"text": "Hello, "}),
    cohere("content-delta", 0, content={"text": "wörld 👋"}),
    cohere("citation-start", 0, citations={"start": 0, "end": 5, "text": "Hello", "sources": []}),
    typed("citation-end", index=0),
    typed("content-end", index=0),
    cohere_end("COMPLETE"),
    DONE,
]

COHERE_CALL = [
    COHERE[0],
    cohere("tool-plan-delta", tool_plan="Which city?"),
    cohere(
        "tool-call-start",
        0,
        tool_calls={"id": "t1", "type": "function", "function": {"name": "weather"}},
    ),
    cohere("tool-call-delta", 0, tool_calls={"function": {"arguments": '{"city": "Gen'}}),
    cohere("tool-call-delta", 0, tool_calls={"function": {"arguments": 'ève"}'}}),
    typed("tool-call-end", index=0),
    cohere_end("TOOL_CALL"),
    DONE,
]

CONVERSATION = [
    typed("conversation.response.started", conversation_id="conv_1"),
    typed("tool.execution.started", output_index=0, id="x1", name="web_search"),
    typed("tool.execution.done", output_index=0, id="x1", name="web_search", info={}),
    typed("message.output.delta", output_index=1, content="Hello, ", model="made-up"),
    typed("message.output.delta", output_index=1, content={"type": "text", "text": "wörld 👋"}),
    typed(
        "conversation.response.done",
        usage={"prompt_tokens": 12, "completion_tokens": 30, "total_tokens": 42},
    ),
]

RUN = [
    run("created"),
    run("in_progress"),
    named("thread.message.created", id="msg_1", object="thread.message", status="in_progress"),
    message_delta("Hello, "),
    message_delta("wörld 👋"),
    named("thread.message.completed", id="msg_1", object="thread.message", status="completed"),
    run("completed", usage={"prompt_tokens": 12, "completion_tokens": 30}),
    b"event: done\n" + DONE,
]

STREAMS = {
    stream.dialect: stream
    for stream in (
        AnswerStream(
            "a2a",
            "/",
            a2a_stream.ANSWER,
            end=4,
            text="Hello, wörld 👋",
            verdict="complete · completed",
            error=a2a_stream.error(),
            unknown=a2a_stream.reply(kind="something-new"),
            rules=A2A_RULES,
        ),
        AnswerStream(
            "ag-ui",
            "/agent",
            ag_ui_stream.HELLO,
            end=7,
            text="Hello, wörld 👋",
            verdict="complete · HTTP 200",
            error=ag_ui_stream.ERROR,
            unknown=ag_ui_stream.event("SOMETHING_NEW"),
            rules=AG_UI_RULES,
        ),
        AnswerStream(
            "vercel.ui",
            "/api/chat",
            vercel_stream.HELLO,
            end=10,
            text="Hello, wörld 👋",
            verdict="complete · stop",
            error=vercel_stream.chunk("error", errorText="An error occurred."),
            unknown=vercel_stream.chunk("something-new"),
            rules=VERCEL_RULES,
        ),
        AnswerStream(
            "gemini.interactions",
            "/v1beta/interactions",
            INTERACTION,
            end=10,
            text="Hello, wörld 👋",
            verdict="complete · completed",
            error=interaction("error", error={"code": "internal", "message": "Overloaded"}),
            unknown=interaction("interaction.new"),
            rules=INTERACTION_RULES,
        ),
        AnswerStream(
            "cohere.v2",
            "/v2/chat",
            COHERE,
            end=7,
            text="Hello, wörld 👋",
            verdict="complete · COMPLETE",
            error=named("error", error="internal server error"),
            unknown=typed("something-new"),
            rules=COHERE_RULES,
        ),
        AnswerStream(
            "mistral.conversations",
            "/v1/conversations",
            CONVERSATION,
            end=5,
            text="Hello, wörld 👋",
            verdict="complete · HTTP 200",
            error=typed("conversation.response.error", message="Overloaded", code=3505),
            unknown=typed("agent.something.new"),
        ),
        AnswerStream(
            "openai.assistants",
            "/v1/threads/t/runs",
            RUN,
            end=6,
            text="Hello, wörld 👋",
            verdict="complete · completed",
            error=named("error", error={"type": "server_error", "message": "Overloaded"}),
            unknown=named("thread.something.new", id="x"),
        ),
        AnswerStream(
            "openai.transcription",
            "/v1/audio/transcriptions",
            [
                data(type="transcript.text.delta", delta="Hello, "),
                data(type="transcript.text.delta", delta="wörld 👋"),
                data(type="transcript.text.done", text="Hello, wörld 👋", usage={}),
                DONE,
            ],
            end=2,
            text="Hello, wörld 👋",
            verdict="complete · HTTP 200",
            error=data(error={"type": "server_error", "message": "Overloaded"}),
            unknown=data(type="transcript.text.new"),
        ),
        AnswerStream(
            "openai.completions",
            "/v1/completions",
            [
                text_completion("Hello, "),
                text_completion("wörld 👋"),
                text_completion("", "stop"),
                data(object="text_completion", choices=[], usage={"completion_tokens": 30}),
                DONE,
            ],
            end=2,
            text="Hello, wörld 👋",
            verdict="complete · stop",
            error=data(error={"type": "server_error", "message": "Overloaded"}),
            unknown=data(object="text_completion.new"),
        ),
        AnswerStream(
            "anthropic.complete",
            "/v1/complete",
            [
                completion("Hello, "),
                typed("ping"),
                completion("wörld 👋"),
                completion("", "stop_sequence"),
            ],
            end=3,
            text="Hello, wörld 👋",
            verdict="complete · stop_sequence",
            error=typed("error", error={"type": "overloaded_error", "message": "Overloaded"}),
            unknown=typed("something_new"),
        ),
        AnswerStream(
            "sourcegraph.completions",
            "/.api/completions/stream",
            [
                named("completion", deltaText="Hello, "),
                named("completion", deltaText="wörld 👋", stopReason="end_turn"),
                named("done"),
            ],
            end=2,
            text="Hello, wörld 👋",
            verdict="complete · end_turn",
            error=named("error", error="Overloaded"),
            unknown=named("new"),
        ),
        AnswerStream(
            "replicate",
            "/v1/streams/x",
            [
                b": hi\n\n",
                output("Hello,\n"),
                output("wörld 👋"),
                b"event: logs\ndata: loading\n\n",
                output('{"a": 1}'),
                b"event: done\nid: 1700000001:0\ndata: {}\n\n",
            ],
            end=5,
            text='Hello,\nwörld 👋{"a": 1}',
            verdict="complete · HTTP 200",
            error=named("error", detail="Out of memory"),
            unknown=b"event: new\ndata: x\n\n",
        ),
        AnswerStream(
            "watsonx.generation",
            "/ml/v1/text/generation_stream",
            [result("", 0), result("Hello, ", 4), result("wörld 👋", 8, "eos_token")],
            end=2,
            text="Hello, wörld 👋",
            verdict="complete · eos_token",
            error=named("error", errors=[{"code": "internal", "message": "Overloaded"}]),
            unknown=named("message", system={}),
        ),
        AnswerStream(
            "tgi.generate",
            "/generate_stream",
            [
                token("Hello, "),
                token("wörld 👋"),
                token(
                    "</s>",
                    special=True,
                    generated_text="Hello, wörld 👋",
                    details={"finish_reason": "eos_token", "generated_tokens": 3},
                ),
            ],
            end=2,
            text="Hello, wörld 👋",
            verdict="complete · eos_token",
            error=data(error="Overloaded", error_type="overloaded"),
            unknown=data(new=1),
        ),
    )
}
"""By the name of the dialect that reads them."""
