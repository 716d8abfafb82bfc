from __future__ import annotations

from captures.dialects.base import EventKind
from captures.dialects.plain import MAX_SHOWN_DATA, PlainDialect
from captures.message import Message, Text
from tests.captures.dialects.folding import fold


def test_every_event_is_a_row_of_its_type_and_data() -> None:
    events, complaints = fold(PlainDialect(), [b"event: tick\ndata: 1\n\n", b"data: 2\n\n"])

    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.OTHER, "tick", "1"),
        (EventKind.OTHER, "message", "2"),
    ]
    assert complaints == []


def test_message_is_the_data_a_line_an_event() -> None:
    dialect = PlainDialect()
    assert dialect.message() == Message()

    fold(dialect, [b"data: 1\n\n", b"data: 2\ndata: 3\n\n"])

    assert dialect.message().parts == (Text("1\n2\n3"),)


def test_row_shows_a_long_event_in_part_and_the_message_keeps_it_whole() -> None:
    dialect = PlainDialect()
    long = "x" * (MAX_SHOWN_DATA + 1)

    [event], _ = fold(dialect, [f"data: {long}\n\n".encode()])

    assert len(event.text) == MAX_SHOWN_DATA
    assert dialect.message().text == long


def test_nothing_can_be_missing_since_there_is_no_terminal_event() -> None:
    dialect = PlainDialect()
    assert dialect.position == "before the first event"

    fold(dialect, [b"data: 1\n\n"])

    assert dialect.position == "after event 1"
    assert (dialect.finished, dialect.missing, dialect.finish()) == (False, (), ())
