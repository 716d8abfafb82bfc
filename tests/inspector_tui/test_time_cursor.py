from __future__ import annotations

from pathlib import Path

from inspector_tui.density import Density
from inspector_tui.time_cursor import SPEEDS, TimeCursor
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of


def density_of(folder: Path) -> Density:
    return Density(exchange_of(given.complete(folder)))


def test_it_plays_as_it_came_and_faster(tmp_path: Path) -> None:
    density, cursor = density_of(tmp_path), TimeCursor()
    start = density.time_of(5)
    cursor.play(start, 100.0)
    assert cursor.advance(density, 5, 100.0) == 5
    assert cursor.advance(density, 5, 100.0 + density.time_of(9) - start + 1e-6) == 9
    cursor.next_speed(start, 200.0)
    assert cursor.speed_words == "2x"
    assert cursor.advance(density, 5, 200.0 + (density.time_of(9) - start) / 2 + 1e-6) == 9
    assert cursor.advance(density, 20, 200.0) == 20, "it never goes back by itself"


def test_it_pauses_at_the_end(tmp_path: Path) -> None:
    density, cursor = density_of(tmp_path), TimeCursor()
    cursor.play(0.0, 0.0)
    assert cursor.advance(density, 0, 1000.0) == 44
    assert not cursor.is_playing
    assert cursor.advance(density, 44, 2000.0) == 44


def test_at_full_speed_every_step_goes_on(tmp_path: Path) -> None:
    density, cursor = density_of(tmp_path), TimeCursor()
    while cursor.speed_words != "max":
        cursor.next_speed(0.0, 0.0)
    cursor.play(0.0, 0.0)
    assert cursor.advance(density, 7, 0.0) == 8


def test_the_speeds_go_round() -> None:
    cursor = TimeCursor()
    seen = []
    for _ in SPEEDS:
        seen.append(cursor.speed_words)
        cursor.next_speed(0.0, 0.0)
    assert seen == ["1x", "2x", "8x", "max"]
    assert cursor.speed_words == "1x"


def test_leaving_ends_the_play(tmp_path: Path) -> None:
    cursor = TimeCursor()
    cursor.is_on = True
    cursor.play(0.0, 0.0)
    cursor.leave()
    assert not cursor.is_on
    assert cursor.advance(density_of(tmp_path), 3, 9.0) == 3
