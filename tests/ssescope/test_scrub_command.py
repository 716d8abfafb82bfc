"""scrub, as a user runs it."""

from __future__ import annotations

import gzip
import json
import os
import stat
from pathlib import Path

import pytest

from captures.loading import load
from captures.store import segment_path
from captures.writer import Writer
from tests.captures.waiting import wait_until
from tests.ssescope.running import ssescope
from tests.ssescope.saved import HOSTILE, STREAM_HEADERS, answer, save, text_delta

SECRET = "Ab3-" * 12
KEY = f"sk-ant-api03-{SECRET}"
WITH_KEY = (*answer()[:2], text_delta(KEY[:9]), text_delta(KEY[9:]), *answer()[3:])
CODED = (*STREAM_HEADERS, ("content-encoding", "gzip"))


def test_a_scrubbed_copy_tells_the_same_story_without_the_secret(tmp_path: Path) -> None:
    capture = save(tmp_path / "mine", WITH_KEY, request=f'{{"k": "{KEY}"}}'.encode())
    before = capture.read_bytes()
    done = ssescope("scrub", str(capture), "--output", str(tmp_path / "shared"))
    copy = tmp_path / "shared" / capture.name
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{copy}: anthropic-api-key 2\n"
    assert capture.read_bytes() == before
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700
    assert os.listdir(copy.parent) == [copy.name]  # noqa: PTH208 - hidden files too
    told, was = load(copy), load(capture)
    assert [chunk.size for chunk in told.body.chunks] == [chunk.size for chunk in was.body.chunks]
    assert told.message().stop_reason == "end_turn"
    assert told.findings == was.findings
    assert "sk-ant-api03-" + "x" * 48 in repr(told.message())
    assert SECRET[:8].encode() not in copy.read_bytes()
    assert ssescope("scrub", "--check", str(copy)).returncode == 0


def test_check_names_the_shape_and_the_place_and_rewrites_nothing(tmp_path: Path) -> None:
    capture = save(tmp_path, WITH_KEY)
    clean = save(tmp_path)
    before = capture.read_bytes()
    checked = ssescope("scrub", "--check", str(tmp_path))
    offset = b"".join(WITH_KEY).index(KEY[9:].encode()) + 4
    assert checked.returncode == 1
    where = f"anthropic-api-key in the response body at byte {offset}"
    assert checked.stdout == f"{capture}: {where}\n"
    assert SECRET[:8] not in checked.stdout + checked.stderr
    assert capture.read_bytes() == before
    assert ssescope("scrub", "--check", str(clean)).returncode == 0
    rows = json.loads(ssescope("scrub", "--check", "--json", str(tmp_path)).stdout)
    assert [row["counts"] for row in rows] == [{"anthropic-api-key": 1}, {}]
    assert rows[0]["found"][0]["offset"] == offset


def test_check_does_not_vouch_for_what_it_cannot_read(tmp_path: Path) -> None:
    damaged = save(tmp_path, how=None)
    with damaged.open("ab") as file:
        file.write(b'[99,1.0,"chunk","torn')
    checked = ssescope("scrub", "--check", str(damaged))
    assert checked.returncode == 1
    assert "cannot be looked through: a torn record" in checked.stdout
    shared = tmp_path / "shared"
    assert ssescope("scrub", "--output", str(shared), str(damaged)).returncode == 0
    assert ssescope("scrub", "--check", str(shared)).returncode == 0
    coded = save(tmp_path, (b"no gzip",), headers=CODED)
    checked = ssescope("scrub", "--check", str(coded))
    assert checked.returncode == 1
    assert "response body: it cannot be looked through" in checked.stdout


def test_in_place_rewrites_the_capture_itself(tmp_path: Path) -> None:
    capture = save(tmp_path, WITH_KEY)
    done = ssescope("scrub", "--in-place", "--json", str(capture))
    (row,) = json.loads(done.stdout)
    assert row["output"] == str(capture)
    assert SECRET[:8].encode() not in capture.read_bytes()
    assert stat.S_IMODE(capture.stat().st_mode) == 0o600


def test_in_place_makes_one_file_of_the_segments(tmp_path: Path) -> None:
    capture = save(tmp_path, WITH_KEY)
    lines = capture.read_bytes().splitlines(keepends=True)
    capture.write_bytes(b"".join(lines[:5]))
    segment_path(capture, 2).write_bytes(b"".join(lines[5:8]))
    segment_path(capture, 3).write_bytes(b"".join(lines[8:]))
    before = load(capture)
    assert ssescope("scrub", "--in-place", str(capture)).returncode == 0
    assert list(tmp_path.glob("2*")) == [capture]
    assert SECRET[:8].encode() not in capture.read_bytes()
    assert len(load(capture).events) == len(before.events) > 0
    assert load(capture).end


def test_a_pattern_of_ones_own(tmp_path: Path) -> None:
    capture = save(tmp_path, answer("call 555-0199"))
    ssescope("scrub", "--in-place", str(capture), "--pattern", r"\d{3}-\d{4}")
    assert b"call xxxxxxxx" in capture.read_bytes()


def test_a_compressed_body_with_a_secret_fails_that_capture_alone(tmp_path: Path) -> None:
    coded = save(tmp_path / "mine", (gzip.compress(b"".join(WITH_KEY)),), headers=CODED)
    plain = save(tmp_path / "mine", WITH_KEY)
    shared = tmp_path / "shared"
    done = ssescope("scrub", str(tmp_path / "mine"), "--output", str(shared))
    assert done.returncode == 1
    assert "is compressed (gzip) and holds a secret; --drop-coded" in done.stderr
    assert [path.name for path in shared.iterdir()] == [plain.name]
    dropped = ssescope("scrub", str(coded), "--output", str(shared), "--drop-coded")
    assert dropped.returncode == 0
    assert "dropped the response body" in dropped.stdout
    assert [finding.rule.code for finding in load(shared / coded.name).findings]


def test_what_is_there_is_not_overwritten_and_no_half_is_left(tmp_path: Path) -> None:
    capture = save(tmp_path / "mine", WITH_KEY)
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / capture.name).write_text("mine")
    failed = ssescope("scrub", str(capture), "--output", str(shared))
    assert (failed.returncode, failed.stderr.count("\n")) == (4, 1)
    assert str(shared / capture.name) in failed.stderr
    assert [(path.name, path.read_text()) for path in shared.iterdir()] == [(capture.name, "mine")]


def test_a_capture_that_is_still_being_recorded_is_left_alone(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    recording = writer.record(upstream="u", method="GET", path="/", version="1.1", headers=())
    recording.head(0.1, "1.1", 200, "OK", ())
    try:
        wait_until(recording.path.exists)
        failed = ssescope("scrub", "--in-place", str(recording.path))
    finally:
        writer.close()
    assert failed.returncode == 5
    assert "still being recorded" in failed.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "give one of --output"),
        (("--check", "--in-place"), 2, "give one of --output"),
        (("--check", "--pattern", "("), 2, "no regular expression"),
        (("--check", "--pattern", "a*"), 2, "the empty text"),
        (("--output", "/dev/null"), 4, "cannot make /dev/null"),
    ],
)
def test_a_mistake_is_one_line_and_a_code(
    arguments: tuple[str, ...], code: int, words: str, tmp_path: Path
) -> None:
    failed = ssescope("scrub", str(save(tmp_path)), *arguments)
    assert failed.returncode == code
    assert words in failed.stderr
    assert failed.stderr.count("\n") == 1


def test_a_file_that_is_no_capture_has_code_5_and_cannot_drive_the_terminal(
    tmp_path: Path,
) -> None:
    foreign = tmp_path / f"{HOSTILE.replace('/', '')}.jsonl"
    foreign.write_text("{}\n")
    failed = ssescope("scrub", "--check", str(foreign), str(tmp_path / "none"))
    assert failed.returncode == 5
    assert failed.stderr.count("\n") == 2
    assert not set("\x1b\x07\u202e\x9b") & set(failed.stdout + failed.stderr)
