from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspector_tui import exchange_tree as module
from inspector_tui.cells import row_text
from inspector_tui.exchange_lines import ExchangeLines
from inspector_tui.library import Library
from inspector_tui.list_filter import parse
from inspector_tui.list_order import Column, Order
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import NOW, library_of, read_all

USER = {"role": "user", "content": "What is a stream?"}
MODEL = {"role": "assistant", "content": "A river."}
FIRST = [USER]
SECOND = [*FIRST, MODEL, USER]


def ask(folder: Path, number: int, messages: list[dict[str, str]], status: int = 200) -> str:
    """A capture of a request with these messages; the name of its file."""
    body = json.dumps({"model": "claude-sonnet-4-5", "messages": messages}).encode()
    script = given.CaptureScript(folder, number, body=body, status=status)
    script.head()
    for data in given.answer(given.ANSWER[:number]):
        script.send(data)
    return script.finish().name


def a_conversation(folder: Path) -> list[str]:
    """A request that failed, its retry, another exchange, and a second turn."""
    failed = ask(folder, 1, FIRST, 529)
    again = ask(folder, 2, FIRST)
    other = given.rate_limited(folder, 3).name
    return [failed, again, other, ask(folder, 4, SECOND)]


def tree_of(library: Library) -> ExchangeLines:
    lines = ExchangeLines(library)
    lines.toggle_tree()
    lines.update(79)
    return lines


def shown(lines: ExchangeLines) -> list[str]:
    lines.update(79)
    return [row_text(lines.row(index))[15:40] for index in range(len(lines))]


def listed(lines: ExchangeLines) -> list[str | None]:
    lines.update(79)
    return [lines.name(index) for index in range(len(lines))]


def test_retries_and_turns_stand_under_their_first_exchange(tmp_path: Path) -> None:
    failed, again, other, second = a_conversation(tmp_path)
    library = library_of(tmp_path)
    read_all(library)
    lines = tree_of(library)
    assert listed(lines) == [failed, again, second, other]
    rows = shown(lines)
    assert "├ retry 2 sonnet" in rows[1]
    assert "└ turn 2 sonnet" in rows[2]
    assert not set("├└") & set(rows[0] + rows[3])
    lines.toggle_tree()
    assert listed(lines) == [second, other, again, failed]
    assert not set("├└") & set("".join(shown(lines)))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order(Column.TIME, turned=True), "0132"),
        (Order(Column.SIZE), "0132"),
        (Order(Column.SIZE, turned=True), "2013"),
        (Order(Column.STATUS), "0132"),
        (Order(Column.STATUS, turned=True), "0132"),
    ],
)
def test_a_group_stands_where_its_first_member_in_the_order_does(
    tmp_path: Path, order: Order, expected: str
) -> None:
    names = a_conversation(tmp_path)
    library = library_of(tmp_path)
    read_all(library)
    lines = tree_of(library)
    lines.order = order
    assert listed(lines) == [names[int(place)] for place in expected]


def test_a_filter_leaves_members_out_and_the_words_stay(tmp_path: Path) -> None:
    _, again, _, second = a_conversation(tmp_path)
    library = library_of(tmp_path)
    read_all(library)
    lines = tree_of(library)
    lines.filter = parse("status:200")
    assert listed(lines) == [again, second]
    rows = shown(lines)
    assert "retry 2 sonnet" in rows[0]
    assert not set("├└") & set(rows[0])
    assert "└ turn 2 sonnet" in rows[1]


def test_the_tree_is_the_same_whether_it_grew_or_was_made_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 1)
    now = [0.0]
    library = Library(tmp_path, clock=lambda: now[0], wall_clock=NOW.timestamp)
    lines = tree_of(library)

    def take() -> list[str | None]:
        now[0] += 1
        read_all(library)
        fresh = tree_of(library)
        for _ in library.names:
            fresh.update(79)
        assert listed(lines) == listed(fresh)
        assert shown(lines) == shown(fresh)
        return listed(lines)

    second = ask(tmp_path, 40, SECOND)
    other = ask(tmp_path, 30, [MODEL, USER])
    assert take() == [second, other]
    first = ask(tmp_path, 20, FIRST)
    assert take() == [first, second, other]
    third = ask(tmp_path, 50, [*SECOND, MODEL, USER])
    assert take() == [first, second, third, other]
    (tmp_path / second).unlink()
    assert take() == [first, third, other]
    script = given.live(tmp_path, 10)
    live = script.file.path.name
    assert take() == [live, first, third, other]
    script.finish()
    assert take() == [first, third, other, live]


def test_while_nobody_follows_a_new_turn_goes_to_its_group_and_nothing_moves(
    tmp_path: Path,
) -> None:
    now = [0.0]
    library = Library(tmp_path, clock=lambda: now[0], wall_clock=NOW.timestamp)
    names = a_conversation(tmp_path)
    newest = ask(tmp_path, 5, [MODEL, USER])
    read_all(library)
    lines = tree_of(library)
    before = [newest, names[0], names[1], names[3], names[2]]
    assert listed(lines) == before
    lines.following = False
    third = ask(tmp_path, 6, [*SECOND, MODEL, USER])
    now[0] += 1
    read_all(library)
    assert listed(lines) == [*before[:4], third, before[4]]
    lines.following = True
    assert listed(lines) == [*before[1:4], third, newest, before[4]]
