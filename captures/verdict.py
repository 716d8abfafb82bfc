"""The verdict: what became of an exchange, in one line. First on every face."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from captures.exchange import Exchange
from captures.findings.network import NO_EVENT
from captures.leave_point import Leave
from captures.records import End, Ending
from captures.sse import FrameKind
from captures.stream_point import StreamPoint


class Outcome(StrEnum):
    """The kinds of verdict. Faces give each a colour and a sign, never a colour alone."""

    LIVE = "live"
    COMPLETE = "complete"
    CUT_OFF = "cut off"
    """Whole on the wire, but a limit, a filter or a failure stopped the model."""
    CLIENT_LEFT = "client left"
    BROKEN = "broken"
    """The connection, the recorder or the proxy failed before the end."""
    INCOMPLETE = "incomplete"
    """A clean end on the wire, but the terminal event or the stop reason is missing."""
    ERROR = "error"
    """The upstream answered with an error, in its status or in the stream."""


SIGNS = {
    Outcome.LIVE: "●",
    Outcome.COMPLETE: "✓",
    Outcome.CUT_OFF: "✂",
    Outcome.CLIENT_LEFT: "←",
    Outcome.BROKEN: "✗",
    Outcome.INCOMPLETE: "?",
    Outcome.ERROR: "!",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an exchange."""

    outcome: Outcome
    headline: str
    """One line. Peer text in it is not yet made safe for a terminal."""

    @property
    def sign(self) -> str:
        """One character that tells the outcome without colour."""
        return SIGNS[self.outcome]


def verdict_of(exchange: Exchange) -> Verdict:
    """The verdict on an exchange as far as it has come."""
    if exchange.interrupted:
        return Verdict(
            Outcome.BROKEN, f"recording interrupted {_position(exchange)}, no end record"
        )
    if exchange.end is None:
        return _live(exchange)
    return _ended(exchange, exchange.end)


def _live(exchange: Exchange) -> Verdict:
    if exchange.head is None:
        return Verdict(Outcome.LIVE, "waiting for the response head")
    reason = exchange.message().stop_reason
    if reason is not None:
        return Verdict(Outcome.LIVE, f"streaming · {reason}")
    return Verdict(Outcome.LIVE, f"streaming · {_position(exchange)}")


def _ended(exchange: Exchange, end: End) -> Verdict:
    finished = exchange.dialect is not None and exchange.dialect.finished
    error = exchange.message().error
    if exchange.leave is not None and exchange.leave.point is not StreamPoint.AFTER_END:
        return _client_left(exchange, exchange.leave, end)
    cut_by_proxy = end.how in {Ending.PROXY_SHUTDOWN, Ending.PROXY_ERROR} and not finished
    if exchange.head is None or cut_by_proxy:
        return _not_forwarded(exchange, end)
    if exchange.head.status >= 400:
        status = f"HTTP {exchange.head.status}"
        words = f"{error.type}: {error.message}" if error else exchange.head.reason
        return Verdict(Outcome.ERROR, f"{status} · {words}".rstrip(" ·"))
    if error is not None:
        headline = f"error in the stream · {error.type}: {error.message}"
        return Verdict(Outcome.ERROR, headline)
    if end.how.value.startswith("upstream_"):
        return _upstream_broke(exchange, end)
    return _whole(exchange)


def _client_left(exchange: Exchange, leave: Leave, end: End) -> Verdict:
    verb = "client left" if end.how is Ending.CLIENT_LEFT else "client reset the connection"
    position = leave.position
    if exchange.dialect is not None and exchange.dialect.stop_reason_name in leave.missed:
        position = f"{position}, before {exchange.dialect.stop_reason_name}"
    missed = f": missed {', '.join(leave.missed)}" if leave.missed else ""
    return Verdict(Outcome.CLIENT_LEFT, f"{verb} {position}{missed}")


def _not_forwarded(exchange: Exchange, end: End) -> Verdict:
    words = end.how.value.replace("_", " ")
    if exchange.head is not None:
        words = f"{words} {_position(exchange)}"
    return Verdict(Outcome.BROKEN, f"{words} · {end.why}" if end.why else words)


def _upstream_broke(exchange: Exchange, end: End) -> Verdict:
    verb = "upstream reset" if end.how is Ending.UPSTREAM_RESET else "upstream cut"
    last = exchange.events[-1].frame.kind if exchange.events else None
    if exchange.dialect is not None and exchange.dialect.finished:
        whole = _whole(exchange)
        return Verdict(whole.outcome, f"{whole.headline} · then {verb} the connection")
    where = "mid-event" if last is FrameKind.UNFINISHED else _position(exchange)
    return Verdict(Outcome.BROKEN, f"{verb} {where} after {end.time:.1f} s")


def _whole(exchange: Exchange) -> Verdict:
    message = exchange.message()
    for answer in (message, *message.alternatives):
        if answer.cut_off:
            return Verdict(Outcome.CUT_OFF, f"CUT OFF · {answer.stop_reason}")
    if exchange.dialect is not None and not exchange.dialect.may_end:
        if exchange.stream_has_gap:
            lost = sum(gap.size for gap in exchange.gaps)
            return Verdict(Outcome.INCOMPLETE, f"recorded in part: {lost} bytes were not kept")
        missing = ", ".join(exchange.dialect.missing)
        return Verdict(Outcome.INCOMPLETE, f"ended {_position(exchange)}: no {missing}")
    if any(finding.rule == NO_EVENT for finding in exchange.findings):
        return Verdict(Outcome.INCOMPLETE, "ended without an event")
    messages = exchange.messages()
    if any(earlier.stop_reason is None for earlier in messages[:-1]):
        spliced = f"{len(messages)} messages in one stream, not all of them ended"
        return Verdict(Outcome.INCOMPLETE, spliced)
    return Verdict(Outcome.COMPLETE, _complete(exchange))


def _complete(exchange: Exchange) -> str:
    messages = exchange.messages()
    reason = messages[-1].stop_reason
    if reason is not None:
        others = f" · the last of {len(messages)} messages" if len(messages) > 1 else ""
        return f"complete · {reason}{others}"
    status = f"HTTP {exchange.head.status}" if exchange.head else ""
    return f"complete · {status}"


def _position(exchange: Exchange) -> str:
    if exchange.dialect is not None:
        return exchange.dialect.position
    if exchange.body.size:
        return f"{exchange.body.size:,} bytes into the body"
    return "before the first byte" if exchange.head else "before the response head"
