"""How the user wants the inspector, by flags and in the file of settings."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from inspector_tui.keymap import bindings, check_keymap
from ssescope.inspector_options import InspectorOptions, keys_in_toml
from tests.ssescope.running import ssescope
from tests.ssescope.saved import save
from tests.ssescope.terminal import in_a_terminal


def failing(options: InspectorOptions, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        options.check()
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_a_theme_of_another_name_is_told_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean light?" in failing(InspectorOptions(theme="lihgt"), capsys)
    assert "expected one of dark, light" in failing(InspectorOptions(theme="zzz"), capsys)


def test_the_theme_of_textual_is_heeded_where_none_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEXTUAL_THEME", "nord")
    assert InspectorOptions().known_theme() == "nord"
    assert InspectorOptions(theme="light").known_theme() == "light"
    monkeypatch.setenv("TEXTUAL_THEME", "of another program")
    assert InspectorOptions().known_theme() == "dark"


def test_keys_that_cannot_be_used_are_told_with_their_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = InspectorOptions(keys={"folow": "f"}, keys_path=Path("/x/config.toml"))
    said = failing(options, capsys)
    assert said.startswith("ssescope: /x/config.toml, [keys]: ")
    assert "did you mean follow?" in said


def test_the_printed_keys_can_be_pasted_as_they_are() -> None:
    printed = tomllib.loads(keys_in_toml(InspectorOptions(keys={"follow": "f"})))["keys"]
    assert printed["follow"] == "f"
    assert printed["help"] == "?"
    assert list(printed) == [bound.id for bound in bindings()]
    check_keymap(printed)
    assert bindings(printed) == bindings({"follow": "f"})


def test_the_words_ask_for_the_same() -> None:
    assert InspectorOptions().words() == []
    options = InspectorOptions(2.5, False, "light")
    assert options.words() == ["--fps", "2.5", "--no-mouse", "--theme", "light"]


def test_keys_and_theme_of_the_settings_are_those_of_the_screen(tmp_path: Path) -> None:
    save(tmp_path / "captures")
    config = tmp_path / "config.toml"
    config.write_text('[inspector]\ntheme = "ansi"\nmouse = false\n[keys]\nhelp = "f2,H"\n')
    arguments = ("inspect", str(tmp_path / "captures"))
    with in_a_terminal(*arguments, SSESCOPE_CONFIG=str(config)) as screen:
        screen.wait_for("f2 keys")
        screen.wait_for("end_turn")
        screen.type_until("H", "Keys in the list")
        screen.type("qq")
        assert screen.exit_code() == 0
        assert b"\x1b[?1000h" not in screen.output
        assert b"\x1b[38;2;" not in screen.output


@pytest.mark.parametrize(
    "arguments",
    [("--fps", "0"), ("--fps", "many"), ("--theme", "pink"), ("--colour",)],
)
def test_a_wrong_flag_is_a_usage_error(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = ssescope("inspect", str(tmp_path), *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_an_action_typed_in_one_go_is_the_one_that_is_done(tmp_path: Path) -> None:
    save(tmp_path)
    with in_a_terminal("inspect", str(tmp_path)) as screen:
        screen.wait_for("end_turn")
        screen.type_until(":timing\r", "first times")
        screen.type("qq")
        assert screen.exit_code() == 0
