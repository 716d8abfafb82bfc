from __future__ import annotations

from pathlib import Path

from captures.comparison import compare
from captures.exchange import Exchange
from inspector_tui.comparing import NOTHING_TO_COMPARE, Comparing
from inspector_tui.library import Library
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import library_of, lines_text, read_all


def opened(library: Library, path: Path) -> Exchange:
    library.open(path)
    read_all(library)
    exchange = library.exchange(path)
    assert exchange is not None
    return exchange


def test_the_marked_goes_before_the_opened_before_the_recorded_before(tmp_path: Path) -> None:
    first, second, third = (given.max_tokens(tmp_path, number) for number in (1, 2, 3))
    library = library_of(tmp_path)
    read_all(library)
    comparing = Comparing(library)
    assert comparing.other(third) == second
    assert comparing.other(first) == second
    comparing.leave(first)
    assert comparing.other(third) == first
    comparing.mark(second)
    assert comparing.other(third) == second
    assert comparing.other(second) == first
    comparing.mark(None)
    assert comparing.other(third) == first
    library.close()


def test_the_other_capture_is_read_and_the_two_are_compared_once(tmp_path: Path) -> None:
    given.complete(tmp_path, 1)
    path = given.max_tokens(tmp_path, 2)
    library = library_of(tmp_path)
    exchange = opened(library, path)
    comparing = Comparing(library)
    assert comparing.due(path, exchange) is None
    assert lines_text(comparing.lines, 80)[0].startswith(" reading 2025")
    read_all(library)
    pair = comparing.due(path, exchange)
    assert pair is not None
    assert pair[1] is exchange
    assert comparing.due(path, exchange) is None
    comparing.take(pair, compare(*pair))
    assert lines_text(comparing.lines, 80)[0].startswith(" − 2025")
    library.close()


def test_a_comparison_that_is_not_awaited_any_more_is_not_shown(tmp_path: Path) -> None:
    given.complete(tmp_path, 1)
    path = given.max_tokens(tmp_path, 2)
    library = library_of(tmp_path)
    exchange = opened(library, path)
    comparing = Comparing(library)
    comparing.due(path, exchange)
    read_all(library)
    pair = comparing.due(path, exchange)
    assert pair is not None
    comparing.leave(path)
    comparing.take(pair, compare(*pair))
    assert lines_text(comparing.lines, 80) == [" comparing"]
    library.close()


def test_what_runs_or_cannot_be_read_is_not_chosen_by_itself(tmp_path: Path) -> None:
    whole, path = given.complete(tmp_path, 1), given.max_tokens(tmp_path, 2)
    given.foreign(tmp_path, 3)
    script = given.live(tmp_path, 4)
    library = library_of(tmp_path)
    read_all(library)
    comparing = Comparing(library)
    comparing.leave(script.file.path)
    assert comparing.other(path) == whole
    comparing.mark(script.file.path)
    assert comparing.other(path) == script.file.path
    assert comparing.due(path, opened(library, path)) is None
    assert "compared once it has ended" in lines_text(comparing.lines, 80)[0]
    script.abandon()
    library.close()


def test_a_file_that_is_no_capture_is_told(tmp_path: Path) -> None:
    foreign = given.foreign(tmp_path, 1)
    path = given.max_tokens(tmp_path, 2)
    library = library_of(tmp_path)
    exchange = opened(library, path)
    comparing = Comparing(library)
    comparing.mark(foreign)
    assert comparing.due(path, exchange) is None
    assert f"{foreign.name} cannot be compared with" in lines_text(comparing.lines, 120)[0]
    library.close()


def test_one_capture_alone_has_nothing_to_compare_with(tmp_path: Path) -> None:
    path = given.complete(tmp_path)
    library = library_of(path)
    comparing = Comparing(library)
    assert comparing.due(path, opened(library, path)) is None
    assert lines_text(comparing.lines, 80) == [f" {NOTHING_TO_COMPARE}"]
    library.close()
