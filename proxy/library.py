"""Whether the installed aiohttp is one that bytes can be entrusted to."""

from __future__ import annotations

import re

OLDEST, FIRST_UNKNOWN = (3, 14, 5), (3, 15)
"""The versions of pyproject.toml: before the first one upstreams can do harm, and the tap leans on
private names that are only known up to the other."""


class UnfitLibraryError(RuntimeError):
    """An aiohttp that the proxy does not run on. The message says what to do."""


def require_fit_aiohttp() -> None:
    """Looks at the installed aiohttp.

    Raises:
        UnfitLibraryError: when its version is out of range, or when it lacks its C parser, whose
            stand-in in pure Python is not safe enough.
    """
    import aiohttp  # noqa: PLC0415 - whoever only wants the error must not load it
    from aiohttp.http_parser import HttpRequestParser, HttpRequestParserPy  # noqa: PLC0415

    found = tuple(int(number) for number in re.findall(r"\d+", aiohttp.__version__)[:3])
    if not OLDEST <= found < FIRST_UNKNOWN:
        oldest, unknown = (".".join(map(str, version)) for version in (OLDEST, FIRST_UNKNOWN))
        raise UnfitLibraryError(
            f"aiohttp {aiohttp.__version__} is installed; expected {oldest} or later, below "
            f"{unknown}: install ssescope again, in an environment of its own"
        )
    if HttpRequestParser is HttpRequestParserPy:
        raise UnfitLibraryError(
            "aiohttp runs without its C parser; unset AIOHTTP_NO_EXTENSIONS if it is set, or run "
            "pip install --force-reinstall --only-binary aiohttp aiohttp"
        )
