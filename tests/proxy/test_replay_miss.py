from __future__ import annotations

import json
from pathlib import Path

import pytest

from captures.request_body import key_of
from proxy.replay_exchange import Asked, Failure, SavedExchange
from proxy.replay_miss import OnMiss, Part, closest_to, near_of, nearest
from tests.proxy.recorded import Recorded, write_captures
from tests.proxy.replaying import ask, library_of, replaying


def question(text: str, **fields: object) -> bytes:
    messages = [{"role": "user", "content": text}]
    return json.dumps({"model": "m", "messages": messages, **fields}).encode()


def asked(body: bytes = b"{}", target: str = "/v1/messages", method: str = "POST") -> Asked:
    return Asked(method, target, body, key_of(body))


def exchanges_of(folder: Path, *recorded: Recorded) -> tuple[SavedExchange, ...]:
    write_captures(folder, *recorded)
    return library_of(folder).shelf.exchanges


def test_the_same_place_comes_closest_then_the_likest_body(tmp_path: Path) -> None:
    exchanges = exchanges_of(
        tmp_path,
        Recorded(target="/v1/models", method="GET", body=b""),
        Recorded(body=question("How?")),
        Recorded(body=question("Who?", temperature=1, top_p=1)),
        Recorded(target="/v1/messages/count_tokens", body=question("Why?")),
    )
    near = nearest(asked(question("Why?")), exchanges, ())
    assert [found.exchange.target for found in near] == [
        "/v1/messages",
        "/v1/messages",
        "/v1/messages/count_tokens",
    ]
    assert [found.where for found in near] == [
        "body messages.0.content",
        "body messages.0.content",
        "path",
    ]
    assert near[1].differences[1].at == "temperature"


def test_another_method_of_the_same_place_is_told_of(tmp_path: Path) -> None:
    exchanges = exchanges_of(tmp_path, Recorded(method="GET", body=b""))
    (near,) = nearest(asked(), exchanges, ())
    assert near.part is Part.METHOD
    assert near.in_words().endswith(", differs in the method: GET recorded, POST asked")


def test_a_body_that_was_not_kept_or_is_gone_is_told_of(tmp_path: Path) -> None:
    lost = SavedExchange(
        tmp_path / "gone.jsonl", "a\x1b", "POST", "/v1/messages", None, Failure(0, "", "")
    )
    near = near_of(lost, asked(), ())
    assert near.in_words() == "a\\x1b, differs in the body, which was not kept"


def test_all_that_are_equally_close_are_given(tmp_path: Path) -> None:
    exchanges = exchanges_of(
        tmp_path,
        Recorded(body=question("1")),
        Recorded(body=question("2")),
        Recorded(body=b"other"),
        Recorded(method="HEAD", body=b""),
    )
    assert closest_to(asked(question("3")), exchanges, ()) == [*exchanges[:2]]
    assert closest_to(asked(method="PUT"), exchanges, ()) == []


async def test_a_miss_names_what_comes_closest_and_where_it_differs(tmp_path: Path) -> None:
    lines: list[str] = []
    recorded = Recorded((b"1",), body=question("How?", user="me"))
    async with replaying(tmp_path, recorded, lines=lines) as port:
        assert (await ask(port, body=question("How?", user="you"))).body == b"1"
        answer = await ask(port, body=question("Why?"))
    assert answer.status == 404
    assert b"x-ssescope-error: not_recorded\r\n" in answer.head
    told = json.loads(answer.body)
    capture = told["closest"][0]["capture"]
    assert told["closest"] == [
        {
            "capture": capture,
            "differs_in": "body",
            "differences": [{"at": "messages.0.content", "recorded": '"How?"', "asked": '"Why?"'}],
        }
    ]
    assert told["error"]["message"] == (
        f"ssescope: no recording of POST /v1/messages; the closest, {capture}, differs in the "
        'body at messages.0.content: "How?" recorded, "Why?" asked; --ignore-field '
        "messages.0.content ignores it, --on-miss closest serves it even so"
    )
    assert lines[1] == (
        f"POST /v1/messages: not recorded; {capture} differs in body messages.0.content"
    )


async def test_fields_are_ignored_as_is_asked(tmp_path: Path) -> None:
    recorded = Recorded((b"1",), body=question("How?"))
    async with replaying(tmp_path, recorded, ignored=("messages.*.content",)) as port:
        assert (await ask(port, body=question("Why?"))).body == b"1"


async def test_a_place_that_was_not_recorded_is_told_without_secrets(tmp_path: Path) -> None:
    lines: list[str] = []
    others = [Recorded(target=f"/v1/{n}") for n in range(30)]
    async with replaying(tmp_path, Recorded(method="GET"), *others, lines=lines) as port:
        answer = await ask(port, "/v2?key=sk-mine")
    assert answer.status == 404
    message = json.loads(answer.body)["error"]["message"]
    assert "POST /v2?key=[redacted]" in message
    assert "GET /v1/messages, POST /v1/0, " in message
    assert message.endswith(" and 11 more")
    assert lines[0].startswith("POST /v2?key=[redacted]: not recorded; ")
    assert b"sk-mine" not in answer.body + "".join(lines).encode()


async def test_the_closest_answers_and_says_so(tmp_path: Path) -> None:
    lines: list[str] = []
    recorded = (
        Recorded((b"1",), body=question("1")),
        Recorded((b"2",), body=question("2")),
        Recorded((b"far",), body=b"[]"),
    )
    async with replaying(tmp_path, *recorded, lines=lines, on_miss=OnMiss.CLOSEST) as port:
        answers = [await ask(port, body=question("3")) for _ in range(3)]
        exact = await ask(port, body=question("2"))
        nothing = await ask(port, method="DELETE", body=b"")
    assert [answer.body for answer in answers] == [b"1", b"2", b"2"]
    assert b"x-ssescope-miss: body messages.0.content\r\n" in answers[0].head
    assert b"x-ssescope-replay: " in answers[0].head
    assert exact.body == b"2"
    assert b"x-ssescope-miss" not in exact.head
    assert nothing.status == 404
    assert lines[0].endswith(", the closest: it differs in body messages.0.content")


@pytest.mark.parametrize("name", ["a\r\nx: y", "\u202e", "\x1b[2J"])
async def test_names_from_a_client_stay_within_a_header(tmp_path: Path, name: str) -> None:
    recorded = Recorded((b"1",), body=b"{}")
    async with replaying(tmp_path, recorded, on_miss=OnMiss.CLOSEST) as port:
        answer = await ask(port, body=json.dumps({name: 1}).encode())
    assert answer.body == b"1"
    miss = answer.head.partition(b"x-ssescope-miss: ")[2].partition(b"\r\n")[0]
    assert miss == b"body " + name.encode("unicode_escape")
