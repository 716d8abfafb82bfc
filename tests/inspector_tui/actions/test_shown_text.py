from __future__ import annotations

from pathlib import Path

import pytest

from captures.exchange import Exchange
from inspector_tui.actions import shown_text
from inspector_tui.actions.shown_text import Document, Shown, for_editor, for_pager
from inspector_tui.document_lines import DocumentLines
from inspector_tui.documents import response_rows
from inspector_tui.lines import FixedLines
from inspector_tui.tabs import Tab
from tests.inspector_tui import captures_for_tests as given
from tests.inspector_tui.inspector_for_tests import exchange_of

BAD = set("\x1b\x07\x9b\x9d\u202e\x00\x7f\r")


def written(document: Document) -> bytes:
    return b"".join(document.pieces)


def shown(exchange: Exchange, tab: Tab, event: int = 0) -> Shown:
    lines = DocumentLines(lambda width: response_rows(exchange, width))
    lines.update(80)
    return Shown(exchange, tab, event, lines)


@pytest.mark.parametrize("tab", Tab)
def test_what_a_pager_gets_is_safe(tab: Tab, tmp_path: Path) -> None:
    exchange = exchange_of(given.hostile(tmp_path))
    for event in range(len(exchange.events)):
        text = written(for_pager(shown(exchange, tab, event))).decode()
        assert not BAD & set(text)
        assert text.strip()


def test_what_an_editor_gets_is_as_it_came(tmp_path: Path) -> None:
    exchange = exchange_of(given.hostile(tmp_path))
    event = exchange.events[2]
    assert written(for_editor(shown(exchange, Tab.TIMELINE, 2))) == exchange.raw(event.frame)
    body = written(for_editor(shown(exchange, Tab.RAW)))
    assert body == exchange.body.bytes_between(0, exchange.body.size)
    message = written(for_editor(shown(exchange, Tab.MESSAGE)))
    assert message.decode() == exchange.message().text
    request = for_editor(shown(exchange, Tab.REQUEST))
    assert (request.name, written(request)) == ("request.json", exchange.request_body)


def test_texts_are_whole_and_not_wrapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_text, "PIECE_SIZE", 7)
    exchange = exchange_of(given.complete(tmp_path))
    message = written(for_pager(shown(exchange, Tab.MESSAGE))).decode()
    assert "".join(given.ANSWER) in message
    assert message.startswith("── text\n")
    assert "end_turn" in message
    request = written(for_pager(shown(exchange, Tab.REQUEST))).decode()
    assert '"content": "Why do streams lie quietly?"' in request
    assert request.startswith(" POST /v1/messages HTTP/1.1\n")
    body = written(for_pager(shown(exchange, Tab.RAW)))
    assert body == exchange.body.bytes_between(0, exchange.body.size)
    call = written(for_pager(shown(exchange_of(given.tool_use(tmp_path)), Tab.MESSAGE))).decode()
    assert '\n  "city": "Zürich",\n' in call


def test_of_a_long_table_the_first_rows_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown_text, "MAX_ROWS", 2)
    exchange = exchange_of(given.complete(tmp_path))
    table = Shown(exchange, Tab.FINDINGS, 0, FixedLines([[] for _ in range(5)]))
    assert written(for_pager(table)) == "\n\n… 3 more rows\n".encode()
