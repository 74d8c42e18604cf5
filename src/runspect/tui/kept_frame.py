r"""The last state of the screen as a small file, from which the next start paints before it can know anything.

One file a set of directories. UTF-8 text, a line each: the format's name; the directories; `key value` pairs; the
styles (`S attributes foreground background`); then the lines of the screen, `NAME` and segments, each a style's number
and its text, between unit separators. A colour is `-` (the terminal's own), `nN` (one of its 16) or `RRGGBB/N` with its
place among the 256.

The file is read as if a stranger had written it: text keeps its printable characters only, styles are numbers.
Nothing here imports more than the interpreter has loaded at its start; a dataclass would cost more than the painting.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMAT = "runspect frame 1"
MOST_BYTES = 1 << 20
MOST_KEPT = 60
"""Frames of so many sets of directories are kept."""
_BETWEEN = "\x1f"
_ATTRIBUTES = {"b": "1", "d": "2", "i": "3", "u": "4", "r": "7"}

Segments = "list[tuple[int, str]]"
"""(style's number, text)."""


class KeptFrame:
    """What the screen showed: its lines by name, in styles that any ladder of colours can be made from."""

    __slots__ = ("ascii", "at", "columns", "filter", "footer", "has_charts", "styles", "table", "theme", "title")

    def __init__(self) -> None:
        self.at = 0
        """When it was kept, s since 1970."""
        self.columns = 0
        """Cells of each line."""
        self.has_charts = True
        """Whether charts stand under the table where the terminal is tall enough."""
        self.theme = ""
        self.ascii = False
        self.styles: list[tuple[str, str, str]] = []
        """(attributes, foreground, background); the first is that of blanks."""
        self.title: list[tuple[int, str]] = []
        self.filter: list[tuple[int, str]] = []
        self.table: list[list[tuple[int, str]]] = []
        """The heads, then the rows."""
        self.footer: list[tuple[int, str]] = []


def folder(environ: Mapping[str, str]) -> str:
    """Where the state of screens lies."""
    if environ.get("RUNSPECT_HOME"):
        return os.path.join(environ["RUNSPECT_HOME"], "state")
    home = environ.get("HOME") or os.path.expanduser("~")
    return os.path.join(environ.get("XDG_STATE_HOME") or os.path.join(home, ".local", "state"), "runspect")


def file_of(directories: Sequence[str], environ: Mapping[str, str]) -> str:
    """The file of the directories that were named on the command line; none for all known ones."""
    import zlib

    scope = _scope(directories)
    return os.path.join(folder(environ), f"frame-{zlib.crc32(scope):08x}{zlib.adler32(scope):08x}.txt")


def load(path: str, directories: Sequence[str]) -> KeptFrame | None:
    """The frame of these directories; None where there is none, or none that can be understood."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if os.fstat(descriptor).st_uid != os.getuid():
                return None
            data = os.read(descriptor, MOST_BYTES)
        finally:
            os.close(descriptor)
        return _parsed(data.decode().split("\n"), _scope(directories).hex())
    except (OSError, ValueError, IndexError):
        return None


def save(path: str, directories: Sequence[str], frame: KeptFrame) -> None:
    """Write it, whole or not at all; a frame that cannot be written is not worth a message."""
    lines = [
        FORMAT,
        _scope(directories).hex(),
        f"at {frame.at}",
        f"columns {frame.columns}",
        f"theme {frame.theme}",
        f"charts {int(frame.has_charts)}",
        f"ascii {int(frame.ascii)}",
        *(f"S {attributes or '-'} {fore} {back}" for attributes, fore, back in frame.styles),
        _written("title", frame.title),
        _written("filter", frame.filter),
        *(_written("row", row) for row in frame.table),
        _written("footer", frame.footer),
        "",
    ]
    data = "\n".join(lines).encode(errors="replace")
    beside = f"{path}.{os.getpid()}"
    if len(data) >= MOST_BYTES:
        return
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(beside, flags, 0o600)
        try:
            whole = os.write(descriptor, data) == len(data)
        finally:
            os.close(descriptor)
        os.replace(beside, path) if whole else os.unlink(beside)
        _forget_oldest(os.path.dirname(path))
    except OSError:
        return


def fitted(line: list[tuple[int, str]], columns: int) -> list[tuple[int, str]]:
    """A line in exactly so many cells: cut at the right, or filled with blanks."""
    found: list[tuple[int, str]] = []
    left = columns
    for style, text in line:
        text = _head(text, left)
        if text:
            found.append((style, text))
            left -= width(text)
    if left > 0:
        found.append((line[-1][0] if line else 0, " " * left))
    return found


def stretched(line: list[tuple[int, str]], by: int) -> list[tuple[int, str]]:
    """A line with its last gap made wider or narrower by so many cells, so that what stands at the right edge stays there."""
    for at in range(len(line) - 1, -1, -1):
        style, text = line[at]
        start = text.rfind("   ")
        if start >= 0:
            head = text[:start].rstrip(" ")
            tail = text[start:].lstrip(" ")
            gap = max(1, len(text) - len(head) - len(tail) + by)
            return [*line[:at], (style, head + " " * gap + tail), *line[at + 1 :]]
    return line


def width(text: str) -> int:
    """Terminal cells of a text, as the screen counts them."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(2 if east_asian_width(char) in "WF" else 0 if combining(char) else 1 for char in text)


def codes(style: tuple[str, str, str], colours: str) -> str:
    """The SGR sequence of a style, for a terminal with these colours."""
    attributes, fore, back = style
    found = ["0", *(_ATTRIBUTES[attribute] for attribute in attributes), *_colour(fore, colours, 30)]
    return f"\x1b[{';'.join([*found, *_colour(back, colours, 40)])}m"


def _colour(colour: str, colours: str, base: int) -> list[str]:
    if colour == "-" or colours == "none":
        return []
    if colour[0] == "n":
        number = int(colour[1:])
        return [str(base + number if number < 8 else base + 52 + number)]
    if colours == "truecolor":
        return [str(base + 8), "2", *(str(int(colour[at : at + 2], 16)) for at in (0, 2, 4))]
    return [str(base + 8), "5", colour[7:]] if colours == "256" else []


def _head(text: str, cells: int) -> str:
    if text.isascii():
        return text[: max(0, cells)]
    used = 0
    for at, char in enumerate(text):
        used += width(char)
        if used > cells:
            return text[:at]
    return text


def _scope(directories: Sequence[str]) -> bytes:
    return b"\0".join(sorted(os.fsencode(os.path.realpath(directory)) for directory in directories))


def _written(name: str, line: list[tuple[int, str]]) -> str:
    return _BETWEEN.join((name, *(f"{style} {_plain(text)}" for style, text in line)))


def _plain(text: str) -> str:
    """Printable characters only: whatever stands in a file, it cannot steer the terminal."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "?" for char in text)


def _parsed(lines: list[str], scope: str) -> KeptFrame | None:
    if lines[0] != FORMAT or lines[1] != scope:
        return None
    frame = KeptFrame()
    for line in lines[2:]:
        name, *parts = line.split(_BETWEEN)
        segments = [(int(number), _plain(text)) for number, _, text in (part.partition(" ") for part in parts)]
        if name == "row":
            frame.table.append(segments)
        elif name == "title":
            frame.title = segments
        elif name == "filter":
            frame.filter = segments
        elif name == "footer":
            frame.footer = segments
        elif line:
            _take(frame, line.split(" "))
    known = range(len(frame.styles))
    drawn = [frame.title, frame.filter, frame.footer, *frame.table]
    whole = all(style in known for line in drawn for style, _ in line)
    return frame if whole and frame.styles and frame.columns > 0 else None


def _take(frame: KeptFrame, words: list[str]) -> None:
    match words:
        case ["at", number]:
            frame.at = int(number)
        case ["columns", number]:
            frame.columns = int(number)
        case ["theme", name]:
            frame.theme = name
        case ["charts", flag]:
            frame.has_charts = flag == "1"
        case ["ascii", flag]:
            frame.ascii = flag == "1"
        case ["S", attributes, fore, back]:
            frame.styles.append((_attributes(attributes), _checked(fore), _checked(back)))
        case _:
            raise ValueError(words[0])


def _attributes(text: str) -> str:
    return "".join(char for char in text if char in _ATTRIBUTES)


def _checked(colour: str) -> str:
    if colour == "-":
        return colour
    if colour[0] == "n":
        return f"n{int(colour[1:]) & 15}"
    return f"{int(colour[:6], 16):06x}/{int(colour[7:]) & 255}"


def _forget_oldest(directory: str) -> None:
    """The least recently kept frames, beyond those that are worth their place."""
    with os.scandir(directory) as found:
        frames = [(entry.stat().st_mtime, entry.path) for entry in found if entry.name.startswith("frame-")]
    for _, path in sorted(frames)[:-MOST_KEPT]:
        os.unlink(path)
