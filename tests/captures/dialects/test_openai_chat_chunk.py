from __future__ import annotations

import pytest

from captures.dialects.base import EventKind
from captures.dialects.openai_chat_chunk import ChunkContent
from captures.findings.openai_chat import CHAT_USAGE_SHRINKS


@pytest.mark.parametrize(
    ("kind", "text", "adds"),
    [
        (EventKind.TEXT, "a", True),
        (EventKind.THINKING, "a", True),
        (EventKind.TOOL, "{", True),
        (EventKind.TEXT, "", False),
        (EventKind.STRUCTURE, "weather", False),
    ],
)
def test_piece_of_the_answer_makes_it_longer(kind: EventKind, text: str, adds: bool) -> None:
    content = ChunkContent()
    content.add(kind, "delta.content", text)

    assert [delta.adds for delta in content.deltas] == [adds]


def test_complaints_are_kept_in_order() -> None:
    content = ChunkContent()
    content.complain(CHAT_USAGE_SHRINKS, "a")
    content.complain(CHAT_USAGE_SHRINKS, "b")

    assert content.wrong == [(CHAT_USAGE_SHRINKS, "a"), (CHAT_USAGE_SHRINKS, "b")]
