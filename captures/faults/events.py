"""Faults of order and completeness: events that are lost, doubled, swapped, added or changed."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from captures.faults.arguments import Arguments
from captures.faults.blocks import Block
from captures.faults.harm import Ending, Harm, Step, Stop, on_blocks
from captures.faults.protocols import (
    COMMENT,
    Payload,
    Protocol,
    choices_of,
    delta_of,
    has_finish_reason,
    protocol_of,
)


def error(arguments: Arguments, _random: Random) -> Harm:
    """An error event behind so many deltas, in the words of the protocol; then the end."""
    deltas = arguments.count("deltas")
    left = 3 if deltas is None else deltas
    kind = arguments.text("kind", "overloaded")

    def change(block: Block) -> Iterable[bytes | Step]:
        nonlocal left
        protocol = protocol_of(block)
        if protocol is None or not protocol.is_delta(block):
            return [block.raw]
        if left == 0:
            return [protocol.error(kind), Stop(Ending.CLEAN)]
        left -= 1
        return [block.raw]

    return on_blocks(change)


def drop(arguments: Arguments, _random: Random) -> Harm:
    """One event, or every event of a type, is lost."""
    event, type_ = arguments.count("event"), arguments.text("type", "")

    def change(block: Block) -> Iterable[bytes]:
        by_index = block.has_data and block.index == event
        by_type = type_ and type_ in {block.event.decode("latin-1"), block.payload.get("type")}
        return [] if by_index or by_type else [block.raw]

    return on_blocks(change)


def duplicate(arguments: Arguments, _random: Random) -> Harm:
    """One event comes twice."""
    event = arguments.count("event") or 0

    def change(block: Block) -> Iterable[bytes]:
        return [block.raw] * (2 if block.has_data and block.index == event else 1)

    return on_blocks(change)


def swap(arguments: Arguments, _random: Random) -> Harm:
    """One event comes behind the next."""
    event = arguments.count("event") or 0
    held: list[bytes] = []

    def change(block: Block) -> Iterable[bytes]:
        if block.has_data and block.index == event:
            held.append(block.raw)
            return []
        late = [*held] if block.has_data else []
        if late:
            held.clear()
        return [block.raw, *late]

    return on_blocks(change, lambda: held)


def insert(arguments: Arguments, _random: Random) -> Harm:
    """An event of the user's own comes before another."""
    event = arguments.count("event") or 0
    named = arguments.text("type", "")
    data = arguments.text("data", "")
    head = f"event: {named}\n" if named else ""
    added = f"{head}data: {data}\n\n".encode()

    def change(block: Block) -> Iterable[bytes]:
        return [added, block.raw] if block.has_data and block.index == event else [block.raw]

    return on_blocks(change)


def drop_stop_reason(_arguments: Arguments, _random: Random) -> Harm:
    """The stop reason never comes."""

    def change(block: Block) -> Iterable[bytes]:
        protocol = protocol_of(block)
        if protocol is None or not protocol.is_stop(block):
            return [block.raw]
        return [protocol.without_stop(block)]

    return on_blocks(change)


def drop_terminal(_arguments: Arguments, _random: Random) -> Harm:
    """The event that ends the protocol never comes."""
    seen: list[Protocol] = []

    def change(block: Block) -> Iterable[bytes]:
        protocol = protocol_of(block)
        if protocol is not None:
            seen[:] = [protocol]
        return [] if seen and seen[0].is_terminal(block) else [block.raw]

    return on_blocks(change)


def pings(_arguments: Arguments, _random: Random) -> Harm:
    """A sign of life behind every event: a ping where the protocol has one, else a comment."""

    def change(block: Block) -> Iterable[bytes]:
        protocol = protocol_of(block)
        return [block.raw, COMMENT if protocol is None else protocol.ping]

    return on_blocks(change)


def comments(_arguments: Arguments, _random: Random) -> Harm:
    """A comment behind every event."""
    return on_blocks(lambda block: [block.raw, COMMENT])


def empty_finish_reason(_arguments: Arguments, _random: Random) -> Harm:
    """``finish_reason`` is an empty text wherever it would be null."""

    def change(block: Block) -> Iterable[bytes]:
        choices = choices_of(block)
        if not choices or has_finish_reason(block):
            return [block.raw]
        emptied: list[Payload] = [choice | {"finish_reason": ""} for choice in choices]
        return [block.with_payload(block.payload | {"choices": emptied})]

    return on_blocks(change)


def finish_with_content(_arguments: Arguments, _random: Random) -> Harm:
    """The last chunk with content carries the ``finish_reason`` too."""
    held: list[Block] = []

    def release() -> list[bytes]:
        late = [block.raw for block in held]
        held.clear()
        return late

    def change(block: Block) -> Iterable[bytes]:
        if not has_finish_reason(block):
            late = release()
            if any(delta_of(choice).get("content") for choice in choices_of(block)):
                held.append(block)
                return late
            return [*late, block.raw]
        if not held:
            return [block.raw]
        reasons = {choice.get("index"): choice.get("finish_reason") for choice in choices_of(block)}
        last = held.pop()
        merged: list[Payload] = [
            choice | {"finish_reason": reasons.get(choice.get("index"))}
            for choice in choices_of(last)
        ]
        return [last.with_payload(last.payload | {"choices": merged})]

    return on_blocks(change, release)


def usage_after_finish(_arguments: Arguments, _random: Random) -> Harm:
    """A chunk with ``choices: []`` and usage comes behind the ``finish_reason``."""

    def change(block: Block) -> Iterable[bytes]:
        if not has_finish_reason(block):
            return [block.raw]
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return [block.raw, block.with_payload(block.payload | {"choices": [], "usage": usage})]

    return on_blocks(change)


def doubled_tool_index(_arguments: Arguments, _random: Random) -> Harm:
    """Every tool call of a chat completion comes under index 0."""

    def change(block: Block) -> Iterable[bytes]:
        choices = choices_of(block)
        if not any(delta_of(choice).get("tool_calls") for choice in choices):
            return [block.raw]
        changed: list[Payload] = [
            choice | {"delta": _at_index_0(delta_of(choice))} for choice in choices
        ]
        return [block.with_payload(block.payload | {"choices": changed})]

    return on_blocks(change)


def _at_index_0(delta: Payload) -> Payload:
    calls = delta.get("tool_calls")
    found = [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    return delta | {"tool_calls": [call | {"index": 0} for call in found]}
