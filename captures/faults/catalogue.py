"""Every fault by its name: one function and one row each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

from captures.faults import connection, events, grammar
from captures.faults.arguments import Arguments, FaultError, Kind, Parameter, parse_arguments
from captures.faults.decoding import without_coding
from captures.faults.harm import Harm, in_a_row
from captures.faults.protocols import ERROR_KINDS

_EVENT = Parameter("event", Kind.COUNT)
_ONE_EVENT = Parameter("event", Kind.COUNT, required=True)
_SECONDS = Parameter("seconds", Kind.SECONDS)


@dataclass(frozen=True, slots=True)
class Fault:
    """A harm that has a name."""

    name: str
    does: str
    """What happens, in one line."""
    example: str
    """How it is asked for."""
    make: Callable[[Arguments, Random], Harm]
    parameters: tuple[Parameter, ...] = ()

    @property
    def usage(self) -> str:
        """How it is written, with all it takes."""
        taken = "".join(
            f":{each.usage}" if each.required else f"[:{each.usage}]" for each in self.parameters
        )
        return f"{self.name}{taken}"


FAULTS: tuple[Fault, ...] = (
    Fault(
        "cut",
        "The connection ends before event N, behind N bytes or SECONDS: closed, reset, or clean.",
        "cut:event=5:reset",
        connection.cut,
        (
            _EVENT,
            Parameter("byte", Kind.COUNT),
            Parameter("time", Kind.SECONDS),
            Parameter("reset", Kind.FLAG),
            Parameter("clean", Kind.FLAG),
        ),
    ),
    Fault(
        "stall",
        "Silence before event N; without SECONDS for ten minutes, then the connection ends.",
        "stall:event=3:seconds=30",
        connection.stall,
        (_ONE_EVENT, _SECONDS),
    ),
    Fault("slow", "A wait before every chunk.", "slow:seconds=0.05", connection.slow, (_SECONDS,)),
    Fault(
        "jitter",
        "A wait of random length, SECONDS at most, before every chunk.",
        "jitter:seconds=0.2",
        connection.jitter,
        (_SECONDS,),
    ),
    Fault(
        "error",
        "An error event behind N deltas, in the words of the protocol; then the end.",
        "error:deltas=3:kind=overloaded",
        events.error,
        (Parameter("deltas", Kind.COUNT), Parameter("kind", Kind.TEXT, ERROR_KINDS)),
    ),
    Fault(
        "drop",
        "Event N, or every event of a type, is lost.",
        "drop:type=content_block_stop",
        events.drop,
        (_EVENT, Parameter("type", Kind.TEXT)),
    ),
    Fault(
        "duplicate", "Event N comes twice.", "duplicate:event=4", events.duplicate, (_ONE_EVENT,)
    ),
    Fault("swap", "Event N comes behind the next one.", "swap:event=4", events.swap, (_ONE_EVENT,)),
    Fault(
        "insert",
        "An event of your own comes before event N.",
        'insert:event=2:type=future:data={"type":"future"}',
        events.insert,
        (_ONE_EVENT, Parameter("type", Kind.TEXT), Parameter("data", Kind.TEXT, required=True)),
    ),
    Fault(
        "drop-stop-reason",
        "The stop reason never comes.",
        "drop-stop-reason",
        events.drop_stop_reason,
    ),
    Fault(
        "drop-terminal",
        "The event that ends the protocol never comes, and the response ends in good order.",
        "drop-terminal",
        events.drop_terminal,
    ),
    Fault(
        "pings",
        "A sign of life behind every event: a ping where the protocol has one, else a comment.",
        "pings",
        events.pings,
    ),
    Fault("comments", "A comment behind every event.", "comments", events.comments),
    Fault("bom", "U+FEFF before the first byte.", "bom", grammar.byte_order_mark),
    Fault("cr", "Every line ends in CR.", "cr", grammar.cr_line_ends),
    Fault("crlf", "Every line ends in CR LF.", "crlf", grammar.crlf_line_ends),
    Fault("no-space", "No blank behind data:.", "no-space", grammar.no_space),
    Fault(
        "line-separator",
        "U+2028 in front of every delta of text.",
        "line-separator",
        grammar.line_separator,
    ),
    Fault(
        "retry",
        "A block with retry: alone before the first event.",
        "retry:milliseconds=3000",
        grammar.retry_lines,
        (Parameter("milliseconds", Kind.COUNT),),
    ),
    Fault("ids", "An id: in every event.", "ids", grammar.id_lines),
    Fault(
        "empty-finish-reason",
        'Chat Completions: finish_reason is "" wherever it would be null.',
        "empty-finish-reason",
        events.empty_finish_reason,
    ),
    Fault(
        "finish-with-content",
        "Chat Completions: the last chunk with content carries the finish_reason too.",
        "finish-with-content",
        events.finish_with_content,
    ),
    Fault(
        "usage-after-finish",
        "Chat Completions: a chunk without choices and with usage comes behind finish_reason.",
        "usage-after-finish",
        events.usage_after_finish,
    ),
    Fault(
        "doubled-tool-index",
        "Chat Completions: every tool call comes under index 0.",
        "doubled-tool-index",
        events.doubled_tool_index,
    ),
    Fault("gzip", "Compressed, flushed at every chunk.", "gzip", connection.gzip_flushed),
    Fault(
        "gzip-held",
        "Compressed and never flushed: everything comes at the end.",
        "gzip-held",
        connection.gzip_held,
    ),
    Fault(
        "status",
        "An error status in place of the answer.",
        "status:code=429:retry-after=1",
        connection.status,
        (
            Parameter("code", Kind.TEXT, ("429", "500", "503", "529")),
            Parameter("retry-after", Kind.COUNT),
        ),
    ),
    Fault(
        "content-type",
        "Another content type than the stream's.",
        "content-type:value=application/json",
        connection.content_type,
        (Parameter("value", Kind.TEXT),),
    ),
)


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults of a run, in the order in which they work, and what makes them repeatable."""

    texts: tuple[str, ...]
    """As the user wrote them."""
    seed: int = 0
    _chosen: tuple[tuple[Fault, Arguments], ...] = ()

    def __bool__(self) -> bool:
        return bool(self._chosen)

    def begin(self, number: int) -> Harm:
        """The harm for the answer of this number: the same for the same seed and number.

        A body with a content coding is decoded first where a fault works on its text.
        """
        harms = [
            fault.make(arguments, Random(f"{self.seed}/{number}/{place}"))  # noqa: S311
            for place, (fault, arguments) in enumerate(self._chosen)
        ]
        if any(harm.reads_text for harm in harms):
            harms.insert(0, without_coding())
        return in_a_row(harms)

    def words(self, number: int) -> str:
        """What was done to the answer of this number, fit for a header field."""
        return f"{', '.join(self.texts)}; seed={self.seed}; answer={number}"


NO_FAULTS = Faults(())


def parse_faults(texts: Iterable[str], seed: int = 0) -> Faults:
    """The faults that a user names, each as ``NAME[:ARGUMENT[=VALUE]]…``.

    Raises:
        FaultError: one is not known, or its arguments are wrong.
    """
    by_name = {fault.name: fault for fault in FAULTS}
    wanted = tuple(texts)
    chosen = []
    for text in wanted:
        name, _, rest = text.partition(":")
        fault = by_name.get(name)
        if fault is None:
            known = ", ".join(by_name)
            raise FaultError(f"no fault is called {name!r}; ssescope faults lists {known}")
        if not (text.isascii() and text.isprintable()):
            raise FaultError(f"{name}: found characters beyond printable ASCII")
        chosen.append((fault, parse_arguments(rest, fault.parameters, name)))
    return Faults(wanted, seed, tuple(chosen))
