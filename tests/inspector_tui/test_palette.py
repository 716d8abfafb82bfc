from __future__ import annotations

from captures.dialects.base import EventKind
from captures.findings.rule import Level
from captures.verdict import Outcome
from inspector_tui import palette


def test_every_kind_outcome_and_level_has_its_style() -> None:
    assert palette.KIND_STYLES.keys() == set(EventKind)
    assert palette.OUTCOME_STYLES.keys() == palette.OUTCOME_BACKGROUNDS.keys() == set(Outcome)
    assert palette.LEVEL_STYLES.keys() == set(Level)


def test_text_thinking_and_tools_look_different() -> None:
    kinds = (EventKind.TEXT, EventKind.THINKING, EventKind.TOOL)
    assert len({palette.KIND_STYLES[kind] for kind in kinds}) == 3
