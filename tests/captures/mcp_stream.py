"""Messages of the Model Context Protocol as events, made by hand."""

from __future__ import annotations

import json
from typing import Any


def event(message: Any, id_: str | None = None) -> bytes:
    """One event, with an id if the client may resume with it."""
    name = "" if id_ is None else f"id: {id_}\r\n"
    data = json.dumps(message, ensure_ascii=False)
    return f"{name}event: message\r\ndata: {data}\r\n\r\n".encode()


def asked(method: str = "tools/call", id_: Any = 2, **params: Any) -> bytes:
    """The body of a request."""
    return json.dumps({"jsonrpc": "2.0", "id": id_, "method": method, "params": params}).encode()


def result(id_: Any = 2, **fields: Any) -> dict[str, Any]:
    """A response."""
    return {"jsonrpc": "2.0", "id": id_, "result": fields}


def tool_result(text: str = "Hello, wörld 👋", id_: Any = 2, **fields: Any) -> dict[str, Any]:
    """What a tool gave back."""
    return result(id_, content=[{"type": "text", "text": text}], **fields)


def error(code: int = -32602, message: str = "Unknown tool", id_: Any = 2) -> dict[str, Any]:
    """A response that is an error."""
    return {"jsonrpc": "2.0", "id": id_, "error": {"code": code, "message": message}}


def notification(method: str, **params: Any) -> dict[str, Any]:
    """A message that nobody answers."""
    return {"jsonrpc": "2.0", "method": f"notifications/{method}", "params": params}


def progress(value: float, total: float | None = 3) -> dict[str, Any]:
    """How far a request has come."""
    about = {"progressToken": 2, "progress": value, "message": f"at {value}"}
    return notification("progress", **about, **({} if total is None else {"total": total}))


PRIMING = b"id: p-1\r\nretry: 500\r\ndata: \r\n\r\n"
"""An id to come back with, and nothing else."""

ENDPOINT = b"event: endpoint\r\ndata: /messages/?session_id=abc\r\n\r\n"
"""Where requests are posted to, in the first revision."""

CALL = [
    event(progress(1)),
    event(notification("message", level="info", logger="count", data="counting")),
    event(progress(2)),
    event(tool_result(isError=False)),
]
"""A call of a tool that went well."""
