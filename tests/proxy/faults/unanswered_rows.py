"""Faults of the upstream after which the client gets the proxy's own answer."""

from __future__ import annotations

from captures.records import Ending
from tests.proxy.faults.canary import CHUNKED, chunk, head, with_length
from tests.proxy.faults.rows import Then, UpstreamRow, sends
from tests.proxy.wire import Script


def _refused(
    number: str, what: str, script: Script, *notes: tuple[str, str], method: str = "POST"
) -> UpstreamRow:
    """A row in which the upstream's answer is no HTTP that can be passed on."""
    return UpstreamRow(
        number,
        what,
        script,
        status=502,
        how=Ending.UPSTREAM_PROTOCOL,
        relayed=False,
        method=method,
        notes=(("refused_response", "Set-Cookie: [redacted"), *notes),
    )


UNANSWERED_ROWS = (
    UpstreamRow(
        "F02",
        "a name that does not resolve",
        sends(),
        status=502,
        how=Ending.UPSTREAM_DNS,
        relayed=False,
        host="no-such-host.invalid",
        why="no-such-host.invalid cannot be resolved",
    ),
    UpstreamRow(
        "F07",
        "closes a fresh connection without a byte",
        sends(then=Then.CLOSE),
        status=502,
        how=Ending.UPSTREAM_CLOSED,
        relayed=False,
    ),
    UpstreamRow(
        "F11",
        "resets before the head",
        sends(then=Then.RESET),
        status=502,
        how=Ending.UPSTREAM_RESET,
        relayed=False,
        why="reset the connection before it answered",
    ),
    UpstreamRow(
        "F11",
        "resets in the middle of the head",
        sends(CHUNKED[:-9], then=Then.RESET),
        status=502,
        how=Ending.UPSTREAM_RESET,
        relayed=False,
    ),
    UpstreamRow(
        "F07",
        "closes in the middle of the head",
        sends(CHUNKED[:-9], then=Then.CLOSE),
        status=502,
        how=Ending.UPSTREAM_CLOSED,
        relayed=False,
    ),
    _refused(
        "F18",
        "more than Content-Length in the head's segment",
        sends(with_length(b"12345") + b"more than was said"),
        ("extra_bytes", "18"),
    ),
    _refused(
        "F19",
        "a bad chunk size in the head's segment",
        sends(CHUNKED + chunk(b"data: good\n\n") + b"zz\r\nbad\r\n"),
        ("reduced_fidelity", "not understood"),
    ),
    _refused(
        "F23",
        "Transfer-Encoding beside Content-Length",
        sends(head(b"Transfer-Encoding: chunked", b"Content-Length: 3") + b"0\r\n\r\n"),
    ),
    _refused(
        "F23",
        "two Content-Lengths",
        sends(head(b"Content-Length: 3", b"Content-Length: 4") + b"abcd"),
    ),
    _refused(
        "F23",
        "a NUL in a field",
        sends(head(b"X-A: a\0b", b"Content-Length: 2") + b"ok"),
    ),
    _refused(
        "F23",
        "a status of two digits",
        sends(with_length(b"ok", status=b"HTTP/1.1 99 Odd")),
        ("reduced_fidelity", "not understood"),
    ),
    _refused(
        "F25",
        "a field of 70 KB",
        sends(with_length(b"ok", b"X-Long: " + b"a" * 70_000)),
    ),
    _refused(
        "F25",
        "more than 512 fields",
        sends(with_length(b"ok", *[b"X-%d: v" % number for number in range(600)])),
    ),
    _refused(
        "F29",
        "switches protocols unasked",
        sends(head(b"Upgrade: other", b"Connection: upgrade", status=b"HTTP/1.1 101 Switching")),
    ),
    _refused(
        "F23",
        "no HTTP at all",
        sends(b"SSH-2.0-OpenSSH_9.6\r\n" + head()),
        ("reduced_fidelity", "not understood"),
    ),
    _refused(
        "F27",
        "no content, and a body all the same",
        sends(head(b"Content-Length: 4", status=b"HTTP/1.1 204 No Content") + b"text"),
        ("extra_bytes", "4"),
    ),
    _refused(
        "F27",
        "an answer to HEAD with a body all the same",
        sends(with_length(b"surprise")),
        ("extra_bytes", "8"),
        method="HEAD",
    ),
)
