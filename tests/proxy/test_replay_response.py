"""Faults on replayed answers, over raw sockets: bytes, head and ending."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest

from captures.faults.catalogue import parse_faults
from captures.records import Ending
from proxy.replay_miss import OnMiss
from tests.proxy.recorded import EVENT_STREAM, Recorded
from tests.proxy.replaying import ask, open_files_in, replaying
from tests.proxy.streams import EVENTS
from tests.proxy.wire import RawResponse, raw_client, request_bytes, until

WHOLE = Recorded(tuple(EVENTS))
BODY = b"".join(EVENTS)


async def harmed(
    folder: Path, *texts: str, exchange: Recorded = WHOLE, chunks: str = "recorded", seed: int = 7
) -> RawResponse:
    faults = parse_faults(texts, seed)
    async with replaying(folder, exchange, faults=faults, chunks=chunks) as port:
        return await ask(port, method=exchange.method)


async def test_the_answer_is_harmed_and_its_head_says_so(tmp_path: Path) -> None:
    answer = await harmed(tmp_path, "duplicate:event=0", "bom")
    assert answer.complete
    assert answer.body == b"\xef\xbb\xbf" + EVENTS[0] + BODY
    assert b"x-ssescope-fault: duplicate:event=0, bom; seed=7; answer=1\r\n" in answer.head
    assert b"x-ssescope-replay: " in answer.head


async def test_without_faults_there_is_no_field(tmp_path: Path) -> None:
    answer = await harmed(tmp_path)
    assert answer.pieces == EVENTS
    assert b"x-ssescope-fault" not in answer.head


@pytest.mark.parametrize(
    ("text", "complete"),
    [("cut:event=1", False), ("cut:event=1:clean", True), ("cut:event=1:reset", False)],
)
async def test_a_cut_ends_as_it_says(text: str, complete: bool, tmp_path: Path) -> None:
    answer = await harmed(tmp_path, text)
    assert (answer.body, answer.complete) == (EVENTS[0], complete)


@pytest.mark.parametrize(("text", "reset"), [("cut:event=1:reset", True), ("cut:event=1", False)])
async def test_only_a_reset_is_a_reset(text: str, reset: bool, tmp_path: Path) -> None:
    async with replaying(tmp_path, WHOLE, faults=parse_faults([text])) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request_bytes(port, body=b"{}"))
        received = bytearray()
        was_reset = False
        try:
            while data := await reader.read(65536):
                received += data
        except ConnectionResetError:
            was_reset = True
        writer.close()
    assert EVENTS[0] in received
    assert EVENTS[1] not in received
    assert was_reset is reset


async def test_a_status_takes_the_place_of_the_answer(tmp_path: Path) -> None:
    answer = await harmed(tmp_path, "status:code=429:retry-after=3")
    assert answer.status == 429
    assert answer.complete
    assert b"retry-after: 3\r\n" in answer.head
    assert b"rate_limit_error" in answer.body
    assert EVENTS[0] not in answer.body


async def test_faults_work_on_the_pieces_that_cutting_makes(tmp_path: Path) -> None:
    answer = await harmed(tmp_path, "slow:seconds=0", chunks="40")
    assert answer.body == BODY
    assert {len(piece) for piece in answer.pieces[:-1]} == {40}


async def test_a_compressed_body_is_decoded_for_faults_that_work_on_text(tmp_path: Path) -> None:
    coded = gzip.compress(BODY, mtime=0)
    fields = (EVENT_STREAM, ("content-encoding", "gzip"), ("content-length", str(len(coded))))
    exchange = Recorded((coded[:20], coded[20:]), headers=fields)
    answer = await harmed(tmp_path / "text", "comments", exchange=exchange)
    assert answer.body == BODY.replace(b"\n\n", b"\n\n: keep-alive\n\n")
    assert answer.complete
    assert b"content-encoding" not in answer.head.lower()
    assert b"content-length" not in answer.head.lower()
    kept = await harmed(tmp_path / "bytes", "cut:byte=30", exchange=exchange)
    assert (kept.body, kept.complete) == (coded[:30], False)
    assert b"content-encoding: gzip" in kept.head.lower()


async def test_an_answer_that_was_cut_stays_cut(tmp_path: Path) -> None:
    exchange = Recorded(tuple(EVENTS[:2]), how=Ending.UPSTREAM_TRUNCATED)
    answer = await harmed(tmp_path, "comments", exchange=exchange)
    assert answer.body == EVENTS[0] + b": keep-alive\n\n"
    assert not answer.complete


@pytest.mark.parametrize(
    "exchange", [Recorded(method="HEAD"), Recorded(status=204)], ids=["HEAD", "204"]
)
async def test_an_answer_that_may_have_no_body_gets_none(
    exchange: Recorded, tmp_path: Path
) -> None:
    faults = parse_faults(["bom", "gzip"])
    async with replaying(tmp_path, exchange, faults=faults) as port, raw_client(port) as client:
        await client.send(request_bytes(port, method=exchange.method, body=b"{}"))
        head = await client.read_head()
    assert b"x-ssescope-fault: bom, gzip" in head


async def test_the_same_seed_gives_the_same_bytes_answer_by_answer(tmp_path: Path) -> None:
    async def bodies(folder: Path, seed: int) -> Sequence[bytes]:
        faults = parse_faults(["jitter:seconds=0.01", "retry", "ids", "gzip"], seed)
        async with replaying(folder, WHOLE, faults=faults) as port:
            answers = [await ask(port) for _ in range(2)]
        assert [b"answer=%d\r\n" % (n + 1) in a.head for n, a in enumerate(answers)] == [True] * 2
        return [answer.body for answer in answers]

    assert await bodies(tmp_path / "1", 5) == await bodies(tmp_path / "2", 5)


async def test_what_nobody_answers_is_not_harmed(tmp_path: Path) -> None:
    faults = parse_faults(["status:code=529"])
    async with replaying(tmp_path, WHOLE, faults=faults, on_miss=OnMiss.NOT_FOUND) as port:
        missed = await ask(port, "/v1/other")
        served = await ask(port)
    assert (missed.status, served.status) == (404, 529)
    assert b"answer=1\r\n" in served.head


@pytest.mark.parametrize("text", ["stall:event=1", "slow:seconds=600", "cut:time=600"])
async def test_a_client_that_leaves_ends_a_wait_of_a_fault(text: str, tmp_path: Path) -> None:
    exchange = Recorded((EVENTS[0], b"x" * 100_000, *EVENTS[1:]))
    faults = parse_faults([text, "comments"])
    async with replaying(tmp_path, exchange, faults=faults) as port:
        before = asyncio.all_tasks()
        async with raw_client(port) as client:
            await client.send(request_bytes(port, body=b"{}"))
            assert b"x-ssescope-fault" in await client.read_head()
        await until(lambda: asyncio.all_tasks() <= before)
        assert open_files_in(tmp_path) == []
