from __future__ import annotations

import pytest

from captures.scrub import find
from captures.secret_shapes import SHAPES, Shape, user_shape


def _name(shape: Shape) -> str:
    return shape.name


@pytest.mark.parametrize("shape", SHAPES, ids=_name)
@pytest.mark.parametrize(
    "around",
    ["{}", "key={}", '{{"text": "{}"}}', "a\\n{}\\n", "%3D{}", "\\u000a{}", "({})", "x {} x"],
)
def test_every_shape_finds_its_example_wherever_it_stands(shape: Shape, around: str) -> None:
    data = around.format(shape.example).encode()
    assert [secret.name for secret in find(data)] == [shape.name]
    assert data[find(data)[0].offset - 1 :][1:2] not in {b"", b'"'}


@pytest.mark.parametrize("shape", SHAPES, ids=_name)
def test_the_public_beginning_is_the_beginning(shape: Shape) -> None:
    data = shape.example.encode()
    match = shape.pattern.search(data)
    assert match is not None
    beginning = data[: match.start(1)].lower()
    assert shape.prefix.lower().encode() in beginning
    assert not data[match.start(1) :].startswith(shape.prefix.encode())


def test_names_are_unique() -> None:
    assert len({shape.name for shape in SHAPES}) == len(SHAPES)


@pytest.mark.parametrize(
    "harmless",
    [
        b"sk-learn, task-oriented, disk-encryptionconfigurationmanager, risk-proj-assessment-x",
        b"the bearer of this internationalization-announcement",
        b"chatcmpl-9Xk2mN0pQrStUvWxYz0123456789 msg_01XFDUDYJgAACzvnptvVoYEL",
        b"toolu_01T1x1fJ34qAmk2tN req_011CSHoEeqs5C35K2UUqR7Fy EqQBCgIYAhIM1gbcDa9GJwZA2b3h",
        b"AKIA is how they begin, AIza too, and -----BEGIN PRIVATE KEY----- opens a block",
        b"[redacted len=108 fp=3fa9c1e2] Bearer [redacted len=108 fp=3fa9c1e2]",
        b"https://example.com:8443/a@b mailto:user@example.com",
        b"0123456789abcdef0123456789abcdef01234567",
    ],
)
def test_what_is_no_secret_is_not_found(harmless: bytes) -> None:
    assert find(harmless) == []


@pytest.mark.parametrize("pattern", ["(", "a*", "", "(x|)"])
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        user_shape(1, pattern)
