from __future__ import annotations

import pytest

from captures.faults.arguments import FaultError, Kind, Parameter, parse_arguments

PARAMETERS = (
    Parameter("event", Kind.COUNT, required=True),
    Parameter("seconds", Kind.SECONDS),
    Parameter("kind", Kind.TEXT, ("a", "b")),
    Parameter("data", Kind.TEXT),
    Parameter("reset", Kind.FLAG),
)


def test_every_kind_is_read() -> None:
    found = parse_arguments("event=3:seconds=0.5:kind=b:reset", PARAMETERS, "f")
    assert found.count("event") == 3
    assert found.seconds("seconds", 1.0) == 0.5
    assert found.text("kind", "a") == "b"
    assert found.has("reset")
    assert (found.count("nothing"), found.seconds("nothing", 2.0)) == (None, 2.0)


def test_a_colon_that_no_name_follows_belongs_to_the_value() -> None:
    found = parse_arguments('event=1:data={"a":1,"event":2}', PARAMETERS, "f")
    assert found.text("data", "") == '{"a":1,"event":2}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "f needs event=N"),
        ("event", "found 'event'; expected"),
        ("event=x", "event='x'; expected a whole number"),
        ("event=-1", "expected a whole number"),
        ("event=1:seconds=inf", "expected a number of seconds"),
        ("event=1:kind=c", "expected one of a, b"),
        ("event=1:reset=1", "found 'reset=1'"),
        ("nonsense", "expected [event=N]:[seconds=SECONDS]"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_expected(text: str, said: str) -> None:
    with pytest.raises(FaultError) as wrong:
        parse_arguments(text, PARAMETERS, "f")
    assert said in str(wrong.value)


def test_a_fault_without_arguments_takes_none() -> None:
    assert not parse_arguments("", (), "f").values
    with pytest.raises(FaultError, match="expected no arguments"):
        parse_arguments("x=1", (), "f")
