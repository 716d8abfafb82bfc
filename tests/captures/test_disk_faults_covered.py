"""That every known fault of disk, reader and inspector has its test, or a limit that is told."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = [f"F{number}" for number in (*range(66, 87), *range(101, 107))]
"""F66 to F79 are faults of the disk and the writer, F80 to F86 of a capture that is read, F101 to
F106 of the inspector, its terminal and the libraries."""

ELSEWHERE: dict[str, str] = {
    "F69": "tests/ssescope/test_servers.py::test_an_unusable_folder_is_one_line_and_code_4"
    "_before_listening",
    "F72": "tests/captures/test_capture_file.py::test_what_is_in_the_way_stays_untouched",
    "F73": "tests/ssescope/test_proxy_command.py::test_a_killed_proxy_leaves_a_capture_that"
    "_opens_and_holds_what_was_written",
    "F75": "tests/captures/test_capture_file.py::test_short_writes_are_completed",
    "F78": "tests/captures/test_capture_file.py::test_file_is_readable_by_its_owner_alone"
    "_whatever_the_umask",
    "F80": "tests/captures/test_store.py::test_any_other_prefix_reads_as_far_as_it_goes",
    "F105": "tests/ssescope/test_canary.py::test_no_secret_is_on_the_inspectors_screen",
    "F84": "tests/proxy/test_replay_head.py::test_what_is_no_valid_field_is_dropped_and_named",
    "F85": "tests/ssescope/test_places.py::test_what_names_no_single_capture_is_one_line"
    "_and_code_5",
}
EXCEPTIONS: dict[str, str] = {
    "F72": "the capture is lost and counted until the name is free",
    "F74": "this is not tested on hardware",
    "F79": "nobody can end it before the disk answers",
    "F81": "records carry no checksum",
}
"""What is not as one would wish, in the words of docs/limits.md."""

HERE = (
    "tests/captures/test_hostile_captures.py",
    "tests/captures/test_segments.py",
    "tests/captures/test_writer_disk.py",
    "tests/proxy/test_capture_policy.py",
    "tests/proxy/test_library.py",
    "tests/ssescope/test_capture_disk.py",
    "tests/ssescope/test_fidelity.py",
    "tests/ssescope/test_inspector_faults.py",
    "tests/ssescope/test_large_captures.py",
    "tests/ssescope/test_terminal_safety.py",
    "tests/ssescope/test_terminal_safety_inspector.py",
)
NAMED = re.compile(r"(?:def test_(?:f\d+_)*f|\"F)(\d{2,3})(?=[_-])")


def test_every_row_is_tested_or_told_as_a_limit() -> None:
    text = "".join((ROOT / path).read_text() for path in HERE)
    named = {f"F{number}" for number in NAMED.findall(text)}
    assert [row for row in ROWS if row not in named | ELSEWHERE.keys() | EXCEPTIONS.keys()] == []
    assert named | ELSEWHERE.keys() | EXCEPTIONS.keys() == set(ROWS)


def test_every_test_named_exists() -> None:
    for place in ELSEWHERE.values():
        path, _, name = place.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text(), place


def test_every_exception_is_a_limit_in_the_documents() -> None:
    limits = (ROOT / "docs/limits.md").read_text()
    for row, sentence in EXCEPTIONS.items():
        assert sentence in limits, row
