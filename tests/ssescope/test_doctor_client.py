"""The raw client: what it reads off the wire, and that no answer harms it."""

from __future__ import annotations

import asyncio

import pytest

from proxy.nasty_cases import Case, Framing
from proxy.nasty_upstream import Run
from proxy.target import parse_upstream
from ssescope import doctor_client
from ssescope.doctor_client import Answer, AnswerEnd, UnreachableError, ask
from tests.proxy.wire import DEADLINE, UpstreamSide, scripted_upstream

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


async def answered(wire: bytes, method: str = "POST") -> tuple[Answer, bytes, Run]:
    """What the client makes of these bytes, its request, and the run."""

    async def script(side: UpstreamSide) -> None:
        await side.send(wire)
        side.writer.close()

    run = Run(Case("", "", method=method), DEADLINE)
    async with scripted_upstream(script) as upstream:
        answer = await ask(parse_upstream(f"{upstream.origin}/v1"), run, DEADLINE)
    return answer, upstream.requests[0], run


async def test_it_reads_chunks_trailers_and_interim_heads() -> None:
    wire = (
        b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
        + CHUNKED
        + b"2;ext=1\r\nab\r\n3\r\ncde\r\n0\r\nX-T: 1\r\n\r\n"
    )
    answer, request, run = await answered(wire)
    assert (answer.end, answer.status, answer.reason) == (AnswerEnd.CLEAN, 200, b"OK")
    assert (answer.interim, answer.framing) == ((103,), Framing.CHUNKED)
    assert (answer.body, answer.chunks) == (b"abcde", (2, 3))
    assert answer.trailers == ((b"X-T", b"1"),)
    assert answer.fields == ((b"Transfer-Encoding", b"chunked"),)
    assert [arrival.end for arrival in answer.arrivals] == [2, 5]
    assert request.startswith(b"POST /v1?ssescope-doctor=%b HTTP/1.1\r\n" % run.token.encode())
    assert request.endswith(b'{"stream": true}')


@pytest.mark.parametrize(
    ("wire", "end", "body"),
    [
        (CHUNKED + b"2\r\nab\r\n", AnswerEnd.CUT, b"ab"),
        (CHUNKED + b"9\r\nab", AnswerEnd.CUT, b"ab"),
        (CHUNKED + b"2\r\nabXX0\r\n\r\n", AnswerEnd.GARBLED, b"ab"),
        (CHUNKED + b"2\r\nabX\r\n0\r\n\r\n", AnswerEnd.GARBLED, b"ab"),
        (CHUNKED + b"-2\r\nab\r\n", AnswerEnd.GARBLED, b""),
        (CHUNKED + b"0\r\n" + b"a: b\r\n" * 1000 + b"\r\n", AnswerEnd.GARBLED, b""),
        (OK + b"Content-Length: 5\r\n\r\nab", AnswerEnd.CUT, b"ab"),
        (OK + b"Content-Length: x\r\n\r\nab", AnswerEnd.GARBLED, b""),
        (OK + b"Content-Length: 2\r\n\r\nab", AnswerEnd.CLEAN, b"ab"),
        (OK + b"\r\nab", AnswerEnd.CLEAN, b"ab"),
        (OK + b"X: " + b"y" * 200_000, AnswerEnd.GARBLED, b""),
        (b"SSH-2.0\r\n\r\n", AnswerEnd.GARBLED, b""),
        (b"HTTP/1.1 100 C\r\n\r\n" * 1000, AnswerEnd.GARBLED, b""),
        (OK, AnswerEnd.NO_ANSWER, b""),
        (b"", AnswerEnd.NO_ANSWER, b""),
    ],
)
async def test_endings_are_told_apart(wire: bytes, end: AnswerEnd, body: bytes) -> None:
    answer, _, _ = await answered(wire)
    assert (answer.end, answer.body) == (end, body)


async def test_the_part_of_a_chunk_that_came_counts_as_a_chunk() -> None:
    answer, _, _ = await answered(CHUNKED + b"2\r\nab\r\n9\r\ncde")
    assert answer.chunks == (2, 3)


async def test_bytes_behind_the_end_are_counted() -> None:
    answer, _, _ = await answered(OK + b"Content-Length: 2\r\n\r\nabcde")
    assert (answer.end, answer.body, answer.stray) == (AnswerEnd.CLEAN, b"ab", 3)


async def test_a_head_request_reads_no_body() -> None:
    answer, request, _ = await answered(OK + b"Content-Length: 2\r\n\r\n", "HEAD")
    assert (answer.end, answer.body, answer.framing) == (AnswerEnd.CLEAN, b"", Framing.NONE)
    assert request.startswith(b"HEAD ")
    assert b"Content-Length" not in request


async def test_an_endless_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_client, "MAX_BODY_SIZE", 1000)
    answer, _, _ = await answered(OK + b"\r\n" + b"x" * 1001)
    assert answer.end is AnswerEnd.TOO_LARGE
    assert len(answer.body) <= 1000


async def test_a_silent_server_is_given_up() -> None:
    async def silent(side: UpstreamSide) -> None:
        await side.send(CHUNKED + b"2\r\nab\r\n")
        await side.wait_for_close()

    async with scripted_upstream(silent) as upstream:
        answer = await ask(parse_upstream(upstream.origin), Run(Case("", ""), 0.1), 0.2)
    assert (answer.end, answer.body) == (AnswerEnd.LATE, b"ab")


async def test_a_reset_is_told_from_a_close() -> None:
    run = Run(Case("", ""), DEADLINE)

    async def reset(side: UpstreamSide) -> None:
        await side.send(CHUNKED + b"2\r\nab\r\n")
        # A reset throws away what is still in flight.
        await run._until(lambda: run._received == 2)
        side.reset()

    async with scripted_upstream(reset) as upstream:
        answer = await ask(parse_upstream(upstream.origin), run, DEADLINE)
    assert (answer.end, answer.body) == (AnswerEnd.RESET, b"ab")


async def test_who_cannot_be_reached_is_named() -> None:
    async with scripted_upstream(UpstreamSide.wait_for_close) as upstream:
        origin = upstream.origin
    with pytest.raises(UnreachableError, match=r"refused|Connect call failed"):
        await ask(parse_upstream(origin), Run(Case("", ""), 0.1), 0.1)


async def test_a_server_that_speaks_no_tls_is_named() -> None:
    async def plain(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(UnreachableError, match="the TLS handshake failed"):
            await ask(parse_upstream(url), Run(Case("", ""), 1.0), 1.0)
