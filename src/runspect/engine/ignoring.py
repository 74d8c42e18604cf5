"""`.runspectignore`: what the owner of a tree does not want to be looked at, in the syntax of .gitignore.

A file holds for its directory and all below; of the patterns that fit a path the last one of the nearest file decides.
What lies in a hidden directory cannot be shown again: it is not entered. (gitignore(5), "Pattern format". The library
`pathspec` judges whole paths and hides directories that git shows, `*` with `!*/`, so it does not serve a walk.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from runspect.dataclass import dataclass

NAME = ".runspectignore"
LARGEST = 1 << 20
"""Bytes that are read of such a file."""
LONGEST = 1000
"""Letters of a pattern."""
_TRAILING_SPACE = re.compile(r"(?<!\\) +$")
_PIECE = re.compile(r"(?P<star>\*+)|(?P<one>\?)|\[(?P<not>[!^]?)(?P<set>\]?[^\]/]*)\]|\\(?P<escaped>.)|(?P<plain>.)")


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One line."""

    path: re.Pattern[str]
    """Fits the whole path of an entry, relative to the directory of the file."""
    hides: bool
    only_directories: bool


class Rules:
    """The rules that hold in a directory; immutable."""

    __slots__ = ("_files",)

    def __init__(self, files: tuple[tuple[str, Sequence[_Pattern]], ...] = ()) -> None:
        self._files = files
        """(directory with a slash behind it, its patterns from the last to the first), the nearest first."""

    def __bool__(self) -> bool:
        return bool(self._files)

    def hide(self, path: str, *, is_directory: bool) -> bool:
        """Whether an entry is hidden; `path` is relative to the walked root, and nothing above it is hidden."""
        for prefix, patterns in self._files:
            inner = path[len(prefix) :]
            for pattern in patterns:
                if (is_directory or not pattern.only_directories) and pattern.path.fullmatch(inner):
                    return pattern.hides
        return False

    def within(self, directory: str, file: Path) -> tuple[Rules, list[str]]:
        """The rules in `directory` with those of its own file, and lines of it that are no patterns.

        Raises:
            OSError: The file cannot be read.
        """
        with file.open("rb") as opened:
            lines = opened.read(LARGEST).decode("utf-8-sig", "replace").split("\n")
        patterns, wrong = list[_Pattern](), list[str]()
        for line in map(_content, lines):
            pattern = _pattern(line)
            if pattern is not None:
                patterns.append(pattern)
            elif line and not line.startswith("#"):
                wrong.append(line)
        prefix = "" if directory == "." else directory + "/"
        return Rules(((prefix, tuple(reversed(patterns))), *self._files)), wrong


NO_RULES = Rules()


def _content(line: str) -> str:
    return _TRAILING_SPACE.sub("", line.removesuffix("\r"))


def _pattern(line: str) -> _Pattern | None:
    """The pattern of a line; None where it is blank, a comment or no pattern."""
    shows = line.startswith("!")
    glob = line.removeprefix("!")
    only_directories = glob.endswith("/")
    glob = glob.removesuffix("/")
    if not glob or line.startswith("#") or len(glob) > LONGEST:
        return None
    anywhere = "/" not in glob
    parts = glob.removeprefix("/").split("/")
    try:
        path = re.compile("".join(_path(["**", *parts] if anywhere else parts)), re.DOTALL)
    except re.error:
        return None
    return _Pattern(path, not shows, only_directories)


def _path(parts: Sequence[str]) -> Iterator[str]:
    """Regular expressions of the parts between slashes; `**` stands for any directories, at the end for all inside."""
    last = len(parts) - 1
    for at, part in enumerate(parts):
        if part == "**":
            if at == last:
                yield ".+"
            elif at == 0 or parts[at - 1] != "**":
                yield "(?:.*/)?"
        else:
            yield _name(part) + ("" if at == last else "/")


def _name(glob: str) -> str:
    """The regular expression of a name; what stands between two stars is taken where it fits first (no backtracking)."""
    texts = [""]
    for piece in _PIECE.finditer(glob):
        if piece["star"]:
            texts.append("")
        elif piece["one"]:
            texts[-1] += "[^/]"
        elif piece["set"] is not None:
            texts[-1] += f"(?!/)[{'^' if piece['not'] else ''}{_set(piece['set'])}]"
        else:
            texts[-1] += re.escape(piece["escaped"] or piece["plain"])
    if len(texts) == 1:
        return texts[0]
    middle = "".join(f"(?>[^/]*?{text})" for text in texts[1:-1])
    return f"{texts[0]}{middle}[^/]*{texts[-1]}"


def _set(letters: str) -> str:
    """The inside of brackets: ranges stay ranges, all else stands for itself."""
    return re.sub(r"([\\\[\]&|~^])", r"\\\1", letters)
