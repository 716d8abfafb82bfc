"""Whether a request that got an error status may be asked again, as the providers' SDKs see it.

After the SDKs of Anthropic and OpenAI: the ``x-should-retry`` header decides where it stands;
otherwise 408, 409, 429 and everything from 500 on are tried again, after what ``retry-after-ms``
or ``retry-after`` says.
"""

from __future__ import annotations

import re

from captures.records import Headers

RETRIED_STATUSES = frozenset({408, 409, 429})
OVERLOAD_STATUSES = frozenset({429, 503, 529})
"""Statuses with which a server says when to come back, if it is polite."""

MAX_SHOWN_VALUE = 60
"""Characters of a header's value that are shown."""

_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


def retry_words(status: int, headers: Headers) -> str:
    """What asking again would bring, in a few words.

    Args:
        status: an error status, 400 or above.
        headers: of the response.
    """
    fields = {name.lower(): value.strip() for name, value in reversed(headers)}
    told = fields.get("x-should-retry")
    again = status in RETRIED_STATUSES or status >= 500
    if told in {"true", "false"}:
        again = told == "true"
    if not again:
        return "SDKs do not ask again"
    when = _when(fields)
    if when:
        return f"SDKs ask again, {when}"
    if status in OVERLOAD_STATUSES:
        return "SDKs ask again, and no retry-after says when"
    return "SDKs ask again"


def _when(fields: dict[str, str]) -> str:
    if _NUMBER.fullmatch(milliseconds := fields.get("retry-after-ms", "")):
        return f"after {float(milliseconds) / 1000:g} s"
    value = fields.get("retry-after", "")
    if _NUMBER.fullmatch(value):
        return f"after {float(value):g} s"
    return f"after {' '.join(value.split())[:MAX_SHOWN_VALUE]}" if value else ""
