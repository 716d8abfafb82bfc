"""What a request is known by among others: whether it asks the same, or goes on where one ended.

Pure and bounded: digests of eight bytes, made once a request. Two requests

- ask the same when method, path and body are equal;
- are turns of one conversation when the messages of the later one begin with all messages of the
  earlier one, and a model's answer after them, or when it names the earlier one's answer
  (``previous_response_id``);
- belong to one session when both name it, in a header or in the body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import orjson

from captures.exchange import Exchange
from captures.records import Headers, header
from captures.request_body import without_coding

MAX_PARSED_SIZE = 4 * 1024 * 1024
"""Bytes of a body up to which it is searched for messages and sessions."""

MAX_STEMS = 4
"""How many turns back the request is looked for that another one goes on from."""

MESSAGE_FIELDS = ("messages", "contents", "input")
"""Where the protocols have the messages so far."""

SESSION_HEADERS = (
    "mcp-session-id",
    "x-claude-code-session-id",
    "session_id",
    "session-id",
    "x-session-id",
    "conversation_id",
    "x-conversation-id",
)
SESSION_FIELDS = (
    "conversation",
    "conversation_id",
    "session_id",
    "sessionId",
    "thread_id",
    "threadId",
)

_NO_DIGEST = b""
_REDACTED = "[redacted"
_FINGERPRINT = "fp="


@dataclass(frozen=True, slots=True)
class RequestIdentity:
    """What a request is known by. Every digest is empty where there is nothing to make it of."""

    question: bytes = _NO_DIGEST
    """Of method, path and body."""
    session: bytes = _NO_DIGEST
    """Of the session or conversation that it names."""
    messages: bytes = _NO_DIGEST
    """Of all its messages."""
    stems: tuple[bytes, ...] = ()
    """Of its messages before each of the last answers of the model among them: what the requests
    had as messages that it goes on from, the latest one last."""
    answer: bytes = _NO_DIGEST
    """Of the id of its answer."""
    continues: bytes = _NO_DIGEST
    """Of the id of the answer that it says it goes on from."""


def identity_of(exchange: Exchange) -> RequestIdentity:
    """What the request of an exchange is known by, as far as it has come."""
    request, sent = exchange.request, exchange.request_body
    body = without_coding(sent, header(request.headers, "content-encoding"))
    value = _object(body)
    answered = exchange.head.headers if exchange.head is not None else ()
    place = f"{request.method} {request.path}\n".encode("utf-8", "surrogatepass")
    whole, stems = _messages(request.path, value)
    message_id = exchange.message().id
    session = _session_in_headers(request.headers) or _session_in_headers(answered)
    return RequestIdentity(
        question=_digest(place + body) if body else _NO_DIGEST,
        session=_of_text(session or _session_in(value)),
        messages=whole,
        stems=stems,
        answer=_of_text(message_id),
        continues=_of_text(value.get("previous_response_id")),
    )


def _object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object; an empty one where it is none, or too large to be looked at."""
    if not body.startswith(b"{") or len(body) > MAX_PARSED_SIZE:
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _messages(path: str, value: dict[str, Any]) -> tuple[bytes, tuple[bytes, ...]]:
    """The digests of all messages, and of those before each of the model's last answers."""
    found = next((value[name] for name in MESSAGE_FIELDS if value.get(name)), None)
    messages = [{"role": "user", "content": found}] if isinstance(found, str) else found
    if not isinstance(messages, list):
        return _NO_DIGEST, ()
    digest = hashlib.blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8)
    stems: list[bytes] = []
    try:
        for before, message in pairwise([None, *messages]):
            if _is_by_model(message) and before is not None and not _is_by_model(before):
                stems.append(digest.digest())
            digest.update(orjson.dumps(_plain(message), option=orjson.OPT_SORT_KEYS))
    except orjson.JSONEncodeError:
        return _NO_DIGEST, ()
    return digest.digest(), tuple(stems[-MAX_STEMS:])


def _is_by_model(message: Any) -> bool:
    """Whether a message, or an item of Responses, was made by the model rather than sent to it."""
    if not isinstance(message, dict):
        return False
    role, type_ = message.get("role"), message.get("type")
    if role is not None:
        return role in ("assistant", "model")
    if not isinstance(type_, str):
        return False
    return not type_.endswith("_output") and type_ not in {"message", "item_reference"}


def _plain(message: Any) -> Any:
    """A message without what a client changes in it from turn to turn.

    Marks for prompt caching wander to the latest message, and text that bore one becomes a block.
    """
    if not isinstance(message, dict):
        return message
    content = message.get("content")
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    elif isinstance(content, list):
        content = [_without_cache_mark(block) for block in content]
    else:
        return _without_cache_mark(message)
    return {**message, "content": content}


def _without_cache_mark(block: Any) -> Any:
    if not isinstance(block, dict) or "cache_control" not in block:
        return block
    return {name: part for name, part in block.items() if name != "cache_control"}


def _session_in_headers(headers: Headers) -> str:
    return next((value for name in SESSION_HEADERS if (value := _told(headers, name))), "")


def _told(headers: Headers, name: str) -> str:
    """The value of a header; a redacted one tells by its fingerprint whether it is the same."""
    value = header(headers, name).strip()
    return "" if value.startswith(_REDACTED) and _FINGERPRINT not in value else value


def _session_in(value: dict[str, Any]) -> str:
    """The session that a body names."""
    return next(_sessions_in(value), "")


def _sessions_in(value: dict[str, Any]) -> Iterator[str]:
    metadata = value.get("metadata")
    for place in (value, metadata if isinstance(metadata, dict) else {}):
        for name in SESSION_FIELDS:
            found = place.get(name)
            if isinstance(found, dict):
                found = found.get("id")
            if isinstance(found, str) and found:
                yield found
    user = metadata.get("user_id") if isinstance(metadata, dict) else None
    # Of a user many sessions may run at once; Claude Code puts the session into this name.
    if isinstance(user, str) and "session" in user:
        yield user


def _of_text(text: Any) -> bytes:
    if not isinstance(text, str) or not text:
        return _NO_DIGEST
    return _digest(text.encode("utf-8", "surrogatepass"))


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=8).digest()
