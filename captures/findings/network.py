"""NET: what can go wrong with connections, statuses, codings and the capture itself."""

from __future__ import annotations

from captures.findings.rule import Level, Rule

UPSTREAM_BROKE = Rule(
    "NET001",
    Level.ERROR,
    "the upstream broke the connection",
    "The answer is incomplete. Most clients raise nothing here: compare what they kept.",
)
CLIENT_LEFT_EARLY = Rule(
    "NET002",
    Level.WARNING,
    "the client left before the end of the stream",
    "Read the stream to its terminal event; leaving early loses the stop reason and the usage.",
)
NOT_ANSWERED = Rule(
    "NET003",
    Level.ERROR,
    "the upstream could not be asked",
    "The proxy answered in its place. The cause stands in the capture's end record.",
)
BYTES_NOT_KEPT = Rule(
    "NET004",
    Level.WARNING,
    "part of the stream was forwarded and not recorded",
    "Everything after this gap is judged on what is left.",
)
RECORDER_STOPPED = Rule(
    "NET005",
    Level.WARNING,
    "the recorder stopped before the exchange ended",
    "What was recorded until then is shown; how the exchange ended is not known.",
)
CAPTURE_DAMAGED = Rule(
    "NET006",
    Level.WARNING,
    "part of the capture file cannot be read",
    "The other records are shown. A torn last line is what a killed recorder leaves behind.",
)
HTTP_ERROR = Rule(
    "NET007",
    Level.ERROR,
    "the upstream answered with an error status",
    "The body usually says why; retry-after says when to ask again.",
)
NOT_INFLATED = Rule(
    "NET008",
    Level.WARNING,
    "the body's content coding could not be undone",
    "The raw bytes are kept; the events behind this point cannot be shown.",
)
CLIENT_LEFT_UNANSWERED = Rule(
    "NET009",
    Level.WARNING,
    "the client left before the upstream answered",
    "Compare how long it waited with its timeout, and with how long the upstream takes to begin.",
)
HELD_BACK = Rule(
    "NET010",
    Level.WARNING,
    "something holds the stream back and passes it on in bursts",
    "Turn buffering off on the way: X-Accel-Buffering: no, proxy_buffering off, a flush per event.",
)
COMPRESSED_WITHOUT_FLUSH = Rule(
    "NET011",
    Level.WARNING,
    "the stream is compressed and not flushed, so that it comes in bursts",
    "Flush the compressor after every event, or do not compress event streams at all.",
)
STALLED = Rule(
    "NET012",
    Level.WARNING,
    "the upstream fell silent in the middle of the answer",
    "The client was ready and nothing came: ask the provider, with the request id of the answer.",
)
HELD_OPEN = Rule(
    "NET013",
    Level.WARNING,
    "the connection stayed open after the message had ended",
    "Clients that read to the end of the body waited for nothing: end at the terminal event.",
)
SLOW_CLIENT = Rule(
    "NET014",
    Level.INFO,
    "the client took the stream more slowly than it came",
    "What it waited for was its own work: read in one task and process in another.",
)
BYTES_DIFFER = Rule(
    "NET015",
    Level.ERROR,
    "the client got other bytes than the upstream sent",
    "This must never be: please report it with this capture.",
)
NO_EVENT = Rule(
    "NET016",
    Level.ERROR,
    "a successful event stream has not a single event",
    "Clients take it for an empty answer. Look for what answered in the model's place.",
)
STREAM_UNDER_OTHER_TYPE = Rule(
    "NET017",
    Level.WARNING,
    "an event stream comes under another content type",
    "The SDKs read it; browsers and gateways do not. Send it as text/event-stream.",
)
BROKE_AFTER_THE_END = Rule(
    "NET018",
    Level.INFO,
    "the upstream broke the connection after the message had ended",
    "The answer is whole. Clients that read to the end of the body may raise all the same.",
)
REDIRECTED = Rule(
    "NET019",
    Level.WARNING,
    "the upstream answered with a redirect",
    "Give ssescope the new address as its upstream: a client that follows goes past it.",
)

RULES: tuple[Rule, ...] = (
    UPSTREAM_BROKE,
    CLIENT_LEFT_EARLY,
    NOT_ANSWERED,
    BYTES_NOT_KEPT,
    RECORDER_STOPPED,
    CAPTURE_DAMAGED,
    HTTP_ERROR,
    NOT_INFLATED,
    CLIENT_LEFT_UNANSWERED,
    HELD_BACK,
    COMPRESSED_WITHOUT_FLUSH,
    STALLED,
    HELD_OPEN,
    SLOW_CLIENT,
    BYTES_DIFFER,
    NO_EVENT,
    STREAM_UNDER_OTHER_TYPE,
    BROKE_AFTER_THE_END,
    REDIRECTED,
)
