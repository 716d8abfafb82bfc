from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.record_lines import decode, decode_request, encode, encode_request
from captures.records import (
    Boundary,
    Chunk,
    End,
    Ending,
    Head,
    Note,
    Record,
    Request,
    RequestChunk,
    Tally,
    Unknown,
)
from tests.captures import strategies
from tests.captures.by_hand import a_request, an_end

FORMAT = Path(__file__).parents[2] / "docs" / "format.md"


def specification() -> str:
    return FORMAT.read_text(encoding="utf-8")


def example_lines() -> list[bytes]:
    found = re.search(r"```jsonl\n(.*?)```", specification(), re.DOTALL)
    assert found is not None
    return found.group(1).encode().splitlines(keepends=True)


def decoded(line: bytes) -> Record:
    record = decode(line)
    assert not isinstance(record, str), record
    return record


class TestSpecification:
    def test_example_reads_and_writes_to_the_same_lines(self) -> None:
        first, *others = example_lines()

        request = decode_request(first)
        assert isinstance(request, Request)
        assert encode_request(request) == first
        for line in others:
            assert encode(decoded(line)) == line

    def test_example_holds_every_code(self) -> None:
        codes = {orjson.loads(line)[2] for line in example_lines()[1:]}

        assert codes == strategies.KNOWN_CODES

    def test_example_joins_a_code_point_that_was_cut_in_two(self) -> None:
        records = [decoded(line) for line in example_lines()[1:]]

        sent = b"".join(record.data for record in records if isinstance(record, RequestChunk))
        came = b"".join(record.data for record in records if isinstance(record, Chunk))
        assert sent.decode().endswith('"café"}')
        assert came.decode().endswith("data: €\n\n")

    @pytest.mark.parametrize("code", sorted(strategies.KNOWN_CODES))
    def test_every_code_has_its_row(self, code: str) -> None:
        assert f"\n| `{code}` |" in specification()

    def test_the_endings_are_those_of_the_table_and_no_others(self) -> None:
        table = specification().partition("## How it ended")[2]

        assert re.findall(r"\n\| `(\w+)` \|", table) == [
            "how",
            *(ending.value for ending in Ending),
        ]


@given(strategies.records)
def test_record_comes_back_from_its_line(record: Record) -> None:
    line = encode(record)

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == record


def test_a_mount_stands_in_the_header_only_where_there_is_one() -> None:
    assert b"mount" not in encode_request(a_request())
    assert b'"mount":"/a"' in encode_request(replace(a_request(), mount="/a"))
    line = encode_request(replace(a_request(), mount="/a")).replace(b'"/a"', b"7")
    assert (
        decode_request(line) == "its first line is not a ssescope header: 'mount' is not a string"
    )


@given(strategies.requests)
def test_request_comes_back_from_its_line(request: Request) -> None:
    line = encode_request(request)

    assert line.count(b"\n") == 1
    assert decode_request(line) == request


@given(st.binary(max_size=40))
def test_bytes_come_back_exactly_and_are_text_only_where_they_are_valid_utf8(data: bytes) -> None:
    line = encode(Chunk(1, 0.0, data))

    restored = decoded(line)
    assert isinstance(restored, Chunk)
    assert restored.data == data
    try:
        text = data.decode()
    except UnicodeDecodeError:
        assert orjson.loads(line)[2] == "chunk64"
    else:
        assert orjson.loads(line)[2:] == ["chunk", text]


def test_boundary_is_written_only_where_a_socket_read_ended() -> None:
    assert orjson.loads(encode(Chunk(1, 0.0, b"x", Boundary.READ)))[4:] == ["read"]
    assert orjson.loads(encode(Chunk(1, 0.0, b"x", Boundary.CHUNK)))[4:] == []


def test_boundary_word_of_a_later_version_reads_as_a_chunk() -> None:
    assert decode(b'[1,0.5,"chunk","x","frame"]') == Chunk(1, 0.5, b"x", Boundary.CHUNK)


def test_elements_and_fields_of_a_later_version_are_passed_over() -> None:
    line = b'[1,2,"note",{"about":"a","text":"b","more":[1]},"more",{"and":"more"}]'

    assert decode(line) == Note(1, 2.0, "a", "b")


def test_record_of_another_code_is_handed_on_unchanged() -> None:
    line = b'[7,1.5,"trailer",{"a":[1,null,"x"]}]\n'

    assert decode(line) == Unknown(7, 1.5, "trailer", {"a": [1, None, "x"]})
    assert encode(decoded(line)) == line


def test_microseconds_are_kept() -> None:
    assert encode(Note(1, 1.23456789, "a", "b")).startswith(b"[1,1.234568,")


def test_lone_surrogate_in_our_own_words_is_replaced_and_the_line_reads() -> None:
    assert decode(encode(Note(1, 0.0, "a", "no \udcff file"))) == Note(1, 0.0, "a", "no ? file")
    request = replace(a_request(), path="/\udcff")
    assert decode_request(encode_request(request)) == replace(request, path="/?")
    end = replace(an_end(Ending.PROXY_ERROR), why="\ud800")
    assert decode(encode(end)) == replace(end, why="?")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"", "not JSON"),
        (b"{}", "expected an array"),
        (b"[]", "expected an array"),
        (b'[1,2,"chunk"]', "expected an array"),
        (b'["1",2,"chunk","x"]', "expected an array"),
        (b'[1,"2","chunk","x"]', "expected an array"),
        (b'[1,2,3,"x"]', "expected an array"),
        (b'[1,2,"chunk",5]', "the payload of 'chunk' is not a string"),
        (b'[1,2,"chunk64","&"]', "the payload of 'chunk64' is not base64"),
        (b'[1,2,"chunk64","abc"]', "the payload of 'chunk64' is not base64"),
        ('[1,2,"request64","é"]'.encode(), "the payload of 'request64' is not base64"),
        (b'[1,2,"chunk","\\ud800"]', "not JSON"),
        (b'[1,NaN,"chunk","x"]', "not JSON"),
        (b'[1,1e999,"chunk","x"]', "not JSON"),
        (b'[1,2,"head",[]]', "expected an object"),
        (b'[1,2,"head",{}]', "'version' is not a string"),
        (b'[1,2,"note",{"about":"a"}]', "'text' is not a string"),
        (b'[1,2,"gap",{"first":-1}]', "'first' is not a whole number"),
        (b'[1,2,"gap",{"first":true}]', "'first' is not a whole number"),
        (b'[1,2,"end",{"how":"melted"}]', "unknown ending 'melted'"),
        (b'[1,2,"end",{"how":"complete","why":""}]', "expected an object"),
        (b"[" * 100_000 + b"]" * 100_000, "not JSON"),
    ],
)
def test_line_that_is_no_record_is_told_in_words(line: bytes, why: str) -> None:
    reason = decode(line)

    assert isinstance(reason, str)
    assert reason.startswith(why)


@pytest.mark.parametrize(
    "headers", ['{"a":"b"}', '"a"', '[["a"]]', '[["a","b","c"]]', '[["a",1]]', "[[]]", "[null]"]
)
def test_headers_are_pairs_of_strings(headers: str) -> None:
    line = f'[1,2,"head",{{"version":"1.1","status":200,"reason":"","headers":{headers}}}]'

    assert isinstance(decode(line.encode()), str)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"", "its first line is not a ssescope header: not JSON"),
        (b"[]", "its first line is not a ssescope header"),
        (b'{"version":2}', "its first line is not a ssescope header"),
        (b'{"ssescope":2}', "it has format version 2, and this program reads 1"),
        (b'{"ssescope":1}', "its first line is not a ssescope header: 'id' is not a string"),
    ],
)
def test_line_that_is_no_header_is_told_in_words(line: bytes, why: str) -> None:
    reason = decode_request(line)

    assert isinstance(reason, str)
    assert reason.startswith(why)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_record_or_a_reason(line: bytes) -> None:
    decode(line)
    decode_request(line)


@given(strategies.payloads, strategies.payloads, st.sampled_from(sorted(strategies.KNOWN_CODES)))
def test_any_payload_of_a_known_code_is_a_record_or_a_reason(
    seq: object, payload: object, code: str
) -> None:
    decode(orjson.dumps([seq, 0.5, code, payload]))
    decode(orjson.dumps([1, seq, code, payload]))
    decode_request(orjson.dumps({"ssescope": 1, "id": payload, "headers": seq}))


@given(st.data(), strategies.records)
def test_mutated_line_is_a_record_or_a_reason(data: st.DataObject, record: Record) -> None:
    line = bytearray(encode(record))
    for _ in range(data.draw(st.integers(1, 3))):
        line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))

    mutated = decode(bytes(line))

    if not isinstance(mutated, str):
        encode(mutated)


def test_header_strings_hold_raw_bytes_read_as_latin_1() -> None:
    raw = bytes(range(256))
    head = Head(1, 0.0, "1.1", 200, "OK", (("x-raw", raw.decode("latin-1")),))

    restored = decoded(encode(head))

    assert isinstance(restored, Head)
    assert restored.headers[0][1].encode("latin-1") == raw


def test_end_keeps_both_tallies_apart() -> None:
    end = End(9, 1.0, Ending.CLIENT_LEFT, "", Tally(9, "aa", 3), Tally(5, "bb", 2))

    assert decode(encode(end)) == end
