"""A terminal that is taken away holds nobody up."""

from __future__ import annotations

import os
from typing import IO, cast

import pytest
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread

from inspector_tui.terminal_driver import LastingFile


def test_more_than_the_queue_holds_is_written_to_nobody_and_the_thread_ends() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    file = os.fdopen(writing, "w", encoding="utf-8", closefd=False)
    writer = WriterThread(cast("IO[str]", LastingFile(file)))
    writer.start()
    for _ in range(10 * MAX_QUEUED_WRITES):
        writer.write("frame\n")
    writer.stop()
    assert not writer.is_alive()
    with pytest.raises(BrokenPipeError):
        file.close()
    os.close(writing)


def test_what_is_written_arrives_in_order() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as got, os.fdopen(writing, "w") as file:
        lasting = LastingFile(file)
        assert lasting.write("one ") == 4
        lasting.write("two\n")
        lasting.flush()
        assert got.readline() == "one two\n"
        assert lasting.fileno() == writing
