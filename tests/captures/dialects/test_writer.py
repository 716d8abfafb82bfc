from __future__ import annotations

import pytest

from captures.dialects.base import EventKind
from captures.dialects.writer import WriterDialect, recognises
from captures.findings.other_protocols import OTHER_ERROR
from captures.message import Message, Text
from tests.captures.answer_streams import data
from tests.captures.dialects.folding import fold, frames, rules


def test_values_add_up_and_any_end_is_a_whole_one() -> None:
    dialect = WriterDialect()
    events, complaints = fold(dialect, [data(value="a"), data(new=1), data(value="b")])
    assert [event.kind for event in events] == [EventKind.TEXT, EventKind.OTHER, EventKind.TEXT]
    assert dialect.message() == Message(parts=(Text("ab"),))
    assert [*complaints, *dialect.finish()] == []
    assert (dialect.may_end, dialect.finished, dialect.missing) == (True, False, ())


def test_an_error_is_told() -> None:
    dialect = WriterDialect()
    _, complaints = fold(dialect, [data(value="a"), data(error={"message": "m"})])
    assert rules(complaints) == [OTHER_ERROR]
    assert dialect.finished


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (data(value="a"), True),
        (data(value=""), False),
        (data(value=1), False),
        (data(value="a", more=1), False),
    ],
)
def test_it_is_recognised_by_its_only_field(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece])[0]) is recognised
