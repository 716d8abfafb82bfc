"""A streamed response that sends what it is given, chunk by chunk, and nothing of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import anyio
from sse_starlette import EventSourceResponse
from starlette.types import Message, Send


class ExactStream(EventSourceResponse):
    """An `EventSourceResponse` without pings, added headers or process-wide state.

    Each item becomes one HTTP chunk. The iterator is cancelled when the client leaves. Raising
    `ConnectionCut` from it ends the connection without the final chunk.
    """

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        *,
        status_code: int = 200,
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(chunks, status_code=status_code, ping=0)
        self.raw_headers = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]

    @staticmethod
    async def _listen_for_exit_signal() -> None:
        # The original starts a task that polls uvicorn's exit flag for as long as the loop
        # runs, and a flag once set would cut every later stream of the process.
        await anyio.sleep_forever()

    async def _send_with_timeout(self, send: Send, message: Message) -> None:
        # There is no timeout, and the original's cancel scope costs as much as the sending.
        await send(message)
