from __future__ import annotations

import pytest

from captures.exchange import Exchange
from captures.faults.blocks import Block, BlockSplitter
from captures.faults.protocols import ERROR_KINDS, PROTOCOLS, Protocol, protocol_of
from captures.plain_body import exchange_of_body
from tests.captures.faults.harmed import ANTHROPIC, CHAT, GEMINI, RESPONSES

STREAMS = {"anthropic": ANTHROPIC, "responses": RESPONSES, "chat": CHAT, "gemini": GEMINI}

every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda each: str(each.name))


def blocks_of(pieces: list[bytes]) -> list[Block]:
    return BlockSplitter().feed(b"".join(pieces))


def judged(pieces: list[bytes]) -> Exchange:
    return exchange_of_body("a.sse", "text/event-stream", pieces)


@every_protocol
def test_its_events_are_told_by_their_shape(protocol: Protocol) -> None:
    blocks = blocks_of(STREAMS[protocol.name])
    assert protocol_of(blocks[0]) is protocol
    assert any(protocol.is_delta(block) for block in blocks)
    assert sum(protocol.is_stop(block) for block in blocks) == 1
    assert [protocol.is_terminal(block) for block in blocks].count(True) == 1
    assert protocol.is_terminal(blocks[-1])


@every_protocol
def test_a_block_without_its_stop_reason_has_none(protocol: Protocol) -> None:
    (stop,) = [block for block in blocks_of(STREAMS[protocol.name]) if protocol.is_stop(block)]
    left = protocol.without_stop(stop)
    assert b'"end_turn"' not in left
    assert protocol.name == "anthropic" or not any(map(protocol.is_stop, blocks_of([left])))


@every_protocol
@pytest.mark.parametrize("kind", ERROR_KINDS)
def test_an_error_is_one_to_our_own_judgement(protocol: Protocol, kind: str) -> None:
    exchange = judged([*STREAMS[protocol.name][:2], protocol.error(kind)])
    assert exchange.message().error is not None


def test_a_ping_breaks_no_protocol() -> None:
    for protocol in PROTOCOLS:
        pieces = STREAMS[protocol.name]
        pinged = [part for piece in pieces for part in (piece, protocol.ping)]
        assert judged(pinged).message() == judged(pieces).message()


def test_anything_else_is_no_protocol() -> None:
    for raw in (b"data: [DONE]\n\n", b"data: x\n\n", b": note\n\n", b'data: {"a": 1}\n\n'):
        assert protocol_of(Block(raw, 0)) is None
