"""The page that shows the inspector, with all it loads from this server alone."""

from __future__ import annotations

from html import escape

from inspector_tui import palette
from inspector_tui.themes import look_named

SCRIPT = """\
"use strict";
// The token has done its work: the cookie has it now, and no history, bookmark or picture shows it.
history.replaceState(null, "", "/");
document.getElementById("again").addEventListener("click", () => location.reload());
addEventListener("load", () => document.querySelector(".xterm-helper-textarea")?.focus());
"""

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{title}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/static/css/xterm.css">
    <link rel="stylesheet" href="/page.css">
    <script src="/static/js/textual.js" defer></script>
    <script src="/page.js" defer></script>
  </head>
  <body>
    <p class="font" aria-hidden="true">The font <b>loads</b> <i>first</i>.</p>
    <div id="terminal" class="textual-terminal" data-font-size="14"
      data-session-websocket-url="ws://{host}/ws"></div>
    <div class="closed" role="alertdialog" aria-labelledby="ended">
      <p id="ended">The inspector has ended, or its server has stopped.</p>
      <button type="button" id="again">Open it again</button>
    </div>
  </body>
</html>
"""


def style(theme: str) -> str:
    """The style sheet around the terminal, in the colours of one of the inspector's themes."""
    look = look_named(theme)
    colours = {} if look.sixteen else look.colours
    background, foreground, raised, accent = (
        colours.get(colour, colour)
        for colour in (palette.BACKGROUND, palette.FOREGROUND, palette.RAISED, palette.ACCENT)
    )
    return f"""\
@font-face {{
  font-family: "Roboto Mono"; font-weight: 100 700; font-style: normal;
  src: url("/static/fonts/RobotoMono-VariableFont_wght.ttf");
}}
@font-face {{
  font-family: "Roboto Mono"; font-weight: 100 700; font-style: italic;
  src: url("/static/fonts/RobotoMono-Italic-VariableFont_wght.ttf");
}}
body, .xterm .xterm-viewport {{ background: {background} !important; overflow: hidden; }}
.font {{ position: absolute; opacity: 0; font-family: "Roboto Mono", monospace; }}
.closed {{
  display: none; position: fixed; inset: 0; z-index: 10; background: {background}e0;
  color: {foreground}; font: 16px system-ui, sans-serif;
  flex-direction: column; align-items: center; justify-content: center;
}}
body.-closed .closed {{ display: flex; }}
.closed button {{
  padding: 12px 24px; font: inherit; color: {foreground}; background: {raised};
  border: 1px solid {accent}; border-radius: 4px; cursor: pointer;
}}
"""


def page(title: str, host: str) -> str:
    """The page.

    Args:
        title: what the tab of the browser says.
        host: name and port as the browser knows them; the WebSocket is opened there.
    """
    return _PAGE.format(title=escape(title), host=escape(host))


def security_fields(host: str) -> dict[str, str]:
    """Header fields of every answer.

    textual.js brings its styles along as elements, which is why these may stand in the page.
    """
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self'",
        "img-src 'self' data:",
        f"connect-src 'self' ws://{host}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
