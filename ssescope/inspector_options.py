"""How the user wants the inspector: pace, mouse, theme and keys."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from inspector_tui.app import run
from inspector_tui.keymap import KeymapError, bindings, check_keymap, key_text
from inspector_tui.themes import DARK, theme_names
from ssescope.exits import Exit, fail

THEME_OF_TEXTUAL = "TEXTUAL_THEME"


@dataclass(frozen=True, slots=True)
class InspectorOptions:
    """What was asked for by flags, by environment variables and in the file of settings."""

    fps: float | None = None
    """Frames a second; None for 10, over SSH 5."""
    mouse: bool = True
    theme: str | None = None
    """None for the one that TEXTUAL_THEME names, or else the dark one."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys by the id of their binding, with commas between them."""
    keys_path: Path | None = None
    """The file that the keys stand in."""

    def words(self) -> list[str]:
        """The flags that ask for the same; the keys come from the file of settings again."""
        words = [] if self.fps is None else ["--fps", f"{self.fps:g}"]
        words += [] if self.mouse else ["--no-mouse"]
        return words + ([] if self.theme is None else ["--theme", self.theme])

    def check(self) -> None:
        """Ends with code 2 if there is no such theme, or the keys cannot be used."""
        self.known_theme()
        try:
            check_keymap(self.keys)
        except KeymapError as error:
            fail(Exit.USAGE, f"{self.keys_path}, [keys]: {error}")

    def known_theme(self) -> str:
        """The theme to show; ends with code 2 if there is none of its name."""
        names = theme_names()
        if self.theme is None:
            textual = os.environ.get(THEME_OF_TEXTUAL, DARK)
            return textual if textual in names else DARK
        if self.theme not in names:
            near = get_close_matches(self.theme, names, 1)
            hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(names)}"
            fail(Exit.USAGE, f"no theme {self.theme!r}; {hint}")
        return self.theme


def show(path: Path, options: InspectorOptions, program: Sequence[str], title: str = "") -> int:
    """Shows the inspector in this terminal until the user quits; returns the exit code."""
    options.check()
    return run(
        path,
        fps=options.fps,
        mouse=options.mouse,
        theme=options.known_theme(),
        keys=options.keys,
        title=title,
        program=program,
    )


def keys_in_toml(options: InspectorOptions) -> str:
    """Every key, as a section to paste into the file of settings: ids, keys, what they do."""
    options.check()
    bound = bindings(options.keys)
    width = max(len(_line(one.id, one.keys)) for one in bound)
    lines = ["[keys]"]
    section = ""
    for one in bound:
        if one.section != section:
            section = one.section
            lines += ["", f"# {section}"]
        lines.append(f"{_line(one.id, one.keys):{width}}  # {one.words}")
    return "\n".join(lines)


def _line(name: str, keys: Sequence[str]) -> str:
    return f'{name} = "{",".join(map(_in_toml, keys))}"'


def _in_toml(key: str) -> str:
    """The sign on the key where it needs no escaping, or else the key's name."""
    sign = key_text(key)
    return sign if len(sign) == 1 and sign.isascii() and sign not in ',"\\' else key
