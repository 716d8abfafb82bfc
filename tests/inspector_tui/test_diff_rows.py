from __future__ import annotations

from pathlib import Path

import pytest

from captures.comparison import compare
from captures.exchange import Exchange
from inspector_tui import diff_rows as module
from inspector_tui.cells import row_width
from inspector_tui.diff_rows import diff_rows
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of, texts


def shown(before: Exchange, after: Exchange, width: int = 100) -> list[str]:
    return texts(diff_rows(before, after, compare(before, after), width))


def test_what_differs_stands_in_its_section(tmp_path: Path) -> None:
    text = shown(exchange_of(given.complete(tmp_path)), exchange_of(given.max_tokens(tmp_path)))
    assert text[0].startswith(" − 20251123T140111Z-3fa9c1-000001  POST /v1/messages")
    assert text[1].startswith(" + 20251123T140211Z-3fa9c1-000002")
    assert any(line.split() == ["stop", "reason", "end_turn", "→", "max_tokens"] for line in text)
    assert text.index(" answer") < text.index(" words") < text.index(" events")
    assert text.index(" events") < text.index(" times")
    times = text[text.index(" times") :]
    assert any(line.startswith("   total") and "2.95 s →" in line for line in times)


def test_words_that_one_of_them_lacks_have_a_sign(tmp_path: Path) -> None:
    one = given.stream(tmp_path, 1, given.answer(["It", " is", " red", "."])).finish()
    other = given.stream(tmp_path, 2, given.answer(["It", " is", " blue", "."])).finish()
    text = shown(exchange_of(one), exchange_of(other))
    words = text[text.index(" words") + 1 : text.index(" events")]
    assert words[:3] == ["     It is", "   −  red.", "   +  blue."]


def test_requests_differ_by_place(tmp_path: Path) -> None:
    script = given.CaptureScript(tmp_path, 2, body=b'{"model": "other", "stream": true}')
    script.head()
    other = exchange_of(script.finish())
    text = shown(exchange_of(given.complete(tmp_path)), other)
    place = text.index("   model")
    assert text[place + 1 : place + 3] == ['     − "claude-sonnet-4-5-20250929"', '     + "other"']
    place = text.index("   max_tokens")
    assert text[place + 2] == "     + not there"


def test_the_same_twice_is_said_to_be_the_same(tmp_path: Path) -> None:
    exchange = exchange_of(given.complete(tmp_path))
    text = shown(exchange, exchange)
    assert text[3] == " ✓ both asked the same and got the same, whenever it came"
    assert "   both say the same 166 characters" in text
    assert "     45 equal events: 0 to 44" in text


def test_a_long_differing_run_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVENTS_OF_A_RUN", 2)
    text = shown(exchange_of(given.complete(tmp_path)), exchange_of(given.tool_use(tmp_path)))
    assert any(line.startswith("   − … ") and line.endswith("more events") for line in text)


def test_a_long_differing_text_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SHOWN_WORDS", 10)
    text = shown(exchange_of(given.complete(tmp_path)), exchange_of(given.tool_use(tmp_path)))
    assert any("more characters" in line for line in text)


@pytest.mark.parametrize("width", [58, 100])
def test_no_row_is_wider_than_asked_for_and_none_is_unsafe(tmp_path: Path, width: int) -> None:
    before, after = exchange_of(given.hostile(tmp_path)), exchange_of(given.complete(tmp_path))
    for pair in ((before, after), (after, before)):
        rows = diff_rows(*pair, compare(*pair), width)
        assert all(row_width(row) <= width for row in rows)
        assert "".join(texts(rows)).isprintable()
