"""aiohttp's exceptions in our words."""

from __future__ import annotations

from errno import ECONNREFUSED, ECONNRESET, EHOSTUNREACH, EPIPE
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from captures.records import Ending
from proxy.failures import failure_before_head, failure_in_body

KEY = Mock(spec=ConnectionKey, host="api.example", port=443, ssl=True)
CANARY = "canary-secret"
REQUEST = aiohttp.RequestInfo(
    URL(f"https://api.example/?key={CANARY}"),
    "POST",
    CIMultiDictProxy(CIMultiDict({"Authorization": CANARY})),
    URL(f"https://api.example/?key={CANARY}"),
)


@pytest.mark.parametrize(
    ("error", "how", "status", "words"),
    [
        (
            aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "Name unknown")),
            Ending.UPSTREAM_DNS,
            502,
            "api.example cannot be resolved",
        ),
        (
            aiohttp.ClientConnectorCertificateError(KEY, ValueError("bad")),
            Ending.UPSTREAM_TLS,
            502,
            "certificate of api.example",
        ),
        (
            aiohttp.ClientConnectorSSLError(KEY, OSError(1, "handshake")),
            Ending.UPSTREAM_TLS,
            502,
            "TLS handshake",
        ),
        (
            aiohttp.ClientConnectorError(KEY, OSError(ECONNREFUSED, "refused")),
            Ending.UPSTREAM_REFUSED,
            502,
            "api.example:443 refused the connection",
        ),
        (
            aiohttp.ClientConnectorError(KEY, OSError(EHOSTUNREACH, "No route to host")),
            Ending.UPSTREAM_REFUSED,
            502,
            "No route to host",
        ),
        (aiohttp.ConnectionTimeoutError(), Ending.UPSTREAM_TIMEOUT, 504, "in time"),
        (
            aiohttp.ServerDisconnectedError(CANARY),
            Ending.UPSTREAM_CLOSED,
            502,
            "without an answer",
        ),
        (
            aiohttp.ClientResponseError(REQUEST, (), message=CANARY),
            Ending.UPSTREAM_PROTOCOL,
            502,
            "not HTTP/1.1",
        ),
        (
            aiohttp.ClientOSError(ECONNRESET, CANARY),
            Ending.UPSTREAM_RESET,
            502,
            "reset the connection",
        ),
        (aiohttp.ClientOSError(EPIPE, CANARY), Ending.UPSTREAM_CLOSED, 502, "ClientOSError"),
    ],
)
def test_a_failure_before_the_head_names_its_cause_and_quotes_nobody(
    error: Exception, how: Ending, status: int, words: str
) -> None:
    failure = failure_before_head(error)
    assert (failure.how, failure.status) == (how, status)
    assert words in failure.message
    assert CANARY not in failure.message


@pytest.mark.parametrize(
    ("error", "lost_because", "how"),
    [
        (aiohttp.ClientPayloadError("not completed"), None, Ending.UPSTREAM_TRUNCATED),
        (
            aiohttp.ClientPayloadError("not completed"),
            ConnectionResetError(ECONNRESET, "reset"),
            Ending.UPSTREAM_RESET,
        ),
        (aiohttp.ClientOSError(ECONNRESET, "reset"), None, Ending.UPSTREAM_RESET),
        (aiohttp.SocketTimeoutError(), None, Ending.UPSTREAM_TIMEOUT),
        (aiohttp.ServerDisconnectedError(), None, Ending.UPSTREAM_TRUNCATED),
        (aiohttp.ClientPayloadError("400, bad chunk size"), None, Ending.UPSTREAM_PROTOCOL),
    ],
)
def test_a_body_that_breaks_off_is_told_by_its_cause(
    error: Exception, lost_because: BaseException | None, how: Ending
) -> None:
    assert failure_in_body(error, lost_because).how is how
