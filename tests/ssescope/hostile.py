"""Captures in which every field that a peer or a stranger can fill attacks the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from captures.record_lines import encode, encode_request
from captures.records import (
    Boundary,
    Chunk,
    End,
    Ending,
    Gap,
    Head,
    Headers,
    Note,
    Record,
    Request,
    RequestChunk,
    Tally,
    Unknown,
)
from tests.captures import openai_chat_stream as chat
from tests.captures import openai_responses_stream as responses

MARK = "PWN"
"""Stands within every attack, so that its raw form can be told from what the program writes."""

ATTACKS = (
    f"\x1b]52;c;{MARK}\x07",
    f"\x1b]0;{MARK}\x07",
    f"\x1b]8;;http://{MARK}\x1b\\link\x1b]8;;\x1b\\",
    f"\x1bP{MARK}\x1b\\",
    f"\x1b_{MARK}\x1b\\",
    f"\x1b^{MARK}\x1b\\",
    f"\x1bX{MARK}\x1b\\",
    f"\x1b[2J{MARK}",
    f"\x1b[6n{MARK}",
    f"\x1b[31m{MARK}",
    f"\x1bc{MARK}",
    f"\x1b(0{MARK}",
    f"\u009d52;c;{MARK}\u009c",
    f"\u0090{MARK}\u009c",
    f"\u009f{MARK}\u009c",
    f"\u009e{MARK}\u009c",
    f"\u0098{MARK}\u009c",
    f"\u009b2J{MARK}",
    f"\u202e{MARK}\u2066{MARK}\u2069",
    f"\u200f{MARK}\u061c{MARK}",
    f"\x00{MARK}",
    f"\x7f{MARK}",
    f"\x08{MARK}",
    f"\x0e{MARK}",
    f"\x07{MARK}",
    f"\u200b{MARK}\ufeff{MARK}\u2060{MARK}",
    f"\u2028{MARK}\x85{MARK}",
    f"\ue000{MARK}\U000e0041{MARK}",
)
MARKUP = (
    "[DONE]",
    "[/x]",
    f"[bold]{MARK}[/bold]",
    f"[link=http://{MARK}]x[/link]",
    f"[@click=app.quit]{MARK}[/]",
    "[$error]",
)
"""What Textual and Rich would take for theirs; it is to be shown as it stands."""

SHOWN = f"␛]52;c;{MARK}␇"
"""The first attack as it may be seen."""


def attack(field: str) -> str:
    """Every attack at once, behind the name of the field that it fills."""
    return f"{field} {MARKUP[0]}{MARKUP[1]}{''.join(ATTACKS)}{''.join(MARKUP)}"


def short(number: int) -> str:
    """One attack, for a field that is shown cut."""
    return ATTACKS[number % len(ATTACKS)]


RAW_C1 = b"\x9b2J" + MARK.encode() + b"\x9d0;" + MARK.encode() + b"\x9c\xff\xfe"
"""Control characters of eight bits as bare bytes, which are not UTF-8."""

STREAM: Headers = (
    ("content-type", "text/event-stream"),
    (attack("header-name"), attack("header-value")),
)


IN_ESCAPES = (
    b'data: {"type": "content_block_delta", "index": 1, "delta": '
    b'{"type": "text_delta", "text": "\\ud800\\u001b]0;PWN\\u0007\\u009b2JPWN"}}\n\n'
)
"""What JSON turns into control characters and a lone surrogate."""


def _event(type_: str, **fields: Any) -> bytes:
    payload = json.dumps({"type": type_, **fields}, ensure_ascii=False)
    return f"event: {type_}\ndata: {payload}\n\n".encode()


def _wire(text: str) -> str:
    """Text within one line of a stream."""
    return text.replace("\n", " ").replace("\r", " ")


def anthropic_events() -> list[bytes]:
    """A stream of the Anthropic protocol, hostile in everything a model or a server can write."""
    message = {"id": attack("id"), "model": short(1), "usage": {"input_tokens": 5}}
    tool = {"type": "tool_use", "id": attack("tool-id"), "name": attack("tool-name")}
    arguments = json.dumps({attack("key"): attack("argument")})
    return [
        f": {_wire(attack('comment'))}\nid: {_wire(attack('last-id'))}\nretry: 5\n\n".encode(),
        b": " + RAW_C1 + b"\n\n",
        _event("message_start", message=message),
        _event("content_block_start", index=0, content_block={"type": "thinking", "thinking": ""}),
        _delta(0, "thinking_delta", thinking=attack("thinking")),
        _event("content_block_stop", index=0),
        _event("content_block_start", index=1, content_block={"type": "text", "text": ""}),
        _delta(1, "text_delta", text=attack("text")),
        *(_delta(1, "text_delta", text=each) for each in (*ATTACKS, *MARKUP)),
        _delta(1, _wire(attack("delta-type")), text=attack("delta-text")),
        IN_ESCAPES,
        _event("content_block_stop", index=1),
        _event("content_block_start", index=2, content_block=tool),
        _delta(2, "input_json_delta", partial_json=arguments[:40]),
        _delta(2, "input_json_delta", partial_json=arguments[40:]),
        _event("content_block_stop", index=2),
        _event("content_block_start", index=3, content_block={"type": attack("block-type")}),
        f"event: {_wire(attack('event-type'))}\ndata: {_wire(attack('data'))}\n\n".encode(),
        b"data: " + RAW_C1 + b"\n\n",
        b"data: [DONE]\n\n",
        _event("message_delta", delta={"stop_reason": attack("stop")}, usage={"output_tokens": 7}),
    ]


def _delta(index: int, type_: str, **fields: str) -> bytes:
    return _event("content_block_delta", index=index, delta={"type": type_, **fields})


def chat_events() -> list[bytes]:
    """The same in Chat Completions."""
    return [
        chat.chunk(chat.choice(role=attack("role"), content=""), model=short(2)),
        chat.text(attack("text")),
        chat.chunk(chat.choice(refusal=attack("refusal"))),
        chat.call("", attack("tool-name"), id=attack("call-id"), type=attack("call-type")),
        chat.call(attack("arguments")),
        chat.finish(attack("finish")),
        chat.DONE,
    ]


def responses_events() -> list[bytes]:
    """The same in Responses."""
    item = {"name": attack("tool-name"), "call_id": attack("call-id"), "arguments": ""}
    return [
        responses.event(
            "response.created", response=responses.response(model=short(3), id=attack("id"))
        ),
        responses.added(0, attack("item-type")),
        responses.added(1, "function_call", **item),
        responses.delta("function_call_arguments", 1, attack("arguments")),
        responses.event(_wire(attack("event-type")), sequence_number=attack("number")),
        responses.ended("incomplete", incomplete_details={"reason": attack("reason")}),
    ]


def error_events() -> list[bytes]:
    """An error within a stream."""
    return [
        *anthropic_events()[:3],
        _event("error", error={"type": attack("error-type"), "message": attack("error-text")}),
    ]


def request(number: int, path: str = "") -> Request:
    """A request that is hostile in every field."""
    return Request(
        id=f"id{number} {attack('id')}",
        started=attack("started"),
        upstream=attack("upstream"),
        method=short(number),
        path=path or attack("/path"),
        version=attack("version"),
        headers=((attack("name"), attack("value")), ("content-type", attack("type"))),
    )


def write(
    folder: Path,
    number: int,
    pieces: Sequence[bytes],
    *,
    how: Ending | None = Ending.COMPLETE,
    status: int = 200,
    headers: Headers = STREAM,
    with_head: bool = True,
    more: bytes = b"",
) -> Path:
    """Writes one capture with notes, a gap and codes that nobody knows."""
    size = sum(map(len, pieces))
    records: list[Record] = [
        RequestChunk(1, 0.1, json.dumps({attack("question"): attack("request")}).encode() + RAW_C1)
    ]
    if with_head:
        records.append(Head(2, 0.2, attack("version"), status, attack("reason"), headers))
    for piece in pieces:
        records.append(Chunk(len(records) + 1, 0.3, piece, Boundary.CHUNK))
    seq = len(records) + 1
    records.append(Note(seq, 0.4, attack("about"), attack("note")))
    records.append(Unknown(seq + 1, 0.4, attack("code"), {attack("key"): attack("value")}))
    if how is not None:
        tally = Tally(size, attack("sha"), len(pieces))
        other = Tally(size + 1, attack("sha2"), len(pieces))
        records.append(Gap(seq + 2, 0.4, seq + 2, seq + 2, 9, attack("gap-why")))
        records.append(End(seq + 3, 0.5, how, attack("end-why"), tally, other))
    path = folder / f"2026-{number:02d}.jsonl"
    content = encode_request(request(number)) + b"".join(map(encode, records)) + more
    path.write_bytes(content)
    return path


def write_all(folder: Path) -> list[Path]:
    """One capture of each kind, and files that are none; the first ones are whole streams."""
    error = json.dumps({"error": {"type": attack("error-type"), "message": attack("error-text")}})
    whole = json.dumps(
        {
            "type": "message", "id": attack("id"), "model": short(4), "role": "assistant",
            "content": [{"type": "text", "text": attack("text")}],
            "stop_reason": attack("stop"), "usage": {},
        }
    )  # fmt: skip
    plain: Headers = (("content-type", "application/json"), *STREAM[1:])
    coded: Headers = (*STREAM, ("content-encoding", attack("coding")))
    paths = [
        write(folder, 1, anthropic_events()),
        write(folder, 2, chat_events()),
        write(folder, 3, responses_events()),
        write(folder, 4, error_events()),
        write(folder, 5, [error.encode()], status=529, headers=plain),
        write(folder, 6, [whole.encode()], headers=plain),
        write(folder, 7, anthropic_events()[:5], how=Ending.CLIENT_LEFT),
        write(folder, 8, [], how=Ending.UPSTREAM_PROTOCOL, with_head=False),
        write(folder, 9, [b"data: x\n\n"], headers=coded, how=Ending.UPSTREAM_RESET),
        write(folder, 10, [anthropic_events()[-3][:-2]], how=Ending.UPSTREAM_TRUNCATED),
        write(
            folder, 11, anthropic_events()[:9], how=None, more=attack("[torn").encode() + b"\n[9,"
        ),
    ]
    no_version = {"ssescope": attack("version")}
    files = {
        "2026-12.jsonl": json.dumps(no_version, ensure_ascii=False).encode() + b"\n",
        "2026-13.jsonl": attack("no capture").encode() + b"\n",
        f"2026-14 {short(0)}.jsonl": b"",
        f"2026-15 {short(18)}.jsonl": encode_request(request(15)),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
        paths.append(folder / name)
    return paths
