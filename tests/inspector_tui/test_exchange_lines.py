from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from inspector_tui import exchange_lines as module
from inspector_tui.exchange_lines import ExchangeLines
from inspector_tui.library import Library
from inspector_tui.list_filter import parse
from inspector_tui.list_order import Column, Order
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import NOW, library_of, lines_text, read_all


def listed(lines: ExchangeLines) -> list[str]:
    lines.update(79)
    return [lines.name(index) or "" for index in range(len(lines))]


def test_the_newest_is_on_top_and_places_are_known(tmp_path: Path) -> None:
    paths = [given.complete(tmp_path), given.max_tokens(tmp_path)]
    library = library_of(tmp_path)
    read_all(library)
    lines = ExchangeLines(library)
    text = lines_text(lines, 79)
    assert "max_tokens" in text[0]
    assert "end_turn" in text[1]
    assert lines.path(0) == paths[1]
    assert lines.path(5) is None
    assert lines.place(paths[0].name) == 1
    assert lines.place(None) is None


def test_a_filter_keeps_what_has_the_words(tmp_path: Path) -> None:
    given.complete(tmp_path)
    given.tool_use(tmp_path)
    given.rate_limited(tmp_path)
    library = library_of(tmp_path)
    read_all(library)
    lines = ExchangeLines(library)
    for needle, count in (("OPUS", 1), ("429", 1), ("post", 3), ("nothing", 0), ("", 3)):
        lines.filter = parse(needle)
        assert len(lines_text(lines, 79)) == count


def test_captures_of_another_day_show_their_date_before_they_are_read(tmp_path: Path) -> None:
    given.complete(tmp_path)
    tomorrow = (NOW + timedelta(days=1)).timestamp()
    library = Library(tmp_path, wall_clock=lambda: tomorrow)
    library.advance(0.0)
    lines = ExchangeLines(library)
    lines.update(79)
    assert lines.dated
    read_all(library)
    assert "11-23 14:01" in lines_text(lines, 79)[0]


@pytest.mark.parametrize("most", [0, 1000])
@pytest.mark.parametrize("text", ["", "model:sonnet", "-status:2xx", "is:live", "1"])
@pytest.mark.parametrize("column", [Column.TIME, Column.TOOK, Column.STATUS])
def test_taking_changes_in_one_by_one_is_the_same_as_sorting_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, text: str, column: Column
) -> None:
    monkeypatch.setattr(module, "MANY_CHANGES", most)
    now = [0.0]
    library = Library(tmp_path, clock=lambda: now[0], wall_clock=NOW.timestamp)
    lines = ExchangeLines(library)
    lines.filter, lines.order = parse(text), Order(column, turned=True)
    script = given.live(tmp_path, 11)

    def take() -> list[str]:
        now[0] += 1
        read_all(library)
        fresh = ExchangeLines(library)
        fresh.filter, fresh.order = lines.filter, lines.order
        assert listed(lines) == listed(fresh)
        return listed(lines)

    take()
    for write in (given.complete, given.rate_limited, given.foreign, given.tool_use):
        write(tmp_path)
        take()
    script.finish()
    take()
    given.complete(tmp_path).unlink()
    assert all("1401" not in name for name in take())
    library.close()


def test_the_live_one_is_on_top_until_it_ends(tmp_path: Path) -> None:
    script = given.live(tmp_path, 3)
    names = [given.complete(tmp_path, number).name for number in (4, 5)]
    library = library_of(tmp_path)
    read_all(library)
    lines = ExchangeLines(library)
    name = script.file.path.name
    assert listed(lines) == [name, *reversed(names)]
    script.finish()
    read_all(library)
    assert listed(lines) == [*reversed(names), name]
    library.close()


def test_while_nobody_follows_rows_stay_where_they_are(tmp_path: Path) -> None:
    now = [0.0]
    script = given.live(tmp_path, 3)
    names = [given.complete(tmp_path, number).name for number in (4, 5)]
    library = Library(tmp_path, clock=lambda: now[0], wall_clock=NOW.timestamp)
    read_all(library)
    lines = ExchangeLines(library)
    lines.filter = parse("sonnet")
    before = listed(lines)
    lines.following = False
    script.finish()
    newest = given.complete(tmp_path, 6).name
    now[0] += 1
    read_all(library)
    live = script.file.path.name
    assert listed(lines) == [live, newest, *reversed(names)]
    (tmp_path / names[0]).unlink()
    now[0] += 1
    read_all(library)
    assert listed(lines) == [live, newest, names[1]]
    lines.following = True
    assert listed(lines) == [newest, names[1], live]
    assert before == [live, *reversed(names)]
    library.close()


def test_only_marked_ones_are_listed_also_where_they_have_not_been_read(tmp_path: Path) -> None:
    names = [given.complete(tmp_path, number).name for number in (1, 2, 3)]
    library = library_of(tmp_path)
    library.advance(0.0)
    lines = ExchangeLines(library)
    lines.marks = frozenset(names[:2])
    for text, only, expected in (
        ("is:marked", False, [names[1], names[0]]),
        ("-is:marked", False, [names[2]]),
        ("is:unread", True, [names[1], names[0]]),
        ("", True, [names[1], names[0]]),
    ):
        lines.filter, lines.only_marked = parse(text), only
        assert listed(lines) == expected
    lines.only_marked = False
    lines.marks |= {"gone.jsonl"}
    lines.forget_marks()
    assert lines.marks == set(names[:2])
    assert len(listed(lines)) == 3
    assert [lines.next_marked(place) for place in (0, 1, 2)] == [1, 2, 1]
    assert lines.unread(0, 99) == list(reversed(names))
