"""The pictures in the documents are what the inspector shows."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from scripts.screenshot import DOCS, PICTURES, pictures

REMAKE = "python -m scripts.screenshot"


@pytest.fixture
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_utc")
@pytest.mark.parametrize("name", [picture.name for picture in PICTURES])
def test_a_picture_is_what_the_inspector_shows(name: str) -> None:
    ((path, svg),) = pictures({name})
    assert path.read_text(encoding="utf-8") == svg, f"make it anew: {REMAKE}"


def test_every_picture_stands_in_a_document() -> None:
    documents = "".join(
        path.read_text() for path in (DOCS.parent / "README.md", *DOCS.glob("*.md"))
    )
    shown = set(re.findall(r"\((?:docs/)?(inspector[\w/]*)\.svg\)", documents))
    assert shown == {picture.name for picture in PICTURES}
