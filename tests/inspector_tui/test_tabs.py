from __future__ import annotations

import pytest

from inspector_tui.cells import row_text, row_width
from inspector_tui.tabs import GROWING, Tab, tabs_row


def test_tabs_are_numbered_and_count_the_findings() -> None:
    text = row_text(tabs_row(Tab.MESSAGE, 2, 120))
    assert text.startswith(" 1 Timeline   2 Message   3 Chunks   4 Timing   5 Findings 2   6 Raw")


def test_a_click_on_any_part_of_a_tab_chooses_it() -> None:
    row = tabs_row(Tab.MESSAGE, 0, 120)
    parts = [segment for segment in row if "2" in segment.text or "Message" in segment.text]
    for segment in parts:
        assert segment.style is not None
        assert segment.style.bgcolor is not None
        assert segment.style.meta == {"@click": "screen.tab(1)"}
    assert len(parts) == 2


@pytest.mark.parametrize("width", [60, 72, 80, 100, 130])
@pytest.mark.parametrize("active", list(Tab))
def test_the_tabs_fit_and_the_active_one_has_its_name(active: Tab, width: int) -> None:
    row = tabs_row(active, 12, width)
    assert row_width(row) <= width
    assert f"{list(Tab).index(active) + 1} {active.value[:3]}" in row_text(row)
    for number in range(1, len(Tab) + 1):
        assert str(number) in row_text(row)


def test_at_eighty_columns_every_tab_has_its_name() -> None:
    for findings in (0, 12, 12_345):
        text = row_text(tabs_row(Tab.TIMELINE, findings, 80))
        for number, tab in enumerate(Tab, 1):
            assert f"{number} {tab.value[:3]}" in text
        assert ("5 Findings!" in text) is (findings > 0)


def test_the_views_that_grow_are_views() -> None:
    assert set(Tab) >= GROWING
