"""Times as a user writes them: seconds, the pace of events, and ages."""

from __future__ import annotations

import re

import click

_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0}
_NUMBER = r"(\d{1,9}(?:\.\d{1,9})?)"
_DURATION = re.compile(rf"{_NUMBER}\s*(ms|s|m|)", re.ASCII)
_AGE_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_AGE = re.compile(rf"{_NUMBER}\s*([smhdw])", re.ASCII)
_RATE = re.compile(rf"{_NUMBER}/s", re.ASCII)


def seconds_in(text: str) -> float | None:
    """The seconds of a duration such as ``2s``, ``1.5``, ``30ms`` or ``1m``; None if it is none."""
    found = _DURATION.fullmatch(text.strip())
    return float(found[1]) * _UNITS[found[2]] if found else None


class Duration(click.ParamType[float]):
    """Seconds, such as ``2s``, ``1.5``, ``30ms`` or ``1m``."""

    name = "SECONDS"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        seconds = seconds_in(str(value))
        if seconds is None:
            self.fail(f"found {value!r}; expected a time such as 2s, 1.5s or 30ms", param, ctx)
        return seconds


class Interval(click.ParamType[float]):
    """Seconds from one event to the next, as ``30ms`` or as a rate such as ``20/s``."""

    name = "N/s|SECONDS"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        text = str(value).strip()
        if (rate := _RATE.fullmatch(text)) and float(rate[1]) > 0:
            return 1 / float(rate[1])
        seconds = seconds_in(text)
        if seconds is None:
            self.fail(f"found {value!r}; expected a pace such as 20/s or 30ms", param, ctx)
        return seconds


class Age(click.ParamType[float]):
    """How long ago, such as ``30m``, ``12h``, ``7d`` or ``2w``, in seconds."""

    name = "AGE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The seconds. A number without a unit is refused: 7 might be meant as days."""
        found = _AGE.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"found {value!r}; expected a time such as 90s, 30m, 12h or 7d", param, ctx)
        return float(found[1]) * _AGE_UNITS[found[2]]
