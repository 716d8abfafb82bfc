"""Durations as a user writes them."""

from __future__ import annotations

import re

import click

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([smhdw])", re.IGNORECASE | re.ASCII)


class Duration(click.ParamType[float]):
    """A time such as ``90s``, ``30m``, ``12h``, ``7d`` or ``2w``, in seconds."""

    name = "DURATION"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The seconds. A number without a unit is refused, as it would be guessed at."""
        found = _DURATION.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"found {value!r}; expected a time such as 90s, 30m, 12h or 7d", param, ctx)
        return float(found[1]) * _UNITS[found[2].lower()]
