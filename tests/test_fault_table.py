"""docs/faults.md: what it says of the faults is so, and what it says of clients was measured."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from captures.faults.catalogue import FAULTS, parse_faults
from scripts.fault_clients import CLIENTS, close_clients
from scripts.fault_table import (
    ANSWERS,
    CASES,
    TABLE,
    bodies_of,
    document,
    installed_versions,
    measure,
    measured_faults,
    read_back,
)

PAGE = TABLE.read_text()
CELLS, VERSIONS = read_back(PAGE)


@pytest.fixture(autouse=True)
def clients_are_closed() -> Iterator[None]:
    yield
    close_clients()


def test_the_page_is_what_the_script_writes() -> None:
    assert document(CELLS, VERSIONS) == PAGE


def test_every_fault_is_measured() -> None:
    assert CASES.keys() <= {fault.name for fault in FAULTS}
    names = {case.partition(" + ")[0].partition(":")[0] for case in measured_faults()}
    assert names == {fault.name for fault in FAULTS}
    for client in CLIENTS:
        for body in bodies_of(client):
            for case in measured_faults():
                assert parse_faults(body.faults(case))
    assert {body.kind for client in CLIENTS for body in bodies_of(client)} == dict(ANSWERS).keys()


@pytest.mark.parametrize(
    ("client", "case"),
    [
        ("anthropic", "cut:event=N:clean"),
        ("openai, Chat Completions", "retry:milliseconds=3000"),
        ("google-genai", "drop:event=N"),
    ],
)
async def test_a_cell_says_what_the_client_does(client: str, case: str) -> None:
    if installed_versions() != VERSIONS:
        pytest.skip(f"the page was measured with {VERSIONS}")
    names = [known.name for known in CLIENTS]
    column = names.index(client)
    assert await measure(CLIENTS[column], case) == CELLS[case][column]
