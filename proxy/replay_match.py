"""Which recorded exchange answers a request. Pure but for the turns it keeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote_plus

from captures.redact import PLACEHOLDER, is_secret_query_name
from proxy.replay_exchange import SavedExchange, plain

MAX_SHOWN_TARGET = 200


class MatchedBy(StrEnum):
    """Why a recorded exchange was chosen."""

    BODY = "same body"
    ORDER = "other body, next in recorded order"


@dataclass(frozen=True, slots=True)
class Choice:
    """The exchange that answers, and why this one."""

    exchange: SavedExchange
    matched_by: MatchedBy


class Turns:
    """Chooses the exchange for each request and remembers whose turn is next. Mutable.

    Exchanges of the asked method and target whose request body is the same are served one
    after the other in recorded order; after the last comes the first again. Where no body is
    the same, as when an SDK sends fields that change from call to call, the one recorded after
    the last served of this method and target comes next, in the same endless round.
    """

    def __init__(self, exchanges: Iterable[SavedExchange]) -> None:
        self._exchanges = tuple(exchanges)
        self._places: dict[tuple[str, str], list[int]] = defaultdict(list)
        for index, exchange in enumerate(self._exchanges):
            self._places[exchange.method, _path_of(exchange.target)].append(index)
        self._last_of_group: dict[tuple[int, ...], int] = {}

    def choose(self, method: str, target: str, key: bytes) -> Choice | None:
        """The exchange whose turn it is, or None where nothing of this place is recorded.

        Args:
            method: as sent; upper and lower case differ.
            target: path and query as sent.
            key: the `body_key` of the request body.
        """
        place = tuple(
            index
            for index in self._places.get((method, _path_of(target)), ())
            if target_matches(self._exchanges[index].target, target)
        )
        if not place:
            return None
        same_body = tuple(i for i in place if self._exchanges[i].body_key == key)
        index = self._next_of(same_body or place)
        self._last_of_group[place] = index
        if same_body:
            self._last_of_group[same_body] = index
        matched_by = MatchedBy.BODY if same_body else MatchedBy.ORDER
        return Choice(self._exchanges[index], matched_by)

    def _next_of(self, group: tuple[int, ...]) -> int:
        last = self._last_of_group.get(group, -1)
        return next((index for index in group if index > last), group[0])


def target_matches(recorded: str, asked: str) -> bool:
    """Whether path and query are the same; a redacted value equals any of its parameter."""
    recorded_path, _, recorded_query = recorded.partition("?")
    asked_path, _, asked_query = asked.partition("?")
    recorded_pairs, asked_pairs = recorded_query.split("&"), asked_query.split("&")
    return (
        recorded_path == asked_path
        and len(recorded_pairs) == len(asked_pairs)
        and all(map(_pair_matches, recorded_pairs, asked_pairs))
    )


def shown_target(target: str) -> str:
    """A target for people: secret query values left out, plain ASCII, of limited length."""
    path, mark, query = target.partition("?")
    shown = path + mark + "&".join(_shown_pair(pair) for pair in query.split("&"))
    shown = plain(shown)
    return shown if len(shown) <= MAX_SHOWN_TARGET else shown[:MAX_SHOWN_TARGET] + "..."


def _path_of(target: str) -> str:
    return target.partition("?")[0]


def _pair_matches(recorded: str, asked: str) -> bool:
    recorded_name, _, recorded_value = recorded.partition("=")
    asked_name, equals, _ = asked.partition("=")
    return recorded == asked or (
        bool(equals)
        and recorded_name == asked_name
        and PLACEHOLDER.fullmatch(recorded_value) is not None
    )


def _shown_pair(pair: str) -> str:
    name, _, value = pair.partition("=")
    return f"{name}=[redacted]" if value and is_secret_query_name(unquote_plus(name)) else pair
