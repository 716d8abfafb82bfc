"""What a shell makes of our words."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector_tui.safe import safe_text
from ssescope.shell_words import Piece, Variable, variable_name, word
from tests.ssescope.saved import HOSTILE

VALUE = "a 'value' $(of) \"its\" own\\"


def words_in_bash(*words: str) -> list[bytes]:
    """The arguments that a command gets for these words."""
    script = "printf '%s\\0' " + " ".join(words)
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, check=True, env={**os.environ, "KEY": VALUE}
    )
    assert done.stderr == b""
    return done.stdout.split(b"\0")[:-1]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ((b"https://api.example/v1",), "https://api.example/v1"),
        ((b"",), "''"),
        ((b"a b",), "'a b'"),
        ((b"it's",), "'it'\\''s'"),
        ((b"$HOME `id` \\ !!",), "'$HOME `id` \\ !!'"),
        ((b'{\n "a": 1\n}',), "'{\n \"a\": 1\n}'"),
        ((b"tab\there",), "$'tab\\there'"),
        ((b"\x1b[2J' \\\xff!",), "$'\\033[2J\\047 \\\\\\377\\041'"),
        (("caf\u00e9".encode(),), "'caf\u00e9'"),
        ((b"x-api-key: ", Variable("KEY")), '"x-api-key: $KEY"'),
        ((b"?key=", Variable("KEY"), b"&b"), '"?key=${KEY}&b"'),
        ((b"a$b ", Variable("KEY"), b"c"), "'a$b '\"$KEY\"c"),
    ],
)
def test_a_word_is_quoted_no_more_than_it_must_be(pieces: tuple[Piece, ...], expected: str) -> None:
    assert word(*pieces) == expected


WITHOUT_NUL = st.binary(max_size=40).map(lambda data: data.replace(b"\0", b"!"))
TEXTS = st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace").replace(b"\0", b"'"))
LITERALS = WITHOUT_NUL | TEXTS | st.sampled_from([HOSTILE.encode(), b"-x", b"@f", b"'\\''", b"!!"])


@settings(max_examples=60)
@given(st.lists(st.lists(LITERALS | st.just(Variable("KEY")), min_size=1, max_size=4), max_size=20))
def test_a_command_gets_every_byte_and_a_terminal_nothing_that_drives_it(
    lists: list[list[Piece]],
) -> None:
    words = [word(*pieces) for pieces in lists]
    expected = [
        b"".join(VALUE.encode() if isinstance(piece, Variable) else piece for piece in pieces)
        for pieces in lists
    ]
    assert words_in_bash(*words) == expected if words else True
    assert all(safe_text(text, newline="\n") == text for text in words)


def test_nul_is_no_part_of_an_argument() -> None:
    with pytest.raises(ValueError, match="NUL"):
        word(b"a\0b")


@pytest.mark.parametrize(
    ("text", "name"),
    [("x-auth-token", "X_AUTH_TOKEN"), ("2fa", "_2FA"), ("--", "_"), ("k\u00e9y", "K_Y")],
)
def test_a_variable_has_a_name_that_a_shell_takes(text: str, name: str) -> None:
    assert variable_name(text) == name
