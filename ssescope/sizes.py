"""Sizes in bytes as a user writes them."""

from __future__ import annotations

import re

import click

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE | re.ASCII)


class Size(click.ParamType[int | None]):
    """A number of bytes such as ``500M`` or ``2GiB``, units of 1,024; ``none`` is no limit."""

    name = "SIZE|none"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | None:
        text = str(value).strip()
        if text.lower() == "none":
            return None
        found = _SIZE.fullmatch(text)
        if found is None:
            self.fail(f"found {value!r}; expected a size such as 500M, 2GiB or none", param, ctx)
        return int(float(found[1]) * _UNITS[found[2].upper()])
