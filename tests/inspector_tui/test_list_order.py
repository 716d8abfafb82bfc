from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from captures.findings.network import HTTP_ERROR, NO_EVENT, RECORDER_STOPPED
from captures.verdict import Outcome, Verdict
from inspector_tui.list_order import NEWEST_FIRST, Column, Order
from inspector_tui.summary import Summary
from tests.inspector_tui.inspector_for_tests import NOW

WHOLE = Verdict(Outcome.COMPLETE, "complete")
LIVE = Verdict(Outcome.LIVE, "streaming")
SMALL = Summary(
    Path("/captures"), "1", WHOLE, started=NOW, status=200, duration=9.0, size=10, events=5,
    tokens_per_second=80.0, rules=(NO_EVENT, RECORDER_STOPPED),
)  # fmt: skip
LARGE = Summary(
    Path("/captures"), "2", WHOLE, started=NOW, status=529, duration=1.0, size=99, events=7,
    tokens_per_second=20.0, rules=(HTTP_ERROR,),
)  # fmt: skip
RUNNING = Summary(
    Path("/captures"), "0", LIVE, started=NOW - timedelta(seconds=60), duration=2.0, size=50
)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (Column.TIME, "0321"), (Column.TOOK, "0123"), (Column.SIZE, "2013"),
        (Column.EVENTS, "2103"), (Column.SPEED, "1230"), (Column.STATUS, "2130"),
        (Column.FINDINGS, "1203"),
    ],
)  # fmt: skip
def test_the_most_is_on_top_and_what_is_not_known_at_the_bottom(
    column: Column, expected: str
) -> None:
    known = {summary.file: summary for summary in (SMALL, LARGE, RUNNING)}
    order, names = Order(column), ["0", "1", "2", "3"]
    keys = order.keys(names, {"0"}, [known.get(name) for name in names], NOW)
    assert keys == [order.key(name, known.get(name), NOW) for name in names]
    falling = sorted(zip(keys, names, strict=True), reverse=True)
    assert "".join(name for _, name in falling) == expected


def test_equal_ones_are_ordered_by_time() -> None:
    order = Order(Column.SIZE)
    assert order.key("a", replace(SMALL, file="a"), NOW) == (10, "a")
    assert order.key("b", replace(SMALL, file="b"), NOW) == (10, "b")


def test_columns_go_round_and_each_begins_with_the_most() -> None:
    order, seen = NEWEST_FIRST.reversed(), []
    for _ in Column:
        order = order.by_next_column()
        seen.append(order)
    assert seen[-1] == NEWEST_FIRST
    assert {each.column for each in seen} == set(Column)
    assert not any(each.turned for each in seen)


def test_who_follows_stands_on_top_unless_the_newest_is_at_the_bottom() -> None:
    assert NEWEST_FIRST.newest_first
    assert not NEWEST_FIRST.reversed().newest_first
    assert Order(Column.SIZE, turned=True).newest_first
    assert (NEWEST_FIRST.sign, NEWEST_FIRST.reversed().sign) == ("▼", "▲")
