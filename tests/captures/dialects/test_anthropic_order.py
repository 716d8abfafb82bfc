from __future__ import annotations

import pytest

from captures.dialects.anthropic import AnthropicDialect
from captures.dialects.anthropic_order import BlockOrder
from captures.findings.anthropic import (
    AFTER_MESSAGE_STOP,
    BEFORE_MESSAGE_START,
    BLOCK_INDEX_JUMPS,
    BLOCK_NEVER_STARTED,
    BLOCK_NOT_STOPPED,
    CONTENT_AFTER_STOP_REASON,
    CUT_BY_LIMIT,
    DELTA_FOR_STOPPED_BLOCK,
    EVENT_NAME_DIFFERS,
    EVENT_NAME_MISSING,
    REPEATED_EVENT,
)
from captures.findings.rule import Rule
from tests.captures.anthropic_stream import (
    HELLO,
    MESSAGE_STOP,
    PING,
    block_start,
    block_stop,
    error,
    message_delta,
    text,
)
from tests.captures.dialects.folding import fold, rules

ANOTHER = [block_start(1), text(1, "x"), block_stop(1)]
RENAMED = HELLO[5].replace(b"event: content_block_stop", b"event: ping")
UNNAMED = [piece.partition(b"\n")[2] for piece in HELLO]


def found(pieces: list[bytes]) -> list[Rule]:
    dialect = AnthropicDialect()
    _, complaints = fold(dialect, pieces)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [
        pytest.param(BEFORE_MESSAGE_START, HELLO[1:], id="no message_start"),
        pytest.param(BEFORE_MESSAGE_START, [block_stop(0), *HELLO], id="a stop first of all"),
        pytest.param(BEFORE_MESSAGE_START, [message_delta(), MESSAGE_STOP], id="the end alone"),
        pytest.param(BEFORE_MESSAGE_START, [MESSAGE_STOP], id="message_stop alone"),
        pytest.param(
            BLOCK_NOT_STOPPED, [*HELLO[:5], *ANOTHER, *HELLO[-2:]], id="a block within a block"
        ),
        pytest.param(
            BLOCK_NOT_STOPPED,
            [*HELLO[:5], block_start(1), text(0, "a"), *ANOTHER[1:], *HELLO[5:]],
            id="two blocks at a time",
        ),
        pytest.param(BLOCK_NOT_STOPPED, [*HELLO[:5], *HELLO[-2:]], id="no stop before the end"),
        pytest.param(
            DELTA_FOR_STOPPED_BLOCK, [*HELLO[:6], text(0, "x"), *HELLO[6:]], id="a late delta"
        ),
        pytest.param(
            DELTA_FOR_STOPPED_BLOCK,
            [*HELLO[:6], *[text(0, "x")] * 5, *HELLO[6:]],
            id="five late deltas",
        ),
        pytest.param(
            BLOCK_NEVER_STARTED, [*HELLO[:4], text(1, "x"), *HELLO[4:]], id="another block's delta"
        ),
        pytest.param(BLOCK_NEVER_STARTED, [HELLO[0], *HELLO[2:]], id="no content_block_start"),
        pytest.param(
            BLOCK_NEVER_STARTED,
            [HELLO[0], *HELLO[2:6], *ANOTHER, *HELLO[-2:]],
            id="no content_block_start, and the next block is in its place",
        ),
        pytest.param(
            BLOCK_INDEX_JUMPS,
            [HELLO[0], *ANOTHER, block_start(2), block_stop(2), *HELLO[-2:]],
            id="the first index is 1",
        ),
        pytest.param(
            BLOCK_INDEX_JUMPS,
            [*HELLO[:6], block_start(2), block_stop(2), *HELLO[-2:]],
            id="a hole in the indexes",
        ),
        pytest.param(
            BLOCK_INDEX_JUMPS,
            [*HELLO[:6], block_start(0), block_stop(0), *HELLO[-2:]],
            id="an index a second time",
        ),
        pytest.param(AFTER_MESSAGE_STOP, [*HELLO, message_delta()], id="message_delta at the end"),
        pytest.param(AFTER_MESSAGE_STOP, [*HELLO, *ANOTHER, message_delta()], id="more at the end"),
        pytest.param(REPEATED_EVENT, [*HELLO, MESSAGE_STOP], id="message_stop twice"),
        pytest.param(REPEATED_EVENT, [*HELLO[:2], *HELLO[1:]], id="content_block_start twice"),
        pytest.param(REPEATED_EVENT, [*HELLO[:6], *HELLO[5:]], id="content_block_stop twice"),
        pytest.param(
            CONTENT_AFTER_STOP_REASON, [*HELLO[:-1], *ANOTHER, MESSAGE_STOP], id="a late block"
        ),
        pytest.param(
            CONTENT_AFTER_STOP_REASON,
            [*HELLO[:5], HELLO[6], HELLO[5], MESSAGE_STOP],
            id="stop and stop reason in the wrong order",
        ),
        pytest.param(EVENT_NAME_DIFFERS, [*HELLO[:5], RENAMED, *HELLO[6:]], id="another name"),
        pytest.param(EVENT_NAME_MISSING, UNNAMED, id="no event lines"),
        pytest.param(EVENT_NAME_MISSING, [*HELLO[:3], *UNNAMED[3:]], id="no more event lines"),
    ],
)
def test_one_cause_is_one_finding(rule: Rule, pieces: list[bytes]) -> None:
    assert found(pieces) == [rule]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(HELLO, id="one block"),
        pytest.param([*HELLO[:6], *ANOTHER, *HELLO[-2:]], id="two blocks"),
        pytest.param([*HELLO[:6], message_delta(None, 3), *HELLO[6:]], id="two message_deltas"),
        pytest.param([*HELLO, PING], id="a ping at the end"),
        pytest.param([PING, *HELLO], id="a ping first of all"),
        pytest.param([HELLO[0], *HELLO[-2:]], id="no block"),
        pytest.param([PING.partition(b"\n")[2], *HELLO], id="a ping without an event line"),
    ],
)
def test_promised_order_is_healthy(pieces: list[bytes]) -> None:
    assert found(pieces) == []


def test_block_left_open_at_max_tokens_is_as_the_provider_does_it() -> None:
    assert found([*HELLO[:5], message_delta("max_tokens"), MESSAGE_STOP]) == [CUT_BY_LIMIT]


def test_delta_after_the_limit_is_told_even_for_a_block_left_open() -> None:
    pieces = [*HELLO[:5], message_delta("max_tokens"), text(0, "x"), MESSAGE_STOP]

    assert found(pieces) == [CUT_BY_LIMIT, CONTENT_AFTER_STOP_REASON]


def test_repeated_block_start_adds_no_second_block() -> None:
    dialect = AnthropicDialect()
    fold(dialect, [*HELLO[:2], *HELLO[1:]])

    assert dialect.message().text == "Hello, wörld 👋"
    assert len(dialect.message().parts) == 1


def test_blocks_that_share_an_index_are_both_kept() -> None:
    dialect = AnthropicDialect()
    fold(dialect, [*HELLO[:6], block_start(0), text(0, "more"), block_stop(0), *HELLO[-2:]])

    assert [part.text for part in dialect.message().parts if hasattr(part, "text")] == [
        "Hello, wörld 👋",
        "more",
    ]


def test_block_without_an_index_is_named_so() -> None:
    wrong = BlockOrder().start(-1, {})

    assert wrong is not None
    assert wrong.detail == "a block without an index starts where 0 is due"


def test_nothing_is_due_after_an_error_wherever_it_comes() -> None:
    for count in range(len(HELLO)):
        assert len(found([*HELLO[:count], error()])) == 1
