"""Replays over real sockets: bytes, chunk boundaries, endings, pace, and who is answered."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from captures.pace import Pace
from captures.records import Ending
from captures.store import captures_in
from proxy import replay, replay_response
from proxy.replay import Manner, serve_replay
from tests.proxy.recorded import EVENT_STREAM, JSON, Recorded, write_captures
from tests.proxy.replaying import AT_ONCE, ask, library_of, open_files_in, replaying
from tests.proxy.wire import raw_client, request_bytes, until


@pytest.fixture(autouse=True)
def nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.WARNING)
    yield
    assert caplog.messages == []


@pytest.mark.parametrize(
    "pieces",
    [
        (b"\xef\xbb\xbfdata: \x00\xff", b"\r", b"\n: 7\r\n\r\n", b"d", b"ata\n\n"),
        ("é🌊".encode()[:1], "é🌊".encode()[1:4], "é🌊".encode()[4:]),
        (),
        (b"0\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
        (b"x" * 70_000, b"y", b"z" * 300_000),
        tuple(bytes([n]) for n in range(256)),
    ],
    ids=["bom-nul-invalid", "cut-code-points", "empty", "like-http", "large", "single-bytes"],
)
async def test_each_piece_is_one_chunk_of_the_same_bytes(
    tmp_path: Path, pieces: tuple[bytes, ...]
) -> None:
    async with replaying(tmp_path, Recorded(pieces)) as port:
        answer = await ask(port)
    assert answer.pieces == pieces
    assert answer.complete


async def test_the_head_is_the_recorded_one_and_nothing_else(tmp_path: Path) -> None:
    headers = (
        ("Date", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ("Content-Type", "text/event-stream; charset=utf-8"),
        ("Cache-Control", "max-age=3"),
        ("X-NAME", "caf\xe9"),
        ("Connection", "close"),
        ("Access-Control-Allow-Origin", "*"),
        ("set-cookie", "[redacted len=3 fp=01234567]"),
    )
    async with replaying(tmp_path, Recorded((b"a",), status=529, headers=headers)) as port:
        answer = await ask(port)
    (capture,) = captures_in(tmp_path)
    assert answer.head == (
        b"HTTP/1.1 529 \r\n"
        b"Date: Wed, 21 Oct 2015 07:28:00 GMT\r\n"
        b"Content-Type: text/event-stream; charset=utf-8\r\n"
        b"Cache-Control: max-age=3\r\n"
        b"X-NAME: caf\xe9\r\n"
        b"set-cookie: [redacted len=3 fp=01234567]\r\n"
        b"x-ssescope-replay: %b\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" % capture.stem.encode()
    )


async def test_a_body_of_known_length_keeps_its_framing(tmp_path: Path) -> None:
    headers = (JSON, ("Content-Length", "7"), ("retry-after", "1"))
    exchange = Recorded((b'{"a"', b":1}"), status=429, headers=headers)
    async with replaying(tmp_path, exchange) as port:
        async with raw_client(port) as client:
            for _ in range(2):
                await client.send(request_bytes(port))
                answer = await client.read_response()
                assert answer.head.startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
                assert b"retry-after: 1\r\n" in answer.head
                assert b"transfer-encoding" not in answer.head.lower()
                assert answer.body == b'{"a":1}'
                assert answer.complete


async def test_a_coded_body_stays_coded(tmp_path: Path) -> None:
    coded = gzip.compress(b"data: 1\n\n" * 500, mtime=0)
    pieces = (coded[:10], coded[10:11], coded[11:])
    headers = (EVENT_STREAM, ("content-encoding", "gzip"))
    async with replaying(tmp_path, Recorded(pieces, headers=headers)) as port:
        answer = await ask(port)
    assert answer.pieces == pieces
    assert b"content-encoding: gzip\r\n" in answer.head


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ("event", (b"data: 1\r\n\r\n", b"data: 22")),
        ("line", (b"data: 1\r\n", b"\r\n", b"data: 22")),
        ("whole", (b"data: 1\r\n\r\ndata: 22",)),
        ("9", (b"data: 1\r\n", b"\r\ndata: 2", b"2")),
        ("crlf", (b"data: 1\r", b"\n\r", b"\n", b"data: 22")),
        ("1", tuple(bytes([byte]) for byte in b"data: 1\r\n\r\ndata: 22")),
    ],
)
async def test_the_same_bytes_come_in_the_chunks_that_are_asked_for(
    tmp_path: Path, chunks: str, expected: tuple[bytes, ...]
) -> None:
    cut_off = Recorded((b"data: 1\r\n\r\n", b"data: 22"), how=Ending.UPSTREAM_TRUNCATED)
    async with replaying(tmp_path, cut_off, chunks=chunks) as port:
        answer = await ask(port)
    assert answer.pieces == expected
    assert not answer.complete


async def test_a_coded_body_is_cut_by_sizes_alone(tmp_path: Path) -> None:
    coded = gzip.compress(bytes(range(256)), mtime=0)
    exchange = Recorded((coded,), headers=(EVENT_STREAM, ("Content-Encoding", "gzip")))
    async with replaying(tmp_path / "a", exchange, chunks="code-point") as port:
        assert (await ask(port)).pieces == (coded,)
    async with replaying(tmp_path / "b", exchange, chunks="100") as port:
        assert (await ask(port)).pieces == (coded[:100], coded[100:200], coded[200:])


@pytest.mark.parametrize(
    "how",
    [Ending.UPSTREAM_TRUNCATED, Ending.UPSTREAM_RESET, Ending.CLIENT_LEFT, Ending.PROXY_SHUTDOWN],
)
async def test_a_stream_that_broke_off_is_cut_after_the_same_bytes(
    tmp_path: Path, how: Ending, capfd: pytest.CaptureFixture[str]
) -> None:
    async with replaying(tmp_path, Recorded((b"data: 1\n", b"da"), how=how)) as port:
        answer = await ask(port)
    assert answer.pieces == (b"data: 1\n", b"da")
    assert not answer.complete
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "exchange",
    [
        Recorded((), how=Ending.UPSTREAM_TRUNCATED),
        Recorded((b"1", b"2"), how=None),
        Recorded((b"1234",), how=Ending.UPSTREAM_RESET, headers=(("Content-Length", "9"),)),
        Recorded((b"1234",), how=Ending.CLIENT_LEFT, headers=(("Content-Length", "4"),)),
    ],
    ids=["after-head", "interrupted", "short-of-length", "length-reached"],
)
async def test_no_ending_but_the_good_one_looks_clean(tmp_path: Path, exchange: Recorded) -> None:
    async with replaying(tmp_path, exchange) as port:
        answer = await ask(port)
    assert answer.body == b"".join(exchange.pieces)
    assert not answer.complete


async def test_a_file_that_vanished_cuts_the_answer(tmp_path: Path) -> None:
    (path,) = write_captures(tmp_path, Recorded((b"1",), headers=(("Content-Length", "1"),)))
    recordings = library_of(path)
    path.unlink()
    async with serve_replay(recordings, manner=AT_ONCE) as server:
        answer = await ask(server.port)
    assert answer.body == b""
    assert not answer.complete


async def test_a_file_that_has_other_pieces_now_never_ends_well(tmp_path: Path) -> None:
    (path,) = write_captures(tmp_path, Recorded((b"1",), headers=(("Content-Length", "1"),)))
    recordings = library_of(path)
    path.write_bytes(path.read_bytes().replace(b'"chunk","1"', b'"chunk","12345"'))
    async with serve_replay(recordings, manner=AT_ONCE) as server:
        answer = await ask(server.port)
    assert not answer.complete


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (Ending.UPSTREAM_REFUSED, "127.0.0.1:9 refused the connection"),
        (Ending.UPSTREAM_DNS, ""),
        (Ending.UPSTREAM_TIMEOUT, "no head within 10 s"),
        (Ending.CLIENT_LEFT, ""),
    ],
)
async def test_an_exchange_without_an_answer_is_a_bad_gateway(
    tmp_path: Path, how: Ending, why: str
) -> None:
    async with replaying(tmp_path, Recorded(status=None, how=how, why=why)) as port:
        answer = await ask(port)
    assert answer.status == 502
    assert f"x-ssescope-error: {how}\r\n".encode() in answer.head
    assert b"x-ssescope-replay: " in answer.head
    message = json.loads(answer.body)["error"]["message"]
    assert how in message
    assert why in message


async def test_each_request_gets_what_was_recorded_for_it_in_order(tmp_path: Path) -> None:
    lines: list[str] = []
    exchanges = (
        Recorded((b"1st",), body=b'{"m": "a", "n": 1}'),
        Recorded((b"2nd",), body=b'{"m": "b"}'),
        Recorded((b"3rd",), body=b'{"n": 1, "m": "a"}'),
        Recorded((b"4th",), body=b"not json"),
    )
    async with replaying(tmp_path, *exchanges, lines=lines) as port:
        asked = (b'{"n":1,"m":"a"}', b'{"m":"b"}', b'{"m":"a","n":1}', b'{"m":"a","n":1}')
        bodies = [(await ask(port, body=body)).body for body in (*asked, b"not json")]
    assert bodies == [b"1st", b"2nd", b"3rd", b"3rd", b"4th"]
    assert lines[0].startswith("POST /v1/messages: ")
    assert lines[0].endswith("-000001")
    assert lines[3].endswith("-000003 again")


async def test_a_coded_request_is_compared_without_its_coding(tmp_path: Path) -> None:
    async with replaying(tmp_path, Recorded((b"1",), body=b'{"m":"a"}')) as port:
        coded = gzip.compress(b'{"m": "a"}')
        assert (await ask(port, body=coded, headers=("Content-Encoding: gzip",))).body == b"1"
        assert (await ask(port, body=coded)).status == 404


async def test_a_redacted_query_value_matches_any(tmp_path: Path) -> None:
    lines: list[str] = []
    target = "/v1:stream?key=[redacted len=39 fp=01234567]&alt=sse"
    async with replaying(tmp_path, Recorded((b"1",), target=target), lines=lines) as port:
        assert (await ask(port, "/v1:stream?alt=sse&key=sk-mine")).body == b"1"
        assert (await ask(port, "/v1:stream?key=sk-mine&alt=json")).status == 404
    assert "sk-mine" not in "".join(lines)


async def test_a_recording_of_a_replay_names_the_capture_that_is_served(tmp_path: Path) -> None:
    headers = (("X-Ssescope-Replay", "older"), ("x-ssescope-miss", "body"), EVENT_STREAM)
    async with replaying(tmp_path, Recorded((b"1",), headers=headers)) as port:
        head = (await ask(port)).head.lower()
    assert head.count(b"x-ssescope-replay") == 1
    assert b"older" not in head
    assert b"x-ssescope-miss" not in head


async def test_plain_streams_answer_any_post_in_turn(tmp_path: Path) -> None:
    (tmp_path / "a.sse").write_bytes(b"data: 1\n\n: c\r\n\r\ndata: 2")
    (tmp_path / "b.sse").write_bytes(b"")
    async with replaying(tmp_path, Recorded((b"recorded",), target="/known")) as port:
        assert (await ask(port, "/known")).body == b"recorded"
        first, second, third = [await ask(port, f"/any/{n}", body=b"%d" % n) for n in range(3)]
        assert (await ask(port, method="GET", body=b"")).status == 404
    assert first.pieces == (b"data: 1\n\n", b": c\r\n\r\n", b"data: 2")
    assert b"content-type: text/event-stream" in first.head
    assert b"x-ssescope-replay: a.sse\r\n" in first.head
    assert second.body == third.body == b""
    assert all(answer.complete for answer in (first, second, third))


async def test_a_request_body_beyond_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "MAX_REQUEST_SIZE", 1000)
    lines: list[str] = []
    async with replaying(tmp_path, Recorded((b"1",), body=b"x" * 1000), lines=lines) as port:
        assert (await ask(port, body=b"x" * 1000)).status == 200
        answer = await ask(port, body=b"x" * 1001)
    assert answer.status == 413
    assert b"x-ssescope-error: request_too_large\r\n" in answer.head
    assert lines[1] == "POST /v1/messages: request body too large"


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (421, ["Host: evil.example"]),
        (403, ["Host: 127.0.0.1:PORT", "Origin: https://evil.example"]),
        (403, ["Host: 127.0.0.1:PORT", "Sec-Fetch-Site: cross-site"]),
    ],
)
async def test_nobody_but_the_user_is_answered(
    tmp_path: Path, status: int, headers: list[str]
) -> None:
    lines: list[str] = []
    async with replaying(tmp_path, Recorded((b"1",), method="GET"), lines=lines) as port:
        fields = "\r\n".join(headers).replace("PORT", str(port))
        async with raw_client(port) as client:
            await client.send(f"GET /v1/messages HTTP/1.1\r\n{fields}\r\n\r\n".encode())
            answer = await client.read_response()
    assert answer.status == status
    assert b"access-control" not in answer.head.lower()
    assert lines == []


async def test_head_is_answered_without_a_body_where_it_was_recorded(tmp_path: Path) -> None:
    exchanges = (
        Recorded(method="HEAD", body=b"", headers=(("Content-Length", "512"),)),
        Recorded((b"1",), method="GET", target="/only-get", body=b""),
    )
    async with replaying(tmp_path, *exchanges) as port:
        async with raw_client(port) as client:
            for status, target in ((200, "/v1/messages"), (404, "/only-get"), (200, "/only-get")):
                method = "GET" if (status, target) == (200, "/only-get") else "HEAD"
                await client.send(request_bytes(port, target, method=method, body=b""))
                answer = await client.read_response(body=method != "HEAD")
                assert answer.status == status
            assert answer.body == b"1"


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_that_cannot_have_a_body_ends_after_its_head(
    tmp_path: Path, status: int
) -> None:
    exchange = Recorded((b"bogus",), status=status, headers=(("Content-Length", "5"),))
    async with replaying(tmp_path, exchange) as port:
        async with raw_client(port) as client:
            for _ in range(2):
                await client.send(request_bytes(port))
                assert (await client.read_response(body=False)).status == status


async def test_a_client_that_leaves_within_a_pause_ends_the_servers_task(tmp_path: Path) -> None:
    served = asyncio.Event()
    write_captures(tmp_path, Recorded((b"first", b"second")))
    recordings = library_of(tmp_path)
    async with serve_replay(
        recordings, manner=Manner(Pace(0.001)), on_served=lambda _: served.set()
    ) as server:
        before = asyncio.all_tasks()
        async with raw_client(server.port) as client:
            await client.send(request_bytes(server.port))
            await served.wait()
        await until(lambda: asyncio.all_tasks() <= before)


async def test_a_client_that_leaves_mid_stream_ends_the_servers_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = 0

    async def pause_at_second(_deadline: float) -> None:
        nonlocal pauses
        pauses += 1
        if pauses == 2:
            await asyncio.Event().wait()

    monkeypatch.setattr(replay_response, "sleep_until", pause_at_second)
    async with replaying(tmp_path, Recorded((b"first", b"second"))) as port:
        before = asyncio.all_tasks()
        async with raw_client(port) as client:
            await client.send(request_bytes(port))
            await client.read_head()
            assert await client.read_chunk() == b"first"
        await until(lambda: asyncio.all_tasks() <= before)
        assert open_files_in(tmp_path) == []


async def test_stopping_cuts_what_is_under_way(tmp_path: Path) -> None:
    served = asyncio.Event()
    write_captures(tmp_path, Recorded((b"first", b"second")))
    recordings = library_of(tmp_path)
    async with serve_replay(
        recordings, manner=Manner(Pace(0.001)), on_served=lambda _: served.set()
    ) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request_bytes(server.port))
        await served.wait()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_many_clients_at_once_get_the_same_bytes(tmp_path: Path) -> None:
    pieces = tuple(bytes([number]) * (1 + 50 * number) for number in range(100))
    async with replaying(tmp_path, Recorded(pieces)) as port:
        answers = await asyncio.gather(*(ask(port) for _ in range(100)))
    assert {answer.pieces for answer in answers} == {pieces}
    assert all(answer.complete for answer in answers)
    assert open_files_in(tmp_path) == []
