from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.faults import blocks
from captures.faults.blocks import Block, BlockSplitter

ENDS = [b"\n", b"\r\n", b"\r"]


def split(pieces: list[bytes]) -> list[bytes]:
    splitter = BlockSplitter()
    found = [block.raw for piece in pieces for block in splitter.feed(piece)]
    return [*found, *(block.raw for block in splitter.finish())]


@pytest.mark.parametrize("end", ENDS)
def test_a_block_ends_at_its_blank_line_whatever_the_line_ends(end: bytes) -> None:
    lines = [b"event: a", b"data: 1", b"", b": note", b"", b"data: 2", b""]
    body = end.join([*lines, b""])
    whole = split([body])
    assert [len(block.split(b"data")) for block in whole] == [2, 1, 2]
    assert split([body[i : i + 1] for i in range(len(body))]) == whole
    assert b"".join(whole) == body


@given(st.lists(st.sampled_from([b"data: x", b"\n", b"\r", b"\r\n", b":", b"id"]), max_size=30))
def test_blocks_tile_the_body_and_do_not_depend_on_the_cuts(parts: list[bytes]) -> None:
    body = b"".join(parts)
    whole = split([body])
    assert b"".join(whole) == body
    assert split([body[i : i + 1] for i in range(len(body))]) == whole


def test_only_events_with_data_are_counted() -> None:
    found = BlockSplitter().feed(b": note\n\ndata: a\n\nretry: 1\n\ndata: b\n\n")
    assert [(block.index, block.has_data) for block in found] == [
        (0, False),
        (0, True),
        (1, False),
        (1, True),
    ]


def test_a_block_tells_its_fields_and_its_payload() -> None:
    block = Block(b'event: x\ndata: {"a":\ndata: 1}\n: note\n\n', 0)
    assert (block.event, block.data, block.payload) == (b"x", b'{"a":\n1}', {"a": 1})
    assert block.with_payload({"b": 2}) == b'event: x\ndata: {"b":2}\n\n'
    assert Block(b"data: [DONE]\n\n", 0).payload == {}
    assert Block(b"data: [1]\n\n", 0).payload == {}


def test_a_block_without_end_is_passed_on_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MAX_HELD_SIZE", 10)
    assert split([b"data: a very", b" long line", b"\n\n"]) == [
        b"data: a very",
        b" long line\n\n",
    ]
