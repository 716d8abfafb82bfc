"""Faults of grammar: forms that the standard allows and that parsers stumble over."""

from __future__ import annotations

import re
from collections.abc import Iterable
from random import Random

from captures.faults.arguments import Arguments
from captures.faults.blocks import Block
from captures.faults.harm import Harm, Send, Step, on_blocks
from captures.faults.protocols import Payload, choices_of, delta_of

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LINE_SEPARATOR = "\u2028"
"""An ordinary character of an event stream, at which text functions of many languages split."""

_LINE_END = re.compile(rb"\r\n|\n|\r")
_DATA_FIELD = re.compile(rb"(?m)^data: ")


def byte_order_mark(_arguments: Arguments, _random: Random) -> Harm:
    """U+FEFF before the first byte."""
    begun = False

    def feed(data: bytes) -> list[Step]:
        nonlocal begun
        marked = data if begun else BYTE_ORDER_MARK + data
        begun = True
        return [Send(marked)]

    return Harm(feed, reads_text=True)


def cr_line_ends(_arguments: Arguments, _random: Random) -> Harm:
    """CR in place of every line end."""
    return on_blocks(lambda block: [_LINE_END.sub(b"\r", block.raw)])


def crlf_line_ends(_arguments: Arguments, _random: Random) -> Harm:
    """CR LF in place of every line end."""
    return on_blocks(lambda block: [_LINE_END.sub(b"\r\n", block.raw)])


def no_space(_arguments: Arguments, _random: Random) -> Harm:
    """No blank behind ``data:``."""
    return on_blocks(lambda block: [_DATA_FIELD.sub(b"data:", block.raw)])


def line_separator(_arguments: Arguments, _random: Random) -> Harm:
    """U+2028 in front of every delta of text."""

    def change(block: Block) -> Iterable[bytes]:
        payload = _with_separator(block)
        return [block.raw if payload is None else block.with_payload(payload)]

    return on_blocks(change)


def retry_lines(arguments: Arguments, _random: Random) -> Harm:
    """A block with ``retry:`` alone before the first event."""
    milliseconds = arguments.count("milliseconds")
    block = b"retry: %d\n\n" % (3000 if milliseconds is None else milliseconds)
    return on_blocks(lambda found: [block, found.raw] if _is_first(found) else [found.raw])


def id_lines(_arguments: Arguments, _random: Random) -> Harm:
    """An ``id:`` in every event."""
    return on_blocks(
        lambda block: [b"id: %d\n%s" % (block.index, block.raw) if block.has_data else block.raw]
    )


def _is_first(block: Block) -> bool:
    return block.has_data and block.index == 0


def _with_separator(block: Block) -> Payload | None:
    """The payload with the separator in its text, where it has one."""
    payload = block.payload
    delta = payload.get("delta")
    if isinstance(delta, dict) and isinstance(delta.get("text"), str):
        return payload | {"delta": delta | {"text": LINE_SEPARATOR + str(delta["text"])}}
    if isinstance(delta, str) and str(payload.get("type", "")).endswith("text.delta"):
        return payload | {"delta": LINE_SEPARATOR + delta}
    choices = choices_of(block)
    if any(isinstance(delta_of(choice).get("content"), str) for choice in choices):
        return payload | {"choices": [_separated(choice) for choice in choices]}
    return _with_separated_parts(payload)


def _separated(choice: Payload) -> Payload:
    delta = delta_of(choice)
    content = delta.get("content")
    if not isinstance(content, str):
        return choice
    return choice | {"delta": delta | {"content": LINE_SEPARATOR + content}}


def _with_separated_parts(payload: Payload) -> Payload | None:
    """Gemini's candidates."""
    candidates = payload.get("candidates")
    if not isinstance(candidates, list) or not candidates or not isinstance(candidates[0], dict):
        return None
    content = candidates[0].get("content")
    if not isinstance(content, dict) or not isinstance(content.get("parts"), list):
        return None
    separated = [
        part | {"text": LINE_SEPARATOR + part["text"]}
        if isinstance(part, dict) and isinstance(part.get("text"), str)
        else part
        for part in content["parts"]
    ]
    first = candidates[0] | {"content": content | {"parts": separated}}
    return payload | {"candidates": [first, *candidates[1:]]}
