"""Events of the Agent2Agent protocol, made by hand, in the words of 0.3 and of 1.0."""

from __future__ import annotations

import json
from typing import Any

ABOUT = {"taskId": "task_1", "contextId": "ctx_1"}


def event(payload: dict[str, Any]) -> bytes:
    """One event, as a server in Python sends it."""
    return f"data: {json.dumps(payload, ensure_ascii=False)}\r\n\r\n".encode()


def reply(**result: Any) -> bytes:
    """A JSON-RPC response with this result."""
    return event({"jsonrpc": "2.0", "id": "r1", "result": result})


def message(*parts: dict[str, Any], id_: str = "msg_1") -> dict[str, Any]:
    """What the agent says, in the words of 0.3."""
    return {"kind": "message", "messageId": id_, "role": "agent", "parts": list(parts)}


def text(words: str) -> dict[str, Any]:
    return {"kind": "text", "text": words}


def task(state: str, **fields: Any) -> bytes:
    about = {"id": "task_1", "contextId": "ctx_1", "status": {"state": state}}
    return reply(kind="task", **about, **fields)


def status(state: str, final: bool = False, words: str = "", **fields: Any) -> bytes:
    said = {"message": message(text(words), id_=f"msg_{words}")} if words else {}
    found = {"kind": "status-update", **ABOUT, "status": {"state": state, **said}, "final": final}
    return reply(**{**found, **fields})


def chunk(words: str, append: bool, id_: str = "a1", **fields: Any) -> bytes:
    artifact = {"artifactId": id_, "name": "answer", "parts": [text(words)]}
    found = {"kind": "artifact-update", **ABOUT, "artifact": artifact, "append": append}
    return reply(**found, lastChunk=append, **fields)


def error(code: int = -32001, words: str = "Task not found") -> bytes:
    return event({"jsonrpc": "2.0", "id": "r1", "error": {"code": code, "message": words}})


def status_1_0(state: str, words: str = "") -> dict[str, Any]:
    """A status of 1.0, without an envelope."""
    said = {"messageId": "m1", "role": "ROLE_AGENT", "parts": [{"text": words}]}
    found = {"state": f"TASK_STATE_{state}", **({"message": said} if words else {})}
    return {"statusUpdate": {**ABOUT, "status": found}}


def chunk_1_0(words: str, append: bool) -> dict[str, Any]:
    """A chunk of 1.0, without an envelope."""
    artifact = {"artifactId": "a1", "parts": [{"text": words}]}
    return {"artifactUpdate": {**ABOUT, "artifact": artifact, "append": append}}


ANSWER = [
    task("submitted"),
    status("working"),
    chunk("Hello, ", append=False),
    chunk("wörld 👋", append=True),
    status("completed", final=True),
]
"""An answer in an artifact, in the words of 0.3."""

ANSWER_1_0 = [
    {"task": {"id": "task_1", "contextId": "ctx_1", "status": {"state": "TASK_STATE_SUBMITTED"}}},
    status_1_0("WORKING"),
    chunk_1_0("Hello, ", append=False),
    chunk_1_0("wörld 👋", append=True),
    status_1_0("COMPLETED"),
]
"""The same in the words of 1.0, without an envelope."""
