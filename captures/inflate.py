"""Undoes the content coding of a body, piece by piece and bounded. For display only."""

from __future__ import annotations

import zlib
from typing import Protocol

import brotli
import zstandard

MAX_INFLATED_SIZE = 256 * 1024 * 1024
"""Decoded bytes after which a body is taken for a bomb."""

_PIECE_SIZE = 1024 * 1024


class NotInflatableError(ValueError):
    """The bytes are not what the content coding says, or decode to too much."""


class Inflater(Protocol):
    """Decodes one body. Feed it the pieces in order."""

    def feed(self, data: bytes) -> bytes:
        """The decoded bytes these bytes complete.

        Raises:
            NotInflatableError: on bytes that do not decode, or too many decoded ones.
        """


def inflater_for(content_encoding: str) -> Inflater:
    """The inflater for a Content-Encoding value (RFC 9110, section 8.4).

    Raises:
        NotInflatableError: when the coding is unknown, or several are stacked.
    """
    coding = content_encoding.strip().lower()
    if coding in {"", "identity"}:
        return _Identity()
    if coding in {"gzip", "x-gzip"}:
        return _Zlib(31)
    if coding == "deflate":
        return _Zlib(15)
    if coding == "br":
        return _Brotli()
    if coding == "zstd":
        return _Zstandard()
    raise NotInflatableError(f"the content coding {content_encoding!r} is not known")


class _Identity:
    def feed(self, data: bytes) -> bytes:
        return data


class _Bounded:
    """Counts decoded bytes against the limit."""

    def __init__(self) -> None:
        self._size = 0

    def _count(self, piece: bytes) -> bytes:
        self._size += len(piece)
        if self._size > MAX_INFLATED_SIZE:
            raise NotInflatableError(f"it decodes to more than {MAX_INFLATED_SIZE} bytes")
        return piece


class _Zlib(_Bounded):
    def __init__(self, window_bits: int) -> None:
        super().__init__()
        self._window_bits = window_bits
        self._decompressor = zlib.decompressobj(window_bits)

    def feed(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        try:
            while data:
                pieces.append(self._count(self._decompressor.decompress(data, _PIECE_SIZE)))
                data = self._decompressor.unconsumed_tail
                if self._decompressor.eof:
                    # RFC 1952, section 2.2: a gzip file is a series of members.
                    data = self._decompressor.unused_data
                    self._decompressor = zlib.decompressobj(self._window_bits)
        except zlib.error as error:
            raise NotInflatableError(str(error)) from None
        return b"".join(pieces)


class _Brotli(_Bounded):
    def __init__(self) -> None:
        super().__init__()
        self._decompressor = brotli.Decompressor()

    def feed(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        try:
            piece = self._decompressor.process(data, output_buffer_limit=_PIECE_SIZE)
            pieces.append(self._count(piece))
            # Output may wait although the library would take more input.
            while piece or not self._decompressor.can_accept_more_data():
                piece = self._decompressor.process(b"", output_buffer_limit=_PIECE_SIZE)
                pieces.append(self._count(piece))
        except brotli.error as error:
            raise NotInflatableError(str(error)) from None
        return b"".join(pieces)


class _Zstandard(_Bounded):
    _SLICE = 4096
    """Bytes decoded at once: the library bounds no output, so the input is cut instead."""

    def __init__(self) -> None:
        super().__init__()
        # RFC 8878, section 3.1: a body is a series of frames.
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj(
            read_across_frames=True
        )

    def feed(self, data: bytes) -> bytes:
        try:
            return b"".join(
                self._count(self._decompressor.decompress(data[start : start + self._SLICE]))
                for start in range(0, len(data), self._SLICE)
            )
        except (zstandard.ZstdError, EOFError) as error:
            raise NotInflatableError(str(error)) from None
