"""Faults of the upstream: what the client sees, and what the capture says."""

from __future__ import annotations

import pytest

from tests.proxy.faults.relayed_rows import BODILESS_ROWS, CUT_ROWS, UNUSUAL_ROWS
from tests.proxy.faults.rows import UpstreamRow
from tests.proxy.faults.stage import OpenStage, check_answer, notes_of
from tests.proxy.faults.unanswered_rows import UNANSWERED_ROWS
from tests.proxy.running import body_of

ROWS = (*UNANSWERED_ROWS, *CUT_ROWS, *UNUSUAL_ROWS, *BODILESS_ROWS)


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_after_a_fault_of_the_upstream(row: UpstreamRow, open_stage: OpenStage) -> None:
    async with open_stage(row.script, origin=f"http://{row.host}:{{port}}") as stage:
        reads_body = row.method != "HEAD" and row.status not in {204, 304}
        response = await stage.ask(method=row.method, reads_body=reads_body)
        (capture,) = await stage.landed()
    end = check_answer(response, capture)
    assert (response.status, end.how) == (row.status, row.how)
    assert row.why in end.why
    assert row.head in response.head
    assert body_of(capture) == row.body
    own_answer = b"X-Ssescope-Error: " + row.how.value.encode() in response.head
    assert own_answer is not row.relayed
    if row.relayed:
        assert response.body == row.body
    assert notes_of(capture).keys() == dict(row.notes).keys()
    for about, words in row.notes:
        assert words in notes_of(capture)[about]
