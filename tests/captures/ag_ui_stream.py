"""Events of AG-UI, made by hand."""

from __future__ import annotations

import json
from typing import Any


def event(type_: str, **fields: Any) -> bytes:
    """One event; the protocol names none."""
    return f"data: {json.dumps({'type': type_, **fields}, ensure_ascii=False)}\n\n".encode()


def finished(**fields: Any) -> bytes:
    return event("RUN_FINISHED", threadId="t1", runId="r1", **fields)


def content(words: str, id_: str = "m1") -> bytes:
    return event("TEXT_MESSAGE_CONTENT", messageId=id_, delta=words)


def arguments(words: str, id_: str = "c1") -> bytes:
    return event("TOOL_CALL_ARGS", toolCallId=id_, delta=words)


STARTED = event("RUN_STARTED", threadId="t1", runId="r1")

HELLO = [
    STARTED,
    event("STEP_STARTED", stepName="answer"),
    event("TEXT_MESSAGE_START", messageId="m1", role="assistant"),
    content("Hello, "),
    content("wörld 👋"),
    event("TEXT_MESSAGE_END", messageId="m1"),
    event("STEP_FINISHED", stepName="answer"),
    finished(),
]
"""A healthy run."""

CALL = [
    STARTED,
    event("REASONING_START", messageId="g1"),
    event("REASONING_MESSAGE_START", messageId="g1", role="assistant"),
    event("REASONING_MESSAGE_CONTENT", messageId="g1", delta="Which city?"),
    event("REASONING_MESSAGE_END", messageId="g1"),
    event("REASONING_END", messageId="g1"),
    event("TOOL_CALL_START", toolCallId="c1", toolCallName="weather"),
    arguments('{"city": "Gen'),
    arguments('ève"}'),
    event("TOOL_CALL_END", toolCallId="c1"),
    event("TOOL_CALL_RESULT", messageId="m2", toolCallId="c1", content="rain"),
    finished(outcome={"type": "success"}),
]
"""A run that reasons and calls a tool."""

ERROR = event("RUN_ERROR", message="Overloaded", code="overloaded")
