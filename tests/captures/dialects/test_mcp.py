from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.dialects import mcp
from captures.dialects.base import EventKind
from captures.dialects.mcp import McpDialect, recognises, whole_message
from captures.dialects.recognise import dialect_at
from captures.findings.mcp import (
    MCP_AFTER_RESPONSE,
    MCP_ERROR,
    MCP_EVENT_ID_TWICE,
    MCP_LARGE_EVENT,
    MCP_NO_RESPONSE,
    MCP_NOT_JSON_RPC,
    MCP_PROGRESS_BACKWARDS,
    MCP_TOOL_FAILED,
    MCP_UNKNOWN_RESPONSE,
)
from captures.findings.rule import Rule
from captures.findings.sse import DATA_NOT_JSON
from captures.message import Message, OtherPart, StreamError, Text
from tests.captures.dialects.folding import fold, frames, rules
from tests.captures.mcp_stream import (
    CALL,
    ENDPOINT,
    PRIMING,
    asked,
    error,
    event,
    notification,
    progress,
    result,
    tool_result,
)
from tests.captures.strategies import payloads

BATCH = b"[" + asked("tools/call", 1) + b"," + asked("tools/list", 2) + b"]"


def folded(pieces: list[bytes], body: bytes = b"") -> McpDialect:
    dialect = McpDialect(body)
    fold(dialect, pieces)
    return dialect


def all_rules(pieces: list[bytes], body: bytes = b"") -> list[Rule]:
    dialect = McpDialect(body)
    _, complaints = fold(dialect, pieces)
    return rules([*complaints, *dialect.finish()])


@pytest.mark.parametrize(
    ("pieces", "body"),
    [
        pytest.param(CALL, asked(), id="the answer to a call"),
        pytest.param([PRIMING, *CALL], asked(), id="primed"),
        pytest.param([PRIMING], asked(), id="closed at once, to come back to"),
        pytest.param([PRIMING, *CALL[:2]], asked(), id="closed early, to come back to"),
        pytest.param([*CALL[:2], event(progress(2), "7")], asked(), id="an id in the middle"),
        pytest.param(CALL[1:], b"", id="resumed with GET"),
        pytest.param([ENDPOINT, *CALL, *CALL], b"", id="the first revision"),
        pytest.param(CALL[:2], b"", id="a standing stream"),
        pytest.param(CALL[:2], asked("subscriptions/listen"), id="a subscription"),
        pytest.param([event([tool_result(id_=1), result(2, tools=[])])], BATCH, id="a batch"),
        pytest.param([event(result(2)), event(tool_result(id_=1))], BATCH, id="in any order"),
        pytest.param(
            [*CALL[:2], event({"jsonrpc": "2.0", "id": 1, "method": "roots/list"}), CALL[3]],
            asked(),
            id="with a request of the server",
        ),
        pytest.param([b"data: \r\n\r\n", *CALL], asked(), id="an event without data"),
    ],
)
def test_healthy_stream_raises_no_complaint(pieces: list[bytes], body: bytes) -> None:
    assert all_rules(pieces, body) == []
    assert folded(pieces, body).may_end


@pytest.mark.parametrize(
    ("rule", "pieces", "body"),
    [
        (MCP_NO_RESPONSE, CALL[:3], asked()),
        (MCP_NO_RESPONSE, [event(tool_result(id_=1))], BATCH),
        (MCP_ERROR, [*CALL[:3], event(error())], asked()),
        (MCP_ERROR, [event(error(id_=None))], asked()),
        (MCP_TOOL_FAILED, [event(tool_result("No such city", isError=True))], asked()),
        (MCP_EVENT_ID_TWICE, [event(progress(1), "a"), event(progress(2), "a")], b""),
        (MCP_EVENT_ID_TWICE, [PRIMING, event(progress(1), "a"), PRIMING, PRIMING], b""),
        (MCP_NOT_JSON_RPC, [event({"result": {}}), *CALL], asked()),
        (MCP_NOT_JSON_RPC, [event({"jsonrpc": "2.0"}), *CALL], asked()),
        (DATA_NOT_JSON, [b"data: oops\n\n", *CALL], asked()),
        (MCP_UNKNOWN_RESPONSE, [event(result(3)), *CALL], asked()),
        (MCP_UNKNOWN_RESPONSE, [event(result("2")), *CALL], asked()),
        (MCP_AFTER_RESPONSE, [*CALL, CALL[1], CALL[2]], asked()),
        (MCP_AFTER_RESPONSE, [*CALL, CALL[3]], asked()),
        (MCP_PROGRESS_BACKWARDS, [*CALL[2:3], *CALL[:1], *CALL[:1], CALL[3]], asked()),
    ],
)
def test_rule_is_broken_once(rule: Rule, pieces: list[bytes], body: bytes) -> None:
    assert all_rules(pieces, body) == [rule]


def test_an_event_too_large_for_a_client_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp, "MAX_CLIENT_EVENT_SIZE", 200)
    assert all_rules([event(tool_result("x" * 200))], asked()) == [MCP_LARGE_EVENT]
    assert all_rules([event(tool_result("x"))], asked()) == []


def test_events_say_what_they_are() -> None:
    ask = {"jsonrpc": "2.0", "id": 9, "method": "elicitation/create", "params": {"message": "?"}}
    dialect = McpDialect(asked())
    events, _ = fold(dialect, [PRIMING, *CALL[:3], event(ask), CALL[3], event(error(id_=2))])
    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.STRUCTURE, "priming event", "p-1"),
        (EventKind.OTHER, "notifications/progress", "1/3 at 1"),
        (EventKind.OTHER, "notifications/message", "info: counting"),
        (EventKind.OTHER, "notifications/progress", "2/3 at 2"),
        (EventKind.OTHER, "elicitation/create", '{"message":"?"}'),
        (EventKind.TERMINAL, "tools/call response", "Hello, wörld 👋"),
        (EventKind.ERROR, "tools/call response", "-32602: Unknown tool"),
    ]


def test_events_of_a_standing_stream_say_what_they_are() -> None:
    changed = event(notification("tools/list_changed"))
    events, _ = fold(
        McpDialect(), [ENDPOINT, changed, event(result(1, tools=[])), event(result(2))]
    )
    assert [(event.kind, event.type, event.text) for event in events] == [
        (EventKind.START, "endpoint", "/messages/?session_id=abc"),
        (EventKind.OTHER, "notifications/tools/list_changed", ""),
        (EventKind.OTHER, "response", '{"tools":[]}'),
        (EventKind.OTHER, "response", "{}"),
    ]


def test_message_is_the_content_of_the_results() -> None:
    contents = [
        {"type": "text", "text": "a"},
        {"type": "image", "data": "AAAA", "mimeType": "image/png"},
    ]
    ask = {"jsonrpc": "2.0", "id": 9, "method": "roots/list"}
    pieces = [event(ask), event(result(2, content=contents, structuredContent={"a": 1}))]
    assert folded(pieces, asked()).message() == Message(
        parts=(
            OtherPart("roots/list", "{}"),
            Text("a"),
            OtherPart("image", '{"type":"image","data":"AAAA","mimeType":"image/png"}'),
        )
    )


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"contents": [{"uri": "file:///a", "text": "a"}]}, (Text("a"),)),
        (
            {"contents": [{"uri": "file:///a", "blob": "AA"}]},
            (OtherPart("resource", '{"uri":"file:///a","blob":"AA"}'),),
        ),
        ({"tools": []}, (OtherPart("tools/list", '{"tools":[]}'),)),
        ({"structuredContent": {"a": 1}, "content": []}, None),
        ({}, ()),
    ],
)
def test_other_results(fields: dict[str, object], parts: tuple[object, ...] | None) -> None:
    found = folded([event(result(2, **fields))], asked("tools/list")).message().parts
    if parts is None:
        [part] = found
        assert isinstance(part, OtherPart)
        assert "structuredContent" in part.content
    else:
        assert found == parts


def test_the_server_names_itself() -> None:
    about = result(0, protocolVersion="2025-11-25", serverInfo={"name": "sandbox"})
    assert folded([event(about)], asked("initialize", 0)).message().model == "sandbox"


def test_first_error_is_the_error_of_the_stream() -> None:
    pieces = [event(error(id_=1)), event(error(-32601, "Method not found"))]
    assert folded(pieces, BATCH).message().error == StreamError("-32602", "Unknown tool")


@pytest.mark.parametrize(
    ("pieces", "body", "position", "missing"),
    [
        ([], asked(), "before the first event", ("response",)),
        ([PRIMING], asked(), "before the first event", ("response",)),
        (CALL[:2], asked(), "after message 2", ("response",)),
        (CALL, asked(), "after the response", ()),
        (CALL[:2], b"", "after message 2", ()),
    ],
)
def test_it_knows_where_it_stands(
    pieces: list[bytes], body: bytes, position: str, missing: tuple[str, ...]
) -> None:
    dialect = folded(pieces, body)
    assert (dialect.position, dialect.missing) == (position, missing)
    assert dialect.finished is not bool(missing)


def test_an_answer_without_any_event_lacks_its_response() -> None:
    dialect = dialect_at("/mcp", request_body=asked())
    assert dialect is not None
    assert rules(dialect.finish()) == [MCP_NO_RESPONSE]
    standing = dialect_at("/mcp")
    assert standing is not None
    assert standing.finish() == ()


def test_a_copy_goes_its_own_way() -> None:
    dialect = folded([PRIMING, *CALL[:3]], asked())
    copy = deepcopy(dialect)
    fold(copy, [CALL[3]])
    assert (dialect.missing, copy.missing) == (("response",), ())
    assert dialect.message() == Message()
    assert copy.message().text == "Hello, wörld 👋"


@pytest.mark.parametrize(
    ("piece", "recognised"),
    [
        (CALL[0], True),
        (CALL[3], True),
        (PRIMING, True),
        (ENDPOINT, True),
        (event([progress(1)]), True),
        (b"event: endpoint\ndata: hello\n\n", False),
        (b"data: \n\n", False),
        (b"id: 1\nevent: output\ndata: \n\n", False),
        (b"data: {}\n\n", False),
        (b"data: oops\n\n", False),
    ],
)
def test_it_is_recognised_by_its_shape(piece: bytes, recognised: bool) -> None:
    assert recognises(frames([piece])[0]) is recognised


def test_whole_response_is_read() -> None:
    assert whole_message(tool_result("a")) == Message(parts=(Text("a"),))
    assert whole_message([tool_result("a"), error()]) == Message(
        parts=(Text("a"),), error=StreamError("-32602", "Unknown tool")
    )
    assert whole_message(progress(1)) is None
    assert whole_message({"result": {}}) is None


NAMES = st.sampled_from(["id", "method", "params", "result", "error"])
INNER = st.dictionaries(
    st.sampled_from(["content", "contents", "isError", "progress", "progressToken", "serverInfo"]),
    payloads,
    max_size=3,
)


@given(st.lists(st.dictionaries(NAMES, payloads | INNER, max_size=4), max_size=5), st.booleans())
def test_any_payloads_fold(found: list[dict[str, object]], asks: bool) -> None:
    pieces = [event({"jsonrpc": "2.0", **payload}) for payload in found]
    dialect = folded(pieces, asked() if asks else b"")
    dialect.finish()
    assert dialect.position
    assert dialect.message().parts is not None
