"""What the terminal can do, found out from the environment, and what Textual must know before it is imported.

Nothing here imports Textual: its knobs are module constants, read once when it is imported.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING

from runspect.dataclass import dataclass
from runspect.tui import abilities

if TYPE_CHECKING:
    from runspect.tui.abilities import Colours

_SLOW_FPS = "20"


@dataclass(frozen=True, slots=True)
class Terminal:
    """The abilities of the terminal that the screen adapts to."""

    colours: Colours = "truecolor"
    utf8: bool = True
    remote: bool = False
    """Over SSH: bytes are dear, the mouse stays off, scrolling jumps."""
    tmux: bool = False


def read_terminal(environ: Mapping[str, str], encoding: str | None = None) -> Terminal:
    """Describe the terminal behind `environ`; `encoding` is that of the locale."""
    return Terminal(
        colours=abilities.colours(environ),
        utf8=abilities.is_utf8(environ, encoding or locale.getpreferredencoding(False)),
        remote=bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY")),
        tmux=bool(environ.get("TMUX")),
    )


def prepare(environ: MutableMapping[str, str] = os.environ, *, no_color: bool = False) -> Terminal:
    """Set Textual's knobs in `environ`; call it before Textual is imported. What the user has set stays."""
    if no_color:
        environ["NO_COLOR"] = "1"
    terminal = read_terminal(environ)
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    if terminal.remote:
        environ.setdefault("TEXTUAL_FPS", _SLOW_FPS)
    if terminal.colours == "16":
        environ.setdefault("TEXTUAL_COLOR_SYSTEM", "standard")
    return terminal


def refusal(environ: Mapping[str, str], *, stdin: bool, stdout: bool, stderr: bool) -> str | None:
    """Why the screen cannot be shown here, or None; each flag tells whether that stream is a terminal."""
    if not (stdin and stdout):
        return "not a terminal"
    if not stderr:
        return "stderr is redirected, and the screen is drawn on it"
    if environ.get("TERM", "") in ("", "dumb"):
        return "TERM=" + (environ.get("TERM") or "''") + " cannot place text"
    return None
