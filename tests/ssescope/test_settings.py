"""The user's file of settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssescope.settings import Settings, SettingsError, read_settings, settings_path
from tests.ssescope.running import ROOT, ssescope
from tests.ssescope.saved import save


def settings(folder: Path, text: str) -> Settings:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def test_the_variable_names_the_file_or_it_is_in_the_users_folder() -> None:
    assert settings_path({"SSESCOPE_CONFIG": "/x/y.toml"}) == Path("/x/y.toml")
    assert settings_path({}).parts[-2:] == ("ssescope", "config.toml")


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "config.toml") == Settings(tmp_path / "config.toml")
    with pytest.raises(SettingsError, match="does not exist"):
        read_settings(tmp_path / "config.toml", needed=True)


def test_what_is_set_is_the_default_of_options(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        '[captures]\nfolder = "/captures"\n[proxy]\nport = 9000\n'
        '[inspector]\nfps = 5\nmouse = false\ntheme = "light"\n[keys]\nfollow = "f, ctrl+f"\n',
    )
    shown = {"fps": 5, "mouse": False, "theme": "light"}
    assert found.options == {
        "proxy": {"port": 9000},
        "watch": {"port": 9000, **shown},
        "inspect": shown,
    }
    assert found.keys == {"follow": "f,ctrl+f"}
    assert found.folder == Path("/captures")


def test_a_folder_may_be_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    found = settings(tmp_path, "[captures]\nfolder = '~/captures'\n")
    assert found.folder == Path("/home/somebody/captures")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[inspector\n", "line 1"),
        ("[inspektor]\n", "did you mean inspector?"),
        ("[inspector]\nfsp = 5\n", "did you mean fps?"),
        ("[inspector]\ncolour = 5\n", "expected one of fps, mouse, theme"),
        ("[inspector]\nfps = 'fast'\n", "expected a number from 0.5 to 60"),
        ("[inspector]\nfps = true\n", "expected a number from 0.5 to 60"),
        ("[inspector]\nfps = 1000\n", "expected a number from 0.5 to 60"),
        ("[inspector]\nmouse = 0\n", "expected true or false"),
        ("[proxy]\nport = 70000\n", "expected a number from 0 to 65535"),
        ("inspector = 1\n", r"write \[inspector\]"),
        ("keys = 1\n", r"write \[keys\]"),
        ("[keys]\nfollow = ''\n", "expected keys in quotes"),
        ("[keys]\nfollow = 1\n", "expected keys in quotes"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as wrong:
        settings(tmp_path, text)
    assert str(tmp_path / "config.toml") in str(wrong.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        read_settings(tmp_path)
    (tmp_path / "x").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="UTF-8"):
        read_settings(tmp_path / "x")


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_raises_anything_else(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "settings.toml"
    path.write_text(text, encoding="utf-8")
    try:
        read_settings(path)
    except SettingsError:
        pass
    finally:
        path.unlink()


def test_the_example_in_the_documents_is_one(tmp_path: Path) -> None:
    document = (ROOT / "docs/inspector.md").read_text()
    example = document.partition("```toml\n")[2].partition("```")[0]
    found = settings(tmp_path, example)
    assert found.options["inspect"]["theme"] == "dark"
    assert found.keys == {"follow": "F,f"}


def test_flags_go_before_variables_and_these_before_the_file(tmp_path: Path) -> None:
    for name in ("file", "variable", "flag"):
        save(tmp_path / name, request=b"{}")
    config = tmp_path / "config.toml"
    config.write_text(f'[captures]\nfolder = "{tmp_path / "file"}"\n')
    variables = {"SSESCOPE_CONFIG": str(config)}
    in_the_file = ssescope("ls", "--json", **variables).stdout
    variables["SSESCOPE_CAPTURES"] = str(tmp_path / "variable")
    in_the_variable = ssescope("ls", "--json", **variables).stdout
    in_the_flag = ssescope("ls", "--json", "--captures", str(tmp_path / "flag"), **variables).stdout
    for name, output in (
        ("file", in_the_file),
        ("variable", in_the_variable),
        ("flag", in_the_flag),
    ):
        assert next((tmp_path / name).glob("*.jsonl")).stem in output


def test_a_wrong_file_is_one_message_and_code_2(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[inspector]\nfsp = 5\n")
    done = ssescope("ls", SSESCOPE_CONFIG=str(config))
    assert done.returncode == 2
    assert "did you mean fps?" in done.stderr
    assert "Traceback" not in done.stderr
