"""What a replay serves: found at the start, and again what has come or gone since.

Files are listed and read in threads; the event loop sees one shelf or the next, never a half.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from anyio import to_thread

from captures.request_body import IGNORED_FIELDS, FieldPath
from captures.store import CaptureError, CaptureFolderError, Follower, pieces_of
from proxy.replay_exchange import PlainStream, SavedExchange, Served, plain
from proxy.replay_files import PLAIN_SUFFIX, FileState, file_states, is_folder
from proxy.replay_match import Shelf
from proxy.replay_source import load_capture

LOOK_SECONDS = 1.0
"""The files are listed again no sooner than this many seconds after the last time."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A file and what came of it."""

    state: FileState
    served: Served | None = None
    refused: str = ""
    """Why it cannot be served."""
    warnings: tuple[str, ...] = ()

    @property
    def is_unfinished(self) -> bool:
        """Whether a recorder still writes it."""
        return self.served is None and not self.refused


class Library:
    """The captures and plain event streams of some files and folders. Mutable.

    Captures that are still being recorded are left for later. Files of folders come by name,
    which for captures is by time, the folders in the order given.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        ignored: Sequence[FieldPath] = IGNORED_FIELDS,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.ignored = tuple(ignored)
        """Places in request bodies that do not count."""
        self.shelf = Shelf()
        self._paths = tuple(paths)
        self._loaded: dict[Path, _Loaded] = {}
        self._clock = clock
        self._looked = clock()
        self._looking = asyncio.Lock()
        self._left_out: set[str] = set()

    @property
    def unfinished(self) -> tuple[Path, ...]:
        """The captures that are still being recorded."""
        return tuple(path for path, loaded in self._loaded.items() if loaded.is_unfinished)

    def leave_out(self, capture_id: str) -> None:
        """Serves nothing of this capture from the next look on."""
        self._left_out.add(capture_id)

    def load(self, *, may_be_empty: bool = False) -> tuple[str, ...]:
        """Finds everything for the first time; what was noticed, a line of plain ASCII each.

        Blocks. A file of a folder that cannot be served is left out, with a warning.

        Raises:
            CaptureError: a file that was named cannot be served, or there is nothing to serve
                now or soon, unless the library may be empty.
            CaptureFolderError: a folder cannot be listed.
        """
        warnings = self._look()
        for path in self._paths:
            if path in self._loaded and self._loaded[path].refused:
                raise CaptureError(self._loaded[path].refused)
            if path not in self._loaded and not is_folder(path):
                raise CaptureError(f"cannot open {path}: no such file or folder")
        if not may_be_empty and all(loaded.refused for loaded in self._loaded.values()):
            named = ", ".join(str(path) for path in self._paths)
            reason = f"; {warnings[0]}" if warnings else ": no captures (.jsonl), no .sse files"
            raise CaptureError(f"nothing that can be replayed in {named}{reason}")
        return warnings

    @property
    def is_looking(self) -> bool:
        """Whether the files are being looked at, which may take long where many have come."""
        return self._looking.locked()

    async def look_again(self, *, at_once: bool = False) -> tuple[str, ...]:
        """Finds what has come and gone, unless it was looked for a moment ago.

        Args:
            at_once: look even so.

        Returns:
            What is to be told, a line of plain ASCII each.
        """
        async with self._looking:
            if not at_once and self._clock() - self._looked < LOOK_SECONDS:
                return ()
            try:
                return await to_thread.run_sync(self._look)
            except CaptureFolderError as error:
                return (plain(str(error)),)
            finally:
                self._looked = self._clock()

    def _look(self) -> tuple[str, ...]:
        found: dict[Path, _Loaded] = {}
        fresh: list[_Loaded] = []
        for path in self._paths:
            for state in file_states(path):
                if state.path.stem in self._left_out:
                    continue
                loaded = self._loaded.get(state.path)
                if loaded is None or loaded.is_unfinished or loaded.state != state:
                    loaded = self._load(state)
                    fresh.append(loaded)
                found.setdefault(state.path, loaded)
        if fresh or found.keys() != self._loaded.keys():
            self._loaded = found
            self.shelf = _shelf(found.values())
        refused = [plain(f"left out: {loaded.refused}") for loaded in fresh if loaded.refused]
        return (*refused, *(warning for loaded in fresh for warning in loaded.warnings))

    def _load(self, state: FileState) -> _Loaded:
        try:
            if state.path.suffix == PLAIN_SUFFIX:
                with closing(pieces_of(state.path)) as slices:
                    next(slices, b"")
                return _Loaded(state, PlainStream(state.path))
            with Follower(state.path) as follower:
                if follower.is_being_written():
                    return _Loaded(state)
            exchange, warnings = load_capture(state.path, self.ignored)
        except CaptureError as error:
            return _Loaded(state, refused=str(error))
        return _Loaded(state, exchange, warnings=warnings)


def _shelf(loaded: Iterable[_Loaded]) -> Shelf:
    served = [file.served for file in loaded]
    return Shelf(
        (exchange for exchange in served if isinstance(exchange, SavedExchange)),
        (stream for stream in served if isinstance(stream, PlainStream)),
    )
