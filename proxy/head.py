"""The response head as the client gets it: the upstream's, in its order, case and bytes."""

from __future__ import annotations

from aiohttp import web
from aiohttp.http_writer import StreamWriter
from multidict import CIMultiDict

from proxy.cors import Fields, is_replaced
from proxy.headers import RawHeaders, end_to_end


class ForwardedResponse(web.StreamResponse):
    """A response that adds no field of its own but the framing of this connection.

    For a web page that may read it the fields of CORS stand in the place of the upstream's.
    """

    def __init__(
        self, status: int, reason: str, raw_headers: RawHeaders, cors: Fields = ()
    ) -> None:
        fields = end_to_end(raw_headers)
        if cors:
            kept = [field for field in fields if not is_replaced(field[0].decode("latin-1"))]
            fields = (*kept, *((name.encode(), value.encode()) for name, value in cors))
        lengths = [value for name, value in fields if name.lower() == b"content-length"]
        framing = {"Content-Length": lengths[0].decode("latin-1")} if lengths else {}
        super().__init__(status=status, reason=reason, headers=CIMultiDict(framing))
        self._forwarded = fields

    async def _write_headers(self) -> None:
        """Writes the forwarded fields in place of the ones aiohttp has put together."""
        request, writer = self._req, self._payload_writer
        assert request is not None  # noqa: S101 - aiohttp sets both before this call
        assert isinstance(writer, StreamWriter)  # noqa: S101
        major, minor = request.version
        status_line = f"HTTP/{major}.{minor} {self.status} {self.reason}"
        lines = [status_line.encode("utf-8", "surrogateescape")]
        lines += [name + b": " + value for name, value in self._forwarded]
        lines += [
            f"{name}: {self.headers[name]}".encode("latin-1")
            for name in ("Transfer-Encoding", "Connection")
            if name in self.headers
        ]
        writer._headers_buf = b"\r\n".join([*lines, b"", b""])  # noqa: SLF001
        writer._headers_written = False  # noqa: SLF001
        writer.send_headers()
