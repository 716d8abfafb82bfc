"""Which recorded exchange answers a request. Pure but for the turns it keeps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus

from captures.redact import PLACEHOLDER, is_secret_query_name
from proxy.replay_exchange import Asked, PlainStream, SavedExchange, Served, plain

MAX_SHOWN_TARGET = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """What answers a request."""

    served: Served
    repeated: bool
    """Whether it has answered the same request before, because nothing was recorded after it."""


class Shelf:
    """What is served, in recorded order, found by request. Does not change once it is made."""

    def __init__(
        self, exchanges: Iterable[SavedExchange] = (), streams: Iterable[PlainStream] = ()
    ) -> None:
        self.exchanges = tuple(exchanges)
        self.streams = tuple(streams)
        self._by_request: dict[Hashable, list[SavedExchange]] = defaultdict(list)
        for exchange in self.exchanges:
            if exchange.body is not None:
                for target in exchange.targets:
                    path = target.partition("?")[0]
                    self._by_request[exchange.method, path, exchange.body.key].append(exchange)

    def answers_to(self, asked: Asked) -> Sequence[Served]:
        """What was recorded for this request, or what serves any POST."""
        path = asked.target.partition("?")[0]
        recorded = self._by_request.get((asked.method, path, asked.key), ())
        matching = [exchange for exchange in recorded if answers_to_target(exchange, asked.target)]
        if matching:
            return matching
        return self.streams if asked.method == "POST" else ()


class Turns:
    """Remembers whose turn is next. Mutable.

    The first request of its kind gets what was recorded first, the next what was recorded next,
    and all further ones the last.
    """

    def __init__(self) -> None:
        self._taken: Counter[Hashable] = Counter()

    def next_of(self, answers: Sequence[Served]) -> Choice:
        """The one whose turn it is among those that answer the same request, which are some."""
        place = answers[0].path
        taken = self._taken[place]
        self._taken[place] += 1
        return Choice(answers[min(taken, len(answers) - 1)], repeated=taken >= len(answers))

    def are_over(self, answers: Sequence[Served]) -> bool:
        """Whether each of these has had its turn."""
        return bool(answers) and self._taken[answers[0].path] >= len(answers)


def answers_to_target(exchange: SavedExchange, asked: str) -> bool:
    """Whether an exchange was recorded for this path and query, its mount's prefix left out."""
    return any(same_target(target, asked) for target in exchange.targets)


def same_target(recorded: str, asked: str) -> bool:
    """Whether path and query are the same, whatever the order of the query.

    Parameters that are secret by their name, or were redacted in the recording, do not count.
    Those of one name count in their order.
    """
    if recorded == asked:
        return True
    recorded_path, recorded_pairs = _parsed(recorded)
    asked_path, asked_pairs = _parsed(asked)
    ignored = {name for name, value in recorded_pairs if PLACEHOLDER.fullmatch(value)}
    return recorded_path == asked_path and (
        _counting(recorded_pairs, ignored) == _counting(asked_pairs, ignored)
    )


def shown_target(target: str) -> str:
    """A target for people: secret query values left out, plain ASCII, of limited length."""
    path, mark, query = target.partition("?")
    shown = path + mark + "&".join(_shown_pair(pair) for pair in query.split("&"))
    shown = plain(shown)
    return shown if len(shown) <= MAX_SHOWN_TARGET else shown[:MAX_SHOWN_TARGET] + "..."


def _parsed(target: str) -> tuple[str, list[tuple[str, str]]]:
    path, _, query = target.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return path, [(name, value) for name, _, value in pairs]


def _counting(pairs: list[tuple[str, str]], ignored: set[str]) -> list[tuple[str, str]]:
    counting = [
        (name, value)
        for name, value in pairs
        if name not in ignored and not is_secret_query_name(unquote_plus(name))
    ]
    return sorted(counting, key=lambda pair: pair[0])


def _shown_pair(pair: str) -> str:
    name, _, value = pair.partition("=")
    return f"{name}=[redacted]" if value and is_secret_query_name(unquote_plus(name)) else pair
