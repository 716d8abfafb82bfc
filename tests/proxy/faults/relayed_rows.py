"""Faults of the upstream after which the client gets what there was of its answer."""

from __future__ import annotations

import gzip

from captures.records import Ending
from tests.proxy.faults.canary import CHUNKED, LAST, chunk, head, with_length
from tests.proxy.faults.rows import Then, UpstreamRow, sends
from tests.proxy.streams import EVENTS

EVENT = b"event: a\ndata: 1\n\n"
ZIPPED = gzip.compress(EVENT * 40)
_GZIP = (b"Content-Type: text/event-stream", b"Content-Encoding: gzip")


CUT_ROWS = (
    UpstreamRow(
        "F12",
        "closes after a whole chunk without the last one",
        sends(CHUNKED, chunk(EVENT), chunk(EVENT), then=Then.CLOSE),
        EVENT * 2,
        how=Ending.UPSTREAM_TRUNCATED,
    ),
    UpstreamRow(
        "F13",
        "closes in the middle of a chunk",
        sends(CHUNKED, chunk(EVENT), chunk(EVENT)[:12], then=Then.CLOSE),
        EVENT + EVENT[:8],
        how=Ending.UPSTREAM_TRUNCATED,
    ),
    UpstreamRow(
        "F13",
        "closes in the middle of a chunk size",
        sends(CHUNKED, chunk(EVENT), b"1", then=Then.CLOSE),
        EVENT,
        how=Ending.UPSTREAM_TRUNCATED,
    ),
    UpstreamRow(
        "F14",
        "closes without the empty line after the last chunk",
        sends(CHUNKED, chunk(EVENT), b"0\r\n", then=Then.CLOSE),
        EVENT,
        how=Ending.UPSTREAM_TRUNCATED,
    ),
    UpstreamRow(
        "F15",
        "resets in the middle of an event",
        sends(CHUNKED, chunk(EVENT), chunk(b"event: b\nda"), then=Then.RESET),
        EVENT + b"event: b\nda",
        how=Ending.UPSTREAM_RESET,
        why="errno 104",
    ),
    UpstreamRow(
        "F15",
        "resets after the head",
        sends(CHUNKED, then=Then.RESET),
        how=Ending.UPSTREAM_RESET,
    ),
    UpstreamRow(
        "F15",
        "resets a body that ends with its connection",
        sends(head(), EVENT, then=Then.RESET),
        EVENT,
        how=Ending.UPSTREAM_RESET,
    ),
    UpstreamRow(
        "F17",
        "closes short of its Content-Length",
        sends(head(b"Content-Length: 50"), b"123456789", then=Then.CLOSE),
        b"123456789",
        how=Ending.UPSTREAM_TRUNCATED,
        head=b"\r\nContent-Length: 50\r\n",
    ),
    UpstreamRow(
        "F20",
        "a bad chunk size after good chunks",
        sends(CHUNKED, chunk(EVENT), b"zz\r\nbad\r\n"),
        EVENT,
        how=Ending.UPSTREAM_PROTOCOL,
        notes=(("reduced_fidelity", ""),),
    ),
    UpstreamRow(
        "F20",
        "a bad chunk size in the segment of a good chunk",
        sends(CHUNKED, chunk(EVENT) + b"zz\r\nbad\r\n"),
        EVENT,
        how=Ending.UPSTREAM_PROTOCOL,
        notes=(("reduced_fidelity", ""),),
    ),
)

UNUSUAL_ROWS = (
    UpstreamRow(
        "F18",
        "bytes behind the last chunk",
        sends(CHUNKED, chunk(EVENT) + LAST + b"left over"),
        EVENT,
        notes=(("extra_bytes", "9"),),
    ),
    UpstreamRow(
        "F21",
        "a body that ends with its connection",
        sends(head(b"Connection: close"), EVENT, EVENT, then=Then.CLOSE),
        EVENT * 2,
        head=b"Transfer-Encoding: chunked",
    ),
    UpstreamRow(
        "F22",
        "an HTTP/1.0 answer",
        sends(head(status=b"HTTP/1.0 200 OK"), EVENT, then=Then.CLOSE),
        EVENT,
        head=b"HTTP/1.1 200 OK",
    ),
    UpstreamRow(
        "F24",
        "an escape in a field and in the reason",
        sends(with_length(b"ok", b"X-A: \x1b[2J", status=b"HTTP/1.1 200 O\x1b[31mK")),
        b"ok",
        head=b"X-A: \x1b[2J\r\n",
    ),
    UpstreamRow(
        "F25",
        "a field of 9 KB",
        sends(with_length(b"ok", b"X-Long: " + b"a" * 9_000)),
        b"ok",
        head=b"X-Long: " + b"a" * 9_000,
    ),
    UpstreamRow(
        "F25",
        "a field of 60 KB",
        sends(with_length(b"ok", b"X-Long: " + b"a" * 60_000)),
        b"ok",
        head=b"X-Long: " + b"a" * 60_000,
    ),
    UpstreamRow(
        "F25",
        "500 fields",
        sends(with_length(b"ok", *[b"X-%d: v" % number for number in range(500)])),
        b"ok",
        head=b"X-499: v\r\n",
    ),
    UpstreamRow(
        "F26",
        "bytes in fields that are no UTF-8",
        sends(with_length(b"ok", b"X-Latin: caf\xe9 \x80\xff")),
        b"ok",
        head=b"X-Latin: caf\xe9 \x80\xff\r\n",
    ),
    UpstreamRow(
        "F28",
        "early hints before the answer",
        sends(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", CHUNKED, chunk(EVENT) + LAST),
        EVENT,
        notes=(("dropped_interim_responses", "103"),),
    ),
    UpstreamRow(
        "F31",
        "a gzipped stream",
        sends(
            head(*_GZIP, b"Transfer-Encoding: chunked"), chunk(ZIPPED[:9]), chunk(ZIPPED[9:]), LAST
        ),
        ZIPPED,
        head=b"Content-Encoding: gzip",
    ),
    UpstreamRow(
        "F32",
        "garbage said to be gzipped",
        sends(with_length(b"this was never zipped", *_GZIP)),
        b"this was never zipped",
    ),
    UpstreamRow(
        "F32",
        "a gzipped stream that lacks its end",
        sends(with_length(ZIPPED[:-12], *_GZIP)),
        ZIPPED[:-12],
    ),
    UpstreamRow(
        "F32",
        "two gzipped streams in one body",
        sends(with_length(ZIPPED + ZIPPED, *_GZIP)),
        ZIPPED + ZIPPED,
    ),
    UpstreamRow(
        "F39",
        "bytes that are no UTF-8",
        sends(CHUNKED, chunk(b"data: \xff\xfe\xc3(\n\n") + chunk(b"data: \0\n\n") + LAST),
        b"data: \xff\xfe\xc3(\n\ndata: \0\n\n",
    ),
    UpstreamRow(
        "F39",
        "a byte order mark first and later",
        sends(CHUNKED, chunk(b"\xef\xbb"), chunk(b"\xbfdata: 1\r\xef\xbb\xbfdata: 2\r\r"), LAST),
        b"\xef\xbb\xbfdata: 1\r\xef\xbb\xbfdata: 2\r\r",
    ),
    UpstreamRow(
        "F39",
        "line ends and characters cut in two",
        sends(
            CHUNKED,
            chunk(b"data: 1\r"),
            chunk(b"\n\r\ndata: \xf0\x9f"),
            chunk(b"\x8c\x8a\n\n"),
            LAST,
        ),
        b"data: 1\r\n\r\ndata: \xf0\x9f\x8c\x8a\n\n",
    ),
    UpstreamRow(
        "F40",
        "a rate limit",
        sends(with_length(b'{"error":1}', b"Retry-After: 7", status=b"HTTP/1.1 429 Too Many")),
        b'{"error":1}',
        status=429,
        head=b"\r\nRetry-After: 7\r\n",
    ),
    UpstreamRow(
        "F40",
        "a status of the provider's own",
        sends(with_length(b'{"error":1}', b"retry-after: 9", status=b"HTTP/1.1 529 ")),
        b'{"error":1}',
        status=529,
        head=b"HTTP/1.1 529 \r\n",
    ),
    UpstreamRow(
        "F40",
        "an error event in the stream",
        sends(CHUNKED, chunk(EVENT), chunk(b'event: error\ndata: {"type":"error"}\n\n') + LAST),
        EVENT + b'event: error\ndata: {"type":"error"}\n\n',
    ),
    UpstreamRow(
        "F41",
        "trailers and chunk extensions",
        sends(
            head(b"Trailer: X-T", b"Transfer-Encoding: chunked"),
            b"3;a=b\r\nabc\r\n",
            b"0\r\nX-T: 1\r\n\r\n",
        ),
        b"abc",
        notes=(("dropped_trailers", "X-T"), ("dropped_chunk_extensions", "a=b")),
    ),
    UpstreamRow(
        "F31",
        "a plain stream, as the measure of the others",
        sends(CHUNKED, *map(chunk, EVENTS), LAST),
        b"".join(EVENTS),
    ),
)

BODILESS_ROWS = (
    UpstreamRow(
        "F27",
        "no content",
        sends(head(status=b"HTTP/1.1 204 No Content")),
        status=204,
    ),
    UpstreamRow(
        "F27",
        "not modified, with a Content-Length",
        sends(head(b"Content-Length: 5", status=b"HTTP/1.1 304 Not Modified")),
        status=304,
        head=b"Content-Length: 5",
    ),
    UpstreamRow(
        "F27",
        "an answer to HEAD",
        sends(head(b"Content-Length: 999")),
        head=b"Content-Length: 999",
        method="HEAD",
    ),
)
