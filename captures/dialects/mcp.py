"""The dialect of the Model Context Protocol: JSON-RPC messages as events.

After the transports of its revisions, https://modelcontextprotocol.io/specification: the answer
to a POST ends with the response to its request; a stream that was asked for with GET, and the
one of ``subscriptions/listen``, stand until somebody closes them. Since 2025-11-25 a server may
close the answer to a POST early, once an event had an id: the client comes back with it. In the
first revision the stream begins with the event ``endpoint``.
"""

from __future__ import annotations

from typing import Any

from captures.dialects.base import Event, EventKind
from captures.dialects.complaints import Complaints, complaint
from captures.dialects.json_rpc import (
    Id,
    error_of,
    id_of,
    is_response,
    messages_in,
    messages_of,
    requests_in,
)
from captures.dialects.payload import json_text, mapping, mappings, number, parsed, string
from captures.findings.mcp import (
    MCP_AFTER_RESPONSE,
    MCP_ERROR,
    MCP_EVENT_ID_TWICE,
    MCP_LARGE_EVENT,
    MCP_NO_RESPONSE,
    MCP_NOT_JSON_RPC,
    MCP_PROGRESS_BACKWARDS,
    MCP_TOOL_FAILED,
    MCP_UNKNOWN_RESPONSE,
)
from captures.findings.rule import Complaint
from captures.findings.sse import DATA_NOT_JSON
from captures.message import Message, OtherPart, Part, StreamError, Text, Usage
from captures.sse import Frame

MAX_CLIENT_EVENT_SIZE = 16 * 1024 * 1024
"""Bytes of an event up to which Claude Code takes it."""

MAX_SHOWN_DATA = 4096
"""Characters of a message that the timeline carries."""

LISTEN = "subscriptions/listen"
"""The request whose answer is a standing stream. Nobody waits for its response."""


def recognises(frame: Frame) -> bool:
    """Whether an event has the shape of this dialect.

    That is a JSON-RPC message, the ``endpoint`` of the first revision, or the priming event: an
    id, no name and no data.
    """
    if frame.event == "endpoint":
        return frame.data.startswith(("/", "http://", "https://"))
    if not frame.data:
        return frame.event == "message" and bool(frame.last_event_id)
    return messages_in(frame.data) is not None


class McpDialect:
    """Folds the messages of one stream."""

    name = "mcp"
    stop_reason_name = "response"

    def __init__(self, request_body: bytes = b"") -> None:
        asked = requests_in(request_body)
        self._methods = {request.id: request.method for request in asked}
        self._due = {request.id for request in asked if request.method != LISTEN}
        self._waited = bool(self._due)
        self._event_ids: set[str] = set()
        self._progress: dict[str, float] = {}
        self._parts: list[Part] = []
        self._server = ""
        self._error: StreamError | None = None
        self._count = 0
        self._complaints = Complaints()
        self.earlier: tuple[Message, ...] = ()

    def feed(self, frame: Frame) -> tuple[Event, tuple[Complaint, ...]]:
        """What the event is, and what is wrong with it."""
        if frame.size > MAX_CLIENT_EVENT_SIZE:
            self._complaints.add(MCP_LARGE_EVENT, f"{frame.size:,} bytes")
        self._check_event_id(frame)
        return self._event(frame), self._complaints.take()

    def finish(self) -> tuple[Complaint, ...]:
        """A missing response, unless the client can come back for it."""
        if self.may_end:
            return ()
        methods = sorted(self._methods[id_] for id_ in self._due)
        return (complaint(MCP_NO_RESPONSE, f"no response to {', '.join(methods)}"),)

    def message(self) -> Message:
        """The results so far: their content, and the other messages that a client acts on."""
        return Message(model=self._server, parts=tuple(self._parts), error=self._error)

    @property
    def usage(self) -> Usage:
        """The protocol tells none."""
        return Usage()

    @property
    def finished(self) -> bool:
        """Whether no response is due: every one has come, or nothing was asked."""
        return not self._due

    @property
    def may_end(self) -> bool:
        """Whether no response is due, or the client can come back for it."""
        return not self._due or bool(self._event_ids)

    @property
    def position(self) -> str:
        """How many messages have come."""
        if not self._count:
            return "before the first event"
        if self._waited and not self._due:
            return "after the response"
        return f"after message {self._count}"

    @property
    def missing(self) -> tuple[str, ...]:
        """The response, while it is due."""
        return ("response",) if self._due else ()

    def _check_event_id(self, frame: Frame) -> None:
        if not frame.sets_id or not frame.last_event_id:
            return
        if frame.last_event_id in self._event_ids:
            self._complaints.once(MCP_EVENT_ID_TWICE, f"id {frame.last_event_id}")
        self._event_ids.add(frame.last_event_id)

    def _event(self, frame: Frame) -> Event:
        if not frame.data:
            return Event(frame, EventKind.STRUCTURE, "priming event", frame.last_event_id)
        if frame.event == "endpoint":
            return Event(frame, EventKind.START, "endpoint", frame.data)
        messages = messages_in(frame.data)
        if messages is None:
            rule = DATA_NOT_JSON if parsed(frame.data) is None else MCP_NOT_JSON_RPC
            self._complaints.add(rule, f"{frame.event}: {frame.data[:80]}")
            return Event(frame, EventKind.OTHER, frame.event, frame.data[:MAX_SHOWN_DATA])
        self._count += 1
        rows = [self._take(message) for message in messages]
        kind, type_, text = next((row for row in rows if row[0] is EventKind.ERROR), rows[-1])
        return Event(frame, kind, type_, text[:MAX_SHOWN_DATA])

    def _take(self, message: dict[str, Any]) -> tuple[EventKind, str, str]:
        if self._waited and not self._due:
            about = string(message, "method") or f"the response to {id_of(message)}"
            self._complaints.once(MCP_AFTER_RESPONSE, about)
        if is_response(message):
            return self._response(message)
        method, params = string(message, "method"), mapping(message, "params")
        if id_of(message) is not None:
            self._parts.append(OtherPart(method, json_text(params)))
        if method == "notifications/progress":
            self._check_progress(params)
        return EventKind.OTHER, method, _account(method, params)

    def _response(self, message: dict[str, Any]) -> tuple[EventKind, str, str]:
        id_ = id_of(message)
        method = self._methods.get(id_ or "", "")
        type_ = f"{method} response".lstrip()
        self._answer(id_)
        error = error_of(message)
        if error is not None:
            self._error = self._error or error
            account = f"{error.type}: {error.message}"
            self._complaints.add(MCP_ERROR, f"{method} {account}".lstrip())
            return EventKind.ERROR, type_, account
        result = mapping(message, "result")
        self._server = self._server or string(mapping(result, "serverInfo"), "name")
        parts = _parts_of(result, method)
        self._parts += parts
        text = "".join(part.text for part in parts if isinstance(part, Text))
        if result.get("isError") is True:
            self._complaints.add(MCP_TOOL_FAILED, text or "isError without a text")
        kind = EventKind.TERMINAL if self._waited and not self._due else EventKind.OTHER
        return kind, type_, text or json_text(result)

    def _answer(self, id_: Id | None) -> None:
        """Strikes off a request. An error without an id answers a body that could not be read."""
        # A progress token belongs to a request under way, and may be used again after it.
        self._progress.clear()
        if id_ is None:
            self._due.clear()
        elif self._waited and self._due and id_ not in self._due:
            self._complaints.add(MCP_UNKNOWN_RESPONSE, f"id {id_}")
        self._due.discard(id_ or "")

    def _check_progress(self, params: dict[str, Any]) -> None:
        token, value = json_text(params.get("progressToken")), params.get("progress")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return
        before = self._progress.get(token)
        if before is not None and value < before:
            self._complaints.once(MCP_PROGRESS_BACKWARDS, f"{before} and then {value}")
        self._progress[token] = value


def whole_message(payload: Any) -> Message | None:
    """The message of a response that was not streamed, or None if it is none."""
    responses = [message for message in messages_of(payload) or [] if is_response(message)]
    if not responses:
        return None
    results = [mapping(response, "result") for response in responses]
    errors = [error for response in responses if (error := error_of(response)) is not None]
    return Message(
        model=next((string(mapping(result, "serverInfo"), "name") for result in results), ""),
        parts=tuple(part for result in results for part in _parts_of(result, "")),
        error=errors[0] if errors else None,
    )


def _parts_of(result: dict[str, Any], method: str) -> list[Part]:
    """The content of a result; the result as a whole where it has none."""
    contents = mappings(result, "content") or mappings(result, "contents")
    if contents:
        return [_part_of(content) for content in contents]
    return [OtherPart(method or "result", json_text(result))] if result else []


def _part_of(content: dict[str, Any]) -> Part:
    text = string(content, "text")
    type_ = string(content, "type") or "resource"
    return (
        Text(text)
        if text and type_ in {"text", "resource"}
        else OtherPart(type_, json_text(content))
    )


def _account(method: str, params: dict[str, Any]) -> str:
    """What a notification or a request of the server says, in a line."""
    match method:
        case "notifications/progress":
            total = number(params, "total")
            of_total = "" if total is None else f"/{total}"
            return f"{params.get('progress')}{of_total} {string(params, 'message')}".rstrip()
        case "notifications/message":
            said = params.get("data")
            words = said if isinstance(said, str) else json_text(said)
            return f"{string(params, 'level')}: {words}"
    return json_text(params) if params else ""
