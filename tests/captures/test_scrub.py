from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.scrub import find, mask
from captures.secret_shapes import SHAPES, Shape, user_shape
from tests.captures.anthropic_stream import event

SECRET = "api03-" + "Ab3-" * 12
KEY = f"sk-ant-{SECRET}"


def _deltas(text: str, size: int) -> list[bytes]:
    return [
        event(
            "content_block_delta",
            index=0,
            delta={"type": "text_delta", "text": text[start : start + size]},
        )
        for start in range(0, len(text), size)
    ]


def _told(body: bytes) -> str:
    lines = [line[6:] for line in body.splitlines() if line.startswith(b"data: ")]
    return "".join(json.loads(line)["delta"]["text"] for line in lines)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_what_is_written_over_keeps_its_length_and_beginning_and_is_found_no_more(
    shape: Shape,
) -> None:
    data = f'{{"a": "{shape.example}", "b": 1}}'.encode()
    masked, secrets = mask(data)
    assert [secret.name for secret in secrets] == [shape.name]
    assert len(masked) == len(data)
    assert shape.prefix.splitlines()[0].encode() in masked or shape.name == "url-password"
    assert mask(masked) == (masked, [])
    assert masked.startswith(b'{"a": "')
    assert masked.endswith(b'", "b": 1}')


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20, 500])
def test_a_key_that_a_model_spells_out_in_deltas_is_found(size: int) -> None:
    text = f"Use {KEY} or\n{KEY}, says she."
    body = b"".join(_deltas(text, size))
    masked, secrets = mask(body)
    assert [secret.name for secret in secrets] == ["anthropic-api-key"] * 2
    assert len(masked) == len(body)
    assert _told(masked) == text.replace(SECRET, "api03-" + "x" * 48)
    assert find(masked) == []


def test_parallel_texts_are_told_apart_by_their_index() -> None:
    pieces = [KEY[start : start + 5] for start in range(0, len(KEY), 5)]
    body = b"".join(
        event("d", index=index, delta={"text": piece if index else "other "})
        for piece in pieces
        for index in (0, 1)
    )
    masked, secrets = mask(body)
    assert len(secrets) == 1
    told = [json.loads(line[6:]) for line in masked.splitlines() if line.startswith(b"data")]
    assert "".join(it["delta"]["text"] for it in told if it["index"]) == "sk-ant-api03-" + "x" * 48
    assert {it["delta"]["text"] for it in told if not it["index"]} == {"other "}


def test_a_key_block_keeps_its_lines_and_the_json_around_it() -> None:
    block = "-----BEGIN RSA PRIVATE KEY-----\n" + ("MIIE" * 16 + "\n") * 3
    block += "-----END RSA PRIVATE KEY-----"
    masked, _ = mask(json.dumps({"text": block, "n": 1}).encode())
    text = json.loads(masked)["text"]
    assert text == block.replace("MIIE", "xxxx")
    cut, secrets = mask(json.dumps({"text": block[:150]}).encode())
    assert [secret.name for secret in secrets] == ["private-key"]
    assert "MIIE" not in json.loads(cut)["text"]


def test_a_secret_within_another_counts_once() -> None:
    masked, secrets = mask(f"Authorization: Bearer {KEY}".encode())
    assert masked == b"Authorization: Bearer " + b"x" * len(KEY)
    assert [secret.name for secret in secrets] == ["anthropic-api-key"]


def test_a_pattern_of_the_user_masks_its_group_or_all_of_it() -> None:
    group = user_shape(1, r'"password": "([^"]*)"')
    whole = user_shape(2, "Zürich")
    masked, secrets = mask('{"password": "a\\n\\u00e9b", "in": "Zürich"}'.encode(), (group, whole))
    assert masked == b'{"password": "x\\n\\u00e9x", "in": "xxxxxxx"}'
    assert [secret.name for secret in secrets] == ["pattern-1", "pattern-2"]


def test_a_number_stays_a_number() -> None:
    masked, _ = mask(b'{"card": 4111111111111111}', (user_shape(1, r"\d{16}"),))
    assert masked == b'{"card": 9999999999999999}'


def test_a_match_that_cuts_a_code_point_takes_all_of_it() -> None:
    masked, _ = mask("aéb".encode(), (user_shape(1, r"a."),))
    assert masked == b"xxxb"


_TEXTS = st.lists(
    st.one_of(
        st.sampled_from([shape.example for shape in SHAPES]),
        st.sampled_from(
            ["Bearer ", "sk-", "xai-", "\n", "\\n", '"', "eyJ", ".", "-", "é", "data: "]
        ),
        st.text(max_size=12),
    ),
    max_size=6,
).map("".join)


@given(text=_TEXTS, size=st.integers(1, 40))
def test_any_stream_stays_a_stream_and_holds_no_secret_any_more(text: str, size: int) -> None:
    text = text.encode("utf-8", "replace").decode()
    body = b"".join(_deltas(text, size))
    masked, secrets = mask(body)
    assert len(masked) == len(body)
    assert len(_told(masked).encode()) <= len(text.encode())
    assert find(masked) == []
    assert (masked == body) == (not secrets)
    whole, _ = mask(text.encode())
    assert find(whole) == []
    whole.decode()
