"""What a row of the matrix is, and the scripts that rows are made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from captures.records import Ending
from tests.proxy.faults.stage import taken
from tests.proxy.wire import Script, UpstreamSide


class Then(Enum):
    """What an upstream does after the last thing it has sent."""

    KEEP = auto()
    CLOSE = auto()
    RESET = auto()


def sends(*segments: bytes, then: Then = Then.KEEP) -> Script:
    """Sends each segment once the proxy has read the one before it."""

    async def script(side: UpstreamSide) -> None:
        for segment in segments:
            await side.send(segment)
            await taken(side)
        if then is Then.CLOSE:
            side.writer.close()
        elif then is Then.RESET:
            side.reset()

    return script


@dataclass(frozen=True, slots=True)
class UpstreamRow:
    """A fault of the upstream, and what has to come of it."""

    id: str
    what: str
    script: Script
    body: bytes = b""
    """Body bytes that the upstream sends, all of which the client has to get."""
    status: int = 200
    how: Ending = Ending.COMPLETE
    why: str = ""
    """Words in the end's reason."""
    relayed: bool = True
    """Whether the client gets the upstream's answer; else it gets the proxy's own."""
    notes: tuple[tuple[str, str], ...] = ()
    """Every note of the capture, with words of its text."""
    head: bytes = b""
    """Bytes that the client's head has to hold."""
    method: str = "POST"
    host: str = "127.0.0.1"
    """Name of the upstream's host."""

    def __str__(self) -> str:
        return f"{self.id} {self.what}".replace(" ", "-")
