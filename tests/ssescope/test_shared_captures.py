"""Two proxies record into one folder under load while three inspectors look at it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from captures.loading import load
from captures.records import Ending
from captures.store import FINGERPRINT_KEY_FILE, captures_in
from tests.captures.waiting import wait_until
from tests.ssescope.asking import ask
from tests.ssescope.feeding import Upstream, feeding_upstream
from tests.ssescope.running import running
from tests.ssescope.saved import answer
from tests.ssescope.terminal import in_a_terminal

QUIT = "\x11"
QUESTIONS = 15
"""Asked through each proxy, several at once."""


@contextmanager
def two_proxies(folder: Path, live: Upstream) -> Iterator[tuple[str, str]]:
    """Two processes that record into one folder: the origins of both."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(running("sandbox", "--port", "0", "--seconds", "0"))
        mounts = (sandbox.pasted(), f"/live={live.origin}", "--port", "0")
        # Both find a folder without a key, and must agree on one.
        proxies = [
            stack.enter_context(running("proxy", *mounts, "--captures", str(folder)))
            for _ in range(2)
        ]
        first, second = (proxy.pasted().partition("/live")[0] for proxy in proxies)
        yield first, second
        assert [proxy.stop() for proxy in proxies] == [0, 0]


def live_captures(folder: Path) -> list[Path]:
    """The captures of the streams that the test feeds."""
    return [path for path in captures_in(folder) if b"/live/" in path.read_bytes()[:1000]]


def test_two_proxies_and_three_inspectors_share_a_folder(tmp_path: Path) -> None:
    start, rest = answer()[:3], answer()[3:]
    with ExitStack() as stack:
        live = stack.enter_context(feeding_upstream())
        origins = stack.enter_context(two_proxies(tmp_path, live))
        feeds = [
            stack.enter_context(live.stream_through(origin, "/live/v1/messages"))
            for origin in origins
        ]
        for feed in feeds:
            feed.send(*start)
        wait_until(lambda: len(live_captures(tmp_path)) == 2)
        inspectors = [
            stack.enter_context(in_a_terminal("inspect", str(path)))
            for path in (*live_captures(tmp_path), tmp_path)
        ]
        pool = stack.enter_context(ThreadPoolExecutor(6))
        answers = [pool.submit(ask, origin) for _ in range(QUESTIONS) for origin in origins]
        for inspector in inspectors[:2]:
            inspector.wait_for("Hello")
        assert all(each.result().endswith(b'"message_stop"}\n\n') for each in answers)
        for feed in feeds:
            feed.send(*rest)
            feed.finish()
            assert feed.received == feed.sent
        for inspector in inspectors[:2]:
            inspector.wait_for("complete · end_turn")
        inspectors[2].wait_for(f"{2 * QUESTIONS + 2} exchanges")
        for inspector in inspectors:
            inspector.type(QUIT)
            assert inspector.exit_code() == 0
    all_are_whole_and_of_one_key(tmp_path)


def all_are_whole_and_of_one_key(folder: Path) -> None:
    paths = captures_in(folder)
    assert len(paths) == 2 * QUESTIONS + 2
    keys = set()
    for path in paths:
        exchange = load(path)
        assert exchange.request.id == path.stem
        assert exchange.findings == []
        assert exchange.end is not None
        assert exchange.end.how is Ending.COMPLETE
        body = exchange.body.bytes_between(0, exchange.body.size)
        assert hashlib.sha256(body).hexdigest() == exchange.end.client.sha256
        keys |= {value for name, value in exchange.request.headers if name.lower() == "x-api-key"}
    # Each proxy has a number of its own in the names of its captures.
    assert len({path.stem.split("-")[1] for path in paths}) == 2
    assert len(keys) == 1, keys
    assert keys.pop().startswith("[redacted len=")
    assert (folder / FINGERPRINT_KEY_FILE).stat().st_size == 32
    assert {path.suffix for path in folder.iterdir()} == {".jsonl", ""}
