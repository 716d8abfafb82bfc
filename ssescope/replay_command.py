"""``ssescope replay``: saved exchanges as a server, until a signal comes."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from captures.redact import Redactor
from captures.request_body import IGNORED_FIELDS, FieldPath
from captures.store import CaptureError, CaptureFolderError
from captures.writer import Writer
from inspector_tui.safe import safe_text
from proxy.flight import Landed
from proxy.guard import Access
from proxy.listen import LOCAL_REACH, Reach
from proxy.replay import Manner, serve_replay
from proxy.replay_exchange import Answer, plain
from proxy.replay_files import file_states
from proxy.replay_library import Library
from proxy.replay_match import Shelf, shown_target
from proxy.replay_miss import OnMiss
from proxy.replay_upstream import Relay, is_worth_serving, relay_to
from proxy.server import serve_proxy
from proxy.target import Mount, UpstreamError, parse_upstream
from ssescope.access import tell
from ssescope.exits import Exit, fail
from ssescope.faults_command import tell_faults
from ssescope.loop import Stop, ending_with_input, require_open_input, run
from ssescope.loss_watch import losses_in_words
from ssescope.places import usable_folder
from ssescope.proxy_command import raise_open_files
from ssescope.servers import announce, bound
from ssescope.talk import say

MAX_LISTED = 20
LONG_SIZE = 64 * 1024 * 1024
"""Bytes of captures of which reading takes seconds."""


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """What the user asked of a replay."""

    paths: tuple[Path, ...]
    port: int
    manner: Manner
    ignored: tuple[FieldPath, ...] = ()
    """Places in request bodies that do not count, beside the usual ones."""
    upstream: str | None = None
    """URL of who answers what was not recorded."""
    folder: Path | None = None
    """Where those answers are recorded; None is the first folder that is served."""
    reach: Reach = LOCAL_REACH
    """Where it listens, and who may ask."""
    until_eof: bool = False
    """Whether it ends with its standard input."""


@dataclass(frozen=True, slots=True)
class _Recorder:
    """Where the answers of the upstream come from and go to."""

    mount: Mount
    folder: Path
    key: bytes
    origins: frozenset[str]
    """Of web pages whose requests the replay lets in."""


def run_replay(options: ReplayOptions) -> int:
    """Serves saved exchanges until a signal comes; ends with code 5 if there are none."""
    if options.until_eof:
        require_open_input()
    recorder = _recorder(options)
    paths = options.paths
    if recorder is not None and recorder.folder not in paths:
        paths = (*paths, recorder.folder)
    library = loaded_library(paths, options.ignored, may_be_empty=recorder is not None)
    raise_open_files()

    async def command(stop: Stop) -> int:
        async with _relaying(recorder, library) as relaying:
            served = serve_replay(
                library,
                port=options.port,
                manner=options.manner,
                relay=relaying.relay,
                reach=options.reach,
                on_served=lambda told: say(safe_text(told.line)),
            )
            async with bound(served, options.port, options.reach.host) as server:
                announce(_what(library), server)
                for line in _details(library, options.manner, recorder):
                    say(f"  {line}")
                tell_faults(options.manner.faults)
                tell(options.reach)
                with ending_with_input(stop) if options.until_eof else nullcontext():
                    await stop.wait()
        return relaying.exit_code

    return run(command)


def loaded_library(
    paths: tuple[Path, ...], ignored: tuple[FieldPath, ...] = (), *, may_be_empty: bool = False
) -> Library:
    """What a replay of these paths serves; ends with code 4 or 5 if it can serve nothing."""
    library = Library(paths, (*IGNORED_FIELDS, *ignored))
    try:
        _tell_if_long(paths)
        warnings = library.load(may_be_empty=may_be_empty)
    except CaptureError as error:
        fail(Exit.CAPTURE_INVALID, str(error))
    except CaptureFolderError as error:
        fail(Exit.FOLDER_UNUSABLE, str(error))
    for warning in warnings:
        say(f"ssescope: {safe_text(warning)}")
    # A full garbage collection would go through all modules and captures and hold every stream.
    gc.freeze()
    return library


def _tell_if_long(paths: tuple[Path, ...]) -> None:
    """Says so where reading will take seconds."""
    files = [state.size for path in paths for state in file_states(path)]
    if sum(files) >= LONG_SIZE:
        say(f"reading {len(files):,} files with {sum(files) >> 20:,} MiB")


def _recorder(options: ReplayOptions) -> _Recorder | None:
    """The recorder, if the upstream is to be asked; ends with code 2 on what does not fit."""
    if options.manner.on_miss is not OnMiss.UPSTREAM:
        if options.upstream is not None:
            fail(Exit.USAGE, "--upstream is asked only with --on-miss upstream; give both")
        return None
    if options.manner.faults:
        words = "--fault harms what is replayed, and --on-miss upstream records; take one of them"
        fail(Exit.USAGE, words)
    if options.upstream is None:
        fail(Exit.USAGE, "--on-miss upstream needs --upstream URL, such as https://api.openai.com")
    try:
        mount = Mount("", parse_upstream(options.upstream))
    except UpstreamError as error:
        fail(Exit.USAGE, str(error))
    folders = [options.folder] if options.folder else [p for p in options.paths if not p.is_file()]
    if not folders:
        fail(Exit.USAGE, "no folder to record the upstream's answers in; name one with --captures")
    origins = options.reach.access.origins
    return _Recorder(mount, folders[0], usable_folder(folders[0]), origins)


@dataclass(slots=True)
class _Relaying:
    """The way to the upstream, and how it ended. Mutable: the code is set at its end."""

    relay: Relay | None = None
    exit_code: int = Exit.FINE


@asynccontextmanager
async def _relaying(recorder: _Recorder | None, library: Library) -> AsyncIterator[_Relaying]:
    """A recording proxy of our own in front of the upstream, if it is to be asked."""
    relaying = _Relaying()
    if recorder is None:
        yield relaying
        return
    writer = Writer(recorder.folder)
    try:
        proxy = serve_proxy(
            (recorder.mount,),
            writer,
            Redactor(recorder.key),
            reach=Reach(access=Access(origins=recorder.origins)),
            on_landed=_leaves_out_failures(library),
        )
        async with bound(proxy, 0) as running, relay_to(running.origin) as relay:
            relaying.relay = relay
            yield relaying
    finally:
        status = await asyncio.to_thread(writer.close)
        if not status.is_complete:
            say(f"ssescope: {losses_in_words(status)}")
            relaying.exit_code = Exit.CAPTURE_LOST


def _leaves_out_failures(library: Library) -> Callable[[Landed], None]:
    """A client that tries again after a failure is to reach the upstream again."""

    def landed(exchange: Landed) -> None:
        if not is_worth_serving(exchange):
            library.leave_out(exchange.capture_id)

    return landed


def _what(library: Library) -> str:
    exchanges, streams = len(library.shelf.exchanges), len(library.shelf.streams)
    counted = [
        _counted(exchanges, "saved exchange") if exchanges or not streams else "",
        _counted(streams, "plain stream") if streams else "",
    ]
    return " and ".join(filter(None, counted))


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _details(library: Library, manner: Manner, recorder: _Recorder | None) -> list[str]:
    """What is served and how, a line each."""
    shelf = library.shelf
    lines = [*_places(shelf)]
    if shelf.streams:
        lines.append(f"any other POST: {_counted(len(shelf.streams), 'plain stream')} in turn")
    if unfinished := len(library.unfinished):
        lines.append(f"{unfinished} still being recorded, served once they have ended")
    outcomes = [exchange.outcome for exchange in shelf.exchanges]
    coded = sum(isinstance(outcome, Answer) and outcome.coded for outcome in outcomes)
    kept = f", but as recorded in {coded} compressed" if coded and manner.chunks.reads_text else ""
    lines.append(f"chunks: {manner.chunks.does}{kept}")
    if recorder is not None:
        lines.append(f"not recorded: asked of {recorder.mount.upstream}, kept in {recorder.folder}")
    elif manner.on_miss is OnMiss.CLOSEST:
        lines.append("not recorded: what comes closest answers")
    else:
        lines.append("not recorded: answered with 404 and what comes closest")
    return [safe_text(line) for line in lines]


def _places(shelf: Shelf) -> list[str]:
    places = Counter(
        f"{plain(exchange.method)} {shown_target(exchange.target)}" for exchange in shelf.exchanges
    )
    lines = [f"{place}: {count}" for place, count in places.most_common(MAX_LISTED)]
    more = len(places) - len(lines)
    return [*lines, f"and {more} more places"] if more else lines
