"""ls, show and cat, as a user runs them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from captures.annotation import write_annotation
from captures.records import Ending
from inspector_tui.numbers import size_text
from tests.ssescope.running import ssescope
from tests.ssescope.saved import HOSTILE, answer, save, text_delta


def test_ls_shows_a_line_a_capture_the_newest_last(tmp_path: Path) -> None:
    first = save(tmp_path)
    second = save(tmp_path, answer(stop_reason="max_tokens"))
    (tmp_path / "99991231T000000Z-foreign.jsonl").write_text('{"no": "capture"}\n')
    listed = ssescope("ls", "--captures", str(tmp_path))
    lines = listed.stdout.splitlines()
    assert [line.split()[:2] for line in lines[:2]] == sorted(
        [["✓", first.stem], ["✂", second.stem]], key=lambda pair: pair[1]
    )
    assert "CUT OFF · max_tokens" in listed.stdout
    assert "is not a capture" in lines[2]
    assert listed.returncode == 0


def test_ls_as_json_is_for_programs(tmp_path: Path) -> None:
    capture = save(tmp_path)
    (summary,) = json.loads(ssescope("ls", "--json", "--captures", str(tmp_path)).stdout)
    assert summary["id"] == capture.stem
    assert summary["verdict"] == {"outcome": "complete", "headline": "complete · end_turn"}


def test_the_users_own_note_is_shown_with_its_capture(tmp_path: Path) -> None:
    capture = save(tmp_path)
    write_annotation(capture, f"stalls {HOSTILE}\nsecond line")
    shown = ssescope("show", "--captures", str(tmp_path)).stdout.split("\n")
    assert shown[1:3] == ["  ✎ stalls ␛]52;c;cHduZWQ=␇<202E>\ufffd2J[/red]", "    second line"]
    for command in ("show", "ls"):
        fields = json.loads(ssescope(command, "--json", "--captures", str(tmp_path)).stdout)
        fields = fields if command == "show" else fields[0]
        assert fields["annotation"] == f"stalls {HOSTILE}\nsecond line"


def test_ls_says_what_the_folder_comes_to(tmp_path: Path) -> None:
    size = sum(save(tmp_path).stat().st_size for _ in range(2))
    segment = tmp_path / f"{save(tmp_path).name}.2"
    size += segment.with_suffix("").stat().st_size + segment.write_bytes(b"x" * 5_000_000)
    listed = ssescope("ls", "--captures", str(tmp_path))
    assert listed.stderr == f"3 captures, {size_text(size)} in {tmp_path}\n"
    assert ssescope("ls", "--json", "--captures", str(tmp_path)).stderr == ""


def test_ls_leaves_old_ones_out_and_says_so(tmp_path: Path) -> None:
    for _ in range(3):
        save(tmp_path)
    listed = ssescope("ls", "-n", "1", "--captures", str(tmp_path))
    assert len(listed.stdout.splitlines()) == 1
    assert "2 older ones left out" in listed.stderr
    everything = ssescope("ls", "--all", "--captures", str(tmp_path))
    assert len(everything.stdout.splitlines()) == 3


def test_show_puts_the_verdict_first_and_marks_text_and_stop_reason(tmp_path: Path) -> None:
    save(tmp_path)
    shown = ssescope("show", "--captures", str(tmp_path))
    lines = shown.stdout.splitlines()
    assert lines[0] == "✓ complete · end_turn"
    assert any("content_block_delta  “Hello”" in line for line in lines)
    assert any("message_delta        ◀ stop_reason: end_turn" in line for line in lines)
    assert shown.returncode == 0


def test_show_as_json_holds_the_whole_exchange(tmp_path: Path) -> None:
    save(tmp_path, answer()[:3], how=Ending.CLIENT_LEFT)
    fields = json.loads(ssescope("show", "--json", "--captures", str(tmp_path)).stdout)
    assert fields["verdict"]["outcome"] == "client left"
    assert fields["message"]["parts"] == [{"part": "text", "text": "Hello", "citations": []}]
    assert [finding["code"] for finding in fields["findings"]] == ["NET002"]
    assert len(fields["event_list"]) == len(fields["chunks"]) == 3


@pytest.mark.parametrize("command", ["show", "cat", "ls"])
def test_what_a_peer_sent_never_reaches_the_terminal_raw(command: str, tmp_path: Path) -> None:
    save(tmp_path, (*answer()[:2], text_delta(HOSTILE)), path=f"/{HOSTILE}")
    for extra in ([], ["--json"] if command != "cat" else ["--request"]):
        printed = ssescope(command, *extra, "--captures", str(tmp_path)).stdout
        if command == "cat":
            continue
        for raw in ("\x1b", "\x07", "\u202e", "\x9b"):
            assert raw not in printed


def test_cat_writes_the_bytes_as_recorded(tmp_path: Path) -> None:
    pieces = answer("caf\xe9 🌊")
    capture = save(tmp_path, pieces, request=b'{"a": 1}')
    named = (capture.stem, "--captures", str(tmp_path))
    assert ssescope("cat", *named).stdout.encode() == b"".join(pieces)
    assert ssescope("cat", "--request", *named).stdout == '{"a": 1}'


def test_cat_can_undo_the_content_coding(tmp_path: Path) -> None:
    body = b"".join(answer())
    headers = (("Content-Type", "text/event-stream"), ("Content-Encoding", "gzip"))
    save(tmp_path, (gzip.compress(body),), headers=headers)
    assert ssescope("cat", "--decoded", "--captures", str(tmp_path)).stdout.encode() == body
    torn = save(tmp_path, (b"no gzip",), headers=headers)
    broken = ssescope("cat", "--decoded", str(torn))
    assert broken.returncode == 5
    assert broken.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"\x00\xffbinary\n", "not a ssescope header"),
        (b'{"log": {"version": "1.2"}}\n', "not a ssescope header"),
        (b'{"ssescope": 9}\n', "format version 9"),
    ],
)
def test_a_file_that_is_no_capture_is_one_line_and_code_5(
    content: bytes, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    for command in ("show", "cat"):
        failed = ssescope(command, str(path))
        assert failed.returncode == 5
        assert words in failed.stderr
        assert failed.stderr.count("\n") == 1
        assert failed.stdout == ""


def test_no_captures_and_an_unusable_folder_are_told_apart(tmp_path: Path) -> None:
    none = ssescope("show", "--captures", str(tmp_path))
    assert (none.returncode, none.stderr.count("\n")) == (5, 1)
    assert "record some with ssescope proxy" in none.stderr
    (tmp_path / "file").touch()
    unusable = ssescope("ls", "--captures", str(tmp_path / "file"))
    assert (unusable.returncode, unusable.stderr.count("\n")) == (4, 1)
