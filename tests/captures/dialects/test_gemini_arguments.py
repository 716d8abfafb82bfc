from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects.gemini_arguments import StreamedArguments, steps_of
from tests.captures.strategies import payloads


def added_up(*pieces: dict[str, Any]) -> Any:
    arguments = StreamedArguments()
    for piece in pieces:
        arguments.add(piece)
    return json.loads(arguments.text)


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$.city", ["city"]),
        ("$.a.b[0].c[12]", ["a", "b", 0, "c", 12]),
        ("$['a b']['it\\'s']", ["a b", "it's"]),
        ('$["a.b"]', ["a.b"]),
        ("$.Genève", ["Genève"]),
        ("$", ["$"]),
        ("", [""]),
        ("city", ["city"]),
        ("$..a", ["$..a"]),
        ("$.a[*]", ["$.a[*]"]),
        ("$.a[9999999999]", ["$.a[9999999999]"]),
    ],
)
def test_steps_of_a_path(path: str, steps: list[str | int]) -> None:
    assert steps_of(path) == steps


def test_texts_grow_and_other_values_stand() -> None:
    found = added_up(
        {"jsonPath": "$.city", "stringValue": "Gen"},
        {"jsonPath": "$.city", "stringValue": "ève"},
        {"jsonPath": "$.days", "numberValue": 2},
        {"jsonPath": "$.rain", "boolValue": True},
        {"jsonPath": "$.wind", "nullValue": "NULL_VALUE"},
        {"jsonPath": "$.empty", "stringValue": ""},
    )
    assert found == {"city": "Genève", "days": 2, "rain": True, "wind": None, "empty": ""}


def test_paths_lead_into_objects_and_lists() -> None:
    found = added_up(
        {"jsonPath": "$.a.b", "numberValue": 1},
        {"jsonPath": "$.list[0].x", "stringValue": "one"},
        {"jsonPath": "$.list[1].x", "stringValue": "two"},
        {"jsonPath": "$.list[0].y", "boolValue": False},
        {"jsonPath": "$.grid[0][1]", "numberValue": 5},
    )
    assert found == {
        "a": {"b": 1},
        "list": [{"x": "one", "y": False}, {"x": "two"}],
        "grid": [[5]],
    }


def test_an_index_far_beyond_the_others_is_the_next_one() -> None:
    assert added_up({"jsonPath": "$.a[99999999]", "numberValue": 1}) == {"a": [1]}


def test_what_stands_in_the_way_gives_way() -> None:
    found = added_up(
        {"jsonPath": "$.a", "numberValue": 1},
        {"jsonPath": "$.a.b", "numberValue": 2},
        {"jsonPath": "$.a[0]", "numberValue": 3},
    )
    assert found == {"a": [3]}


def test_a_piece_says_what_it_adds() -> None:
    arguments = StreamedArguments()
    assert not arguments
    assert arguments.add({"jsonPath": "$.a", "willContinue": True}) == ""
    assert arguments.add({"jsonPath": "$.a", "stringValue": "x"}) == "x"
    assert arguments.add({"jsonPath": "$.b", "numberValue": 1.5}) == "1.5"
    assert arguments


PATHS = st.lists(st.sampled_from(["$", ".a", ".b", "[0]", "[1]", "['a']", "x"]), max_size=6).map(
    "".join
)
PIECES = st.fixed_dictionaries(
    {"jsonPath": PATHS | payloads},
    optional={"stringValue": st.text(max_size=3) | payloads, "numberValue": payloads},
)


@given(st.lists(PIECES, max_size=8))
def test_any_pieces_add_up_to_an_object(pieces: list[dict[str, Any]]) -> None:
    assert isinstance(added_up(*pieces), dict)
