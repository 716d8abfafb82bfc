from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.faults.arguments import FaultError
from captures.faults.catalogue import FAULTS, Fault, parse_faults
from captures.faults.harm import Send, Stop
from tests.captures.faults.harmed import ANTHROPIC, harmed

EXAMPLES = [fault.example for fault in FAULTS]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.name))
def test_every_fault_says_what_it_does_and_its_example_works(fault: Fault) -> None:
    assert re.fullmatch(r"[a-z-]+", fault.name)
    assert fault.does.endswith(".")
    assert len(fault.does) <= 100
    assert fault.example.partition(":")[0] == fault.name
    assert parse_faults([fault.example])
    assert fault.usage.startswith(fault.name)


def test_names_are_unique() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize(
    ("text", "said"),
    [("nonsense", "no fault is called 'nonsense'"), ("cut:when=1", "expected"), ("bom:é", "bom")],
)
def test_what_is_no_fault_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(FaultError, match=said):
        parse_faults([text])


def test_several_work_in_their_order_and_say_so() -> None:
    faults = parse_faults(["drop:event=0", "bom"], seed=4)
    harm = faults.begin(2)
    sent = b"".join(
        step.data for piece in ANTHROPIC for step in harm.feed(piece) if isinstance(step, Send)
    )
    assert sent == b"\xef\xbb\xbf" + b"".join(ANTHROPIC[1:])
    assert faults.words(2) == "drop:event=0, bom; seed=4; answer=2"
    assert not parse_faults([])


def test_each_answer_is_harmed_by_itself() -> None:
    assert harmed("bom", ANTHROPIC) == harmed("bom", ANTHROPIC)


@given(
    st.lists(st.sampled_from(EXAMPLES), max_size=3),
    st.lists(st.binary(max_size=40), max_size=10),
)
def test_no_bytes_make_any_of_them_raise(texts: list[str], pieces: list[bytes]) -> None:
    harm = parse_faults(texts).begin(1)
    for piece in pieces:
        assert all(isinstance(step, Send | Stop) for step in harm.feed(piece))
    assert all(isinstance(step, Send | Stop) for step in harm.finish())
