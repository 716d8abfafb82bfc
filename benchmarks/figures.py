"""How figures are told: one row each, as a table."""

from __future__ import annotations

MIB = 1024 * 1024


def told(what: str, figure: str) -> None:
    """Prints a row of the table."""
    print(f"{what:<58} {figure:>14}", flush=True)


def ms(seconds: float) -> str:
    """So many seconds in milliseconds."""
    return f"{seconds * 1000:,.0f} ms"


def mib(size: int) -> str:
    """So many bytes in MiB."""
    return f"{size / MIB:,.0f} MiB"


def percentile(values: list[float], share: float) -> float:
    """The value below which so large a share of them is."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
