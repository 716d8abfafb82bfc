"""Takes the content coding off a body, so that faults find its text."""

from __future__ import annotations

from collections.abc import Iterable

from captures.faults.harm import AnswerHead, Ending, Harm, Send, Step, Stop
from captures.inflate import Inflater, NotInflatableError, inflater_for


def without_coding() -> Harm:
    """The body as its Content-Encoding decodes it, in as many pieces, and a head without it.

    A coding that is not known stays. Bytes that do not decode end the answer, as the text of
    what is behind them cannot be known.
    """
    inflater: Inflater | None = None

    def head(found: AnswerHead) -> AnswerHead:
        nonlocal inflater
        codings = [value for name, value in found.headers if name.lower() == "content-encoding"]
        try:
            inflater = inflater_for(", ".join(codings)) if codings else None
        except NotInflatableError:
            inflater = None
        return found if inflater is None else found.without_header("content-encoding")

    def feed(data: bytes) -> Iterable[Step]:
        if inflater is None:
            return [Send(data)]
        try:
            decoded = inflater.feed(data)
        except NotInflatableError:
            return [Stop(Ending.CLOSE)]
        return [Send(decoded)] if decoded else []

    return Harm(feed, head=head)
