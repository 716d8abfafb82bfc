from __future__ import annotations

from pathlib import Path

from captures.dialects.base import EventKind
from captures.exchange import Exchange
from captures.findings.rule import Level
from inspector_tui.density import Density
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of


def density_of(path: Path) -> Density:
    return Density(exchange_of(path))


def test_slices_cover_every_event_and_every_character_once(tmp_path: Path) -> None:
    density = density_of(given.complete(tmp_path))
    for count in (1, 7, 78, 1000):
        slices = density.slices(count)
        assert len(slices) == count
        assert sum(part.events for part in slices) == 45
        assert sum(part.written for part in slices) == sum(map(len, given.ANSWER))


def test_a_slice_without_events_tells_how_long_the_wait_is(tmp_path: Path) -> None:
    slices = density_of(given.complete(tmp_path)).slices(50)
    waits = {round(part.silence, 2) for part in slices if not part.events}
    assert 1.4 in waits
    assert 0.0 in waits, "before the first event nobody stalled"


def test_a_slice_tells_what_was_written_and_what_is_wrong(tmp_path: Path) -> None:
    density = density_of(given.max_tokens(tmp_path))
    assert density.slices(1)[0].kind is EventKind.TEXT
    assert density.slices(1)[0].worst is Level.WARNING
    assert [part.worst for part in density.slices(40)].count(Level.WARNING) == 1


def test_events_and_times_belong_together(tmp_path: Path) -> None:
    density = density_of(given.complete(tmp_path))
    for event in range(2, 45):
        time = density.time_of(event)
        assert density.event_at(time) == event
        assert density.event_between(time, time + 1e-9) == event
    assert density.event_at(0.0) == 0
    assert density.event_between(1.0, 1.1) == density.event_at(1.0), "in the stall"
    assert density.time_of(99) == density.time_of(44)


def test_a_finding_is_what_a_stretch_of_time_leads_to(tmp_path: Path) -> None:
    exchange = exchange_of(given.max_tokens(tmp_path))
    density = Density(exchange)
    assert density.event_between(0.0, density.stop) == exchange.findings[0].event


def test_before_the_first_event_there_is_nothing_to_draw(tmp_path: Path) -> None:
    density = Density(Exchange(exchange_of(given.complete(tmp_path)).request))
    assert density.slices(10) == []
    assert (density.time_of(0), density.event_at(1.0), len(density)) == (0.0, 0, 0)
