"""What went wrong with the upstream, told by aiohttp's exceptions. Never quotes peer bytes."""

from __future__ import annotations

from dataclasses import dataclass
from errno import ECONNREFUSED, ECONNRESET
from ssl import SSLCertVerificationError

import aiohttp

from captures.records import Ending


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure of the upstream."""

    how: Ending
    status: int
    """What the proxy answers in the upstream's place, while no head has been sent."""
    message: str


def failure_before_head(error: BaseException) -> Failure:
    """Why no response head came."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return Failure(Ending.UPSTREAM_DNS, 502, f"the name {error.host} cannot be resolved")
        case aiohttp.ClientConnectorCertificateError():
            return Failure(Ending.UPSTREAM_TLS, 502, _certificate_words(error))
        case aiohttp.ClientSSLError():
            return Failure(Ending.UPSTREAM_TLS, 502, "the TLS handshake with the upstream failed")
        case aiohttp.ClientConnectorError():
            return _not_connected(error)
        case aiohttp.ServerTimeoutError():
            return Failure(Ending.UPSTREAM_TIMEOUT, 504, "the upstream did not answer in time")
        case aiohttp.ServerDisconnectedError():
            message = "the upstream closed the connection without an answer"
            return Failure(Ending.UPSTREAM_CLOSED, 502, message)
        case aiohttp.ClientResponseError():
            return Failure(Ending.UPSTREAM_PROTOCOL, 502, "the upstream's answer is not HTTP/1.1")
        case OSError() if error.errno == ECONNRESET:
            message = "the upstream reset the connection before it answered"
            return Failure(Ending.UPSTREAM_RESET, 502, message)
        case _:
            message = f"the upstream could not be asked ({type(error).__name__})"
            return Failure(Ending.UPSTREAM_CLOSED, 502, message)


def failure_in_body(error: BaseException, lost_because: BaseException | None) -> Failure:
    """Why the response body broke off.

    Args:
        error: what reading the body raised.
        lost_because: what the transport gave as reason for the loss of the connection.
    """
    if isinstance(lost_because, OSError) or isinstance(error, aiohttp.ClientOSError):
        number = getattr(lost_because, "errno", None) or getattr(error, "errno", None)
        how = f"errno {number}" if number else type(lost_because or error).__name__
        return Failure(Ending.UPSTREAM_RESET, 502, f"the connection was reset ({how})")
    if isinstance(error, TimeoutError):
        return Failure(Ending.UPSTREAM_TIMEOUT, 504, "the upstream fell silent for too long")
    if isinstance(error, aiohttp.ClientPayloadError) and "not completed" in str(error):
        message = "the connection was closed before the end of the body"
        return Failure(Ending.UPSTREAM_TRUNCATED, 502, message)
    if isinstance(error, aiohttp.ClientConnectionError):
        message = "the connection was closed before the end of the body"
        return Failure(Ending.UPSTREAM_TRUNCATED, 502, message)
    return Failure(Ending.UPSTREAM_PROTOCOL, 502, "the body is not framed as HTTP/1.1 demands")


def _not_connected(error: aiohttp.ClientConnectorError) -> Failure:
    where = f"{error.host}:{error.port}"
    number = error.os_error.errno
    if number == ECONNREFUSED:
        return Failure(Ending.UPSTREAM_REFUSED, 502, f"{where} refused the connection")
    reason = error.os_error.strerror or type(error.os_error).__name__
    return Failure(Ending.UPSTREAM_REFUSED, 502, f"{where} cannot be reached: {reason}")


def _certificate_words(error: aiohttp.ClientConnectorCertificateError) -> str:
    cause = error.certificate_error
    if isinstance(cause, SSLCertVerificationError):
        return f"the certificate of {error.host} is not valid: {cause.verify_message}"
    return f"the certificate of {error.host} is not valid"
