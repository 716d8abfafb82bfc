"""The doctor: our proxy passes, and each kind of bad gateway is told by what it does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from proxy.nasty_cases import CASES
from proxy.nasty_upstream import nasty_upstream
from proxy.target import parse_upstream
from ssescope.doctor import NotExaminedError, examine_gateway, examine_ourselves
from ssescope.doctor_compare import DOCUMENTED
from ssescope.doctor_report import Result
from tests.ssescope.gateways import Passing, as_it_comes, gateway, joined, stripped, swallowing
from tests.ssescope.running import DEADLINE, running, ssescope

PATIENCE = 10.0
SHORT_PATIENCE = 0.2
"""For gateways of which it is known that something never arrives."""
CLOSED_PORT = 1


async def examined(
    names: Sequence[str],
    passing: Passing,
    *,
    buffers: bool = False,
    patience: float = PATIENCE,
    **added: str,
) -> list[Result]:
    """What the doctor finds of a gateway in these cases."""
    cases = [case for case in CASES if case.name in names]
    assert len(cases) == len(names)
    async with (
        nasty_upstream() as upstream,
        gateway(upstream.origin, passing, buffers=buffers, **added) as url,
    ):
        examination = examine_gateway(parse_upstream(url), upstream, patience, cases)
        return [result async for result in examination]


def kinds(result: Result) -> set[str]:
    return {each.kind for each in result.unexpected}


async def test_our_own_proxy_is_transparent_but_for_its_documented_limits() -> None:
    results = [result async for result in examine_ourselves()]
    assert [result.name for result in results] == [case.name for case in CASES]
    for result in results:
        assert result.unexpected == (), result.name
        found = {each.kind for each in result.differences}
        assert found - {"capture_gap"} == DOCUMENTED.get(result.name, set()) - {"capture_gap"}
        assert (result.added is None) == (result.size == 0)


async def test_a_gateway_that_changes_nothing_is_told_so() -> None:
    results = await examined(("LF", "cut code points", "gzip", "cut after a chunk"), as_it_comes)
    assert [kinds(result) for result in results] == [set(), set(), set(), set()]


async def test_a_gateway_that_buffers_is_told_by_the_handshake() -> None:
    async def nothing(_source: object, _answer: object) -> None:
        pass

    results = await examined(("LF", "stall"), nothing, buffers=True, patience=SHORT_PATIENCE)
    for result in results:
        assert {"head_held", "buffered"} <= kinds(result)
        words = [each.words for each in result.unexpected]
        expected = "buffers: event 1 of 6 did not arrive within 0.2 s while the stream was open"
        assert expected in words
        assert result.word(result.differences[0].aspect) == "differs"


async def test_a_gateway_that_cuts_anew_is_told_by_its_chunks() -> None:
    (result,) = await examined(("1,000 chunks at once",), joined)
    assert kinds(result) == {"chunks_merged"}
    assert result.differences[0].words.startswith("1,000 chunks came as ")


async def test_a_gateway_that_drops_comments_and_event_names_is_told_by_its_bytes() -> None:
    (result,) = await examined(("LF",), stripped, patience=SHORT_PATIENCE)
    assert kinds(result) == {"comments_dropped", "event_lines_dropped"}
    assert result.added is None


async def test_a_gateway_that_ends_a_cut_stream_well_is_told_by_its_ending() -> None:
    results = await examined(("cut after a chunk", "cut in a chunk", "reset"), swallowing)
    assert [kinds(result) for result in results] == [{"cut_hidden"}] * 3


async def test_a_gateway_that_adds_a_field_is_told_by_its_head() -> None:
    (result,) = await examined(("LF",), as_it_comes, Via="1.1 gate")
    assert [each.words for each in result.unexpected] == ["adds Via"]


async def test_a_gateway_that_asks_somebody_else_is_not_examined() -> None:
    async with nasty_upstream() as upstream, nasty_upstream() as other:
        async with gateway(other.origin) as url:
            with pytest.raises(NotExaminedError, match=r"answered \(404\) without asking"):
                await anext(examine_gateway(parse_upstream(url), upstream, PATIENCE))


def test_the_command_proves_our_own_proxy_and_leaves_nothing_behind(tmp_path: Path) -> None:
    shown = ssescope("doctor", TMPDIR=str(tmp_path))
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert lines[0].split() == ["case", "head", "bytes", "chunks", "ending", "capture", "added"]
    assert f"✓ {len(CASES)} cases: " in shown.stdout
    assert " 0 differ" in shown.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_command_tells_programs_the_same() -> None:
    shown = ssescope("doctor", "--json")
    assert shown.returncode == 0
    told = json.loads(shown.stdout)
    assert told["transparent"] is True
    assert [case["name"] for case in told["cases"]] == [case.name for case in CASES]
    assert shown.stdout.isascii()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"http://127.0.0.1:{CLOSED_PORT}", "cannot reach http://127.0.0.1:1: "),
        ("localhost:8080", "did you mean https://localhost:8080 ?"),
    ],
)
def test_a_gateway_that_is_not_there_is_one_line_and_code_2(url: str, words: str) -> None:
    failed = ssescope("doctor", "--port", "0", "--upstream", url)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert words in failed.stderr.splitlines()[-1]
    assert "Traceback" not in failed.stderr


async def test_a_taken_port_is_code_3() -> None:
    async with nasty_upstream() as occupied:
        port = str(occupied.port)
        failed = await asyncio.to_thread(
            ssescope, "doctor", "--upstream", occupied.origin, "--port", port
        )
    assert failed.returncode == 3
    assert f"port {port} is in use" in failed.stderr


async def test_the_command_examines_a_gateway() -> None:
    async with AsyncExitStack() as stack:
        # The port is given free only when the gateway has one, or it could get this very one.
        async with nasty_upstream() as reserved:
            port = str(reserved.port)
            url = await stack.enter_async_context(gateway(reserved.origin, Via="1.1 gate"))
        shown = await asyncio.to_thread(ssescope, "doctor", "--upstream", url, "--port", port)
    assert shown.returncode == 1
    assert "head: adds Via" in shown.stdout
    assert "ending: trailers dropped\n" in shown.stdout
    assert "capture" not in shown.stdout


async def test_a_signal_stops_it() -> None:
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with running("doctor", "--port", "0", "--upstream", url) as command:
            await asyncio.wait_for(asked.wait(), DEADLINE)
            assert await asyncio.to_thread(command.stop) == 143
