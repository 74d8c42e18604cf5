"""The first frame as bytes: what the screen last showed, fitted to this terminal, or an empty screen.

Standard library only, and little of that: it is there to be painted before anything else is imported.
"""

from __future__ import annotations

import os
import sys
import time

from runspect.tui import abilities, kept_frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runspect.tui.kept_frame import KeptFrame

TALL, TALLER = 30, 40
"""Terminal lines from which there are charts under the table, and from which they are larger."""
_BLANK = {
    "dark": ("", "c9ced6/251", "15181d/16"),
    "light": ("", "2b3038/236", "fafaf8/231"),
    "ansi": ("", "-", "-"),
}
_BAR = {"dark": "1b1f26/16", "light": "f0f0ec/254", "ansi": "-"}
_DIM = {"dark": "717a87/243", "light": "7a808a/244", "ansi": "n8"}


def framed(
    kept: KeptFrame | None,
    directories: Sequence[str],
    argv: Sequence[str],
    environ: Mapping[str, str],
    size: tuple[int, int],
) -> bytes:
    """The bytes that paint a frame on a terminal of `size` (columns, lines)."""
    columns, height = size
    colours = "none" if "--no-color" in argv else abilities.colours(environ)
    theme = "ansi" if colours in ("16", "none") else _theme(environ)
    if kept is None:
        kept = _empty(directories, environ, theme, columns, ascii_only=is_ascii(argv, environ))
        stamp = "reading~" if kept.ascii else "reading…"
    else:
        stamp = f"as of {_told(kept.at)}"
        if kept.theme != f"runspect-{theme}":
            kept.styles = [(attributes, *_BLANK[theme][1:]) for attributes, _, _ in kept.styles]
    dim = len(kept.styles)
    kept.styles.append(("", _DIM[theme], kept.styles[kept.title[-1][0]][2] if kept.title else _BAR[theme]))
    lines = _lines(kept, columns, height, (dim, stamp), _below(height, argv, kept))
    codes = [kept_frame.codes(style, colours) for style in kept.styles]
    drawn = [
        f"\x1b[{y};1H" + "".join(codes[style] + text for style, text in line)
        for y, line in enumerate(lines[:height], 1)
    ]
    encoding = "utf-8" if not is_ascii((), environ) else "ascii"
    return ("".join(drawn) + "\x1b[0m").encode(encoding, "replace")


def below_lines(height: int) -> int:
    """Lines of the charts under the table on a terminal of this height; 0 where they have no place."""
    return 0 if height < TALL else 13 if height >= TALLER else 9


def is_ascii(argv: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether only ASCII may be drawn, as far as the command line and the locale say."""
    return "--ascii" in argv or not abilities.is_utf8(environ, os.device_encoding(0) or sys.getdefaultencoding())


def _below(height: int, argv: Sequence[str], kept: KeptFrame) -> int:
    """Lines that the table leaves free: the charts of the last time are of a run that need not be listed any more."""
    lower = below_lines(height) if kept.has_charts and "--low-bandwidth" not in argv else 0
    return lower + 1 if lower and len(kept.table) > 1 else 0


def _lines(
    kept: KeptFrame, columns: int, height: int, stamp: tuple[int, str], lower: int
) -> list[list[tuple[int, str]]]:
    by = columns - kept.columns
    title = kept_frame.fitted(kept_frame.stretched(kept.title, by), columns)
    if columns >= len(stamp[1]) + 20:
        bar = kept.title[-1][0] if kept.title else 0
        title = [*kept_frame.fitted(title, columns - len(stamp[1]) - 3), (bar, "  "), stamp, (bar, " ")]
    room = max(0, height - 3 - lower)
    table = [kept_frame.fitted(row, columns) for row in kept.table[:room]]
    blank = [(0, " " * columns)]
    return [
        title,
        kept_frame.fitted(kept_frame.stretched(kept.filter, by), columns),
        *table,
        *[blank] * (height - 3 - len(table)),
        kept_frame.fitted(kept.footer, columns),
    ]


def _theme(environ: Mapping[str, str]) -> str:
    """The theme of the user's settings, which are read whole later: a line `theme = "light"` is enough here."""
    home = environ.get("RUNSPECT_HOME") or os.path.join(
        environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config"), "runspect"
    )
    try:
        with open(os.path.join(home, "config.toml"), encoding="utf-8", errors="replace") as file:
            for line in file:
                key, _, value = line.partition("=")
                name = value.strip().strip("\"'").removeprefix("runspect-")
                if key.strip() == "theme" and name in _BLANK:
                    return name
    except OSError:
        pass
    return "dark"


def _empty(
    directories: Sequence[str], environ: Mapping[str, str], theme: str, columns: int, *, ascii_only: bool
) -> KeptFrame:
    """A frame for directories that were never shown."""
    kept = kept_frame.KeptFrame()
    bar = _BAR[theme]
    plain = _BLANK[theme]
    kept.columns, kept.theme, kept.ascii = columns, f"runspect-{theme}", ascii_only
    kept.styles = [plain, ("", plain[1], bar), ("b", plain[1], plain[2]), ("", _DIM[theme], plain[2])]
    real = [os.path.realpath(directory) for directory in directories]
    home = os.path.expanduser("~")
    short = [f"~{path[len(home) :]}" if f"{path}/".startswith(f"{home}/") else path for path in real]
    shown = [text if text.isprintable() else ascii(text) for text in short]
    place = shown[0] if len(shown) == 1 else f"{len(shown)} directories"
    kept.title = [(1, f" {'runspect  ' if columns >= 110 else ''}{place}"), (1, " ")]
    kept.filter = [(0, " ")]
    looking = "Looking for runs" + ("~" if ascii_only else "…")
    kept.table = [[], [], [], [(2, f"   {looking}")], [(3, f"   {', '.join(shown)}")]]
    kept.footer = [(1, " ")]
    return kept


def _told(at: int) -> str:
    """A moment as the status line tells it: the time today, else the day."""
    then, now = time.localtime(at), time.localtime()
    return time.strftime("%H:%M" if then[:3] == now[:3] else "%Y-%m-%d", then)
