from __future__ import annotations

import pytest

from captures.capture_file import CaptureFile
from captures.findings.network import CAPTURE_DAMAGED, RECORDER_STOPPED
from captures.loading import load
from captures.record_lines import encode
from captures.store import Follower
from tests.captures.small_capture import END, HEADER, RECORDS, SMALL_CAPTURE, Put


class TestLoading:
    def test_ended_capture(self, put: Put) -> None:
        exchange = load(put(SMALL_CAPTURE))

        assert exchange.end == END
        assert not exchange.interrupted

    def test_capture_without_an_end_is_interrupted(self, put: Put) -> None:
        exchange = load(put(HEADER + encode(RECORDS[0]) + b'[2,1.0,"chu'))

        assert exchange.interrupted
        assert [finding.rule for finding in exchange.findings] == [
            CAPTURE_DAMAGED,
            RECORDER_STOPPED,
        ]

    def test_capture_that_is_being_written_is_live(self, open_file: CaptureFile) -> None:
        exchange = load(open_file.path)

        assert exchange.live
        assert exchange.findings == []

    def test_capture_that_ends_while_it_is_loaded_is_never_called_interrupted(
        self, open_file: CaptureFile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at_end = Follower.at_end

        def end_the_capture_when_all_is_read(follower: Follower) -> bool:
            if result := at_end(follower):
                open_file.append([END], now=0.0)
                open_file.close()
            return result

        monkeypatch.setattr(Follower, "at_end", end_the_capture_when_all_is_read)

        assert not load(open_file.path).interrupted

    def test_long_header_is_read_over_several_polls(
        self, put: Put, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        poll = Follower.poll
        monkeypatch.setattr(Follower, "poll", lambda follower: poll(follower, 10))

        assert load(put(SMALL_CAPTURE)).end == END
