"""Posix paths relative to the walked root as plain strings; "." is the root itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

CHECKPOINT = re.compile(r"checkpoint-(\d+)")
STAMP = re.compile(r"\d{9,}(?:\.\d+)?")
"""A directory named by a time in seconds, as the hparams plug-in's writers make them."""
_OF_NO_METRIC = re.compile(r"(?:^|/)(?:(?:\d{8}_\d{6}/)?vis_data|tb/\d{8}-\d{4}|(?:rank|replica)_0|\.guild)(?=/|$)")


def parent(directory: str) -> str:
    """The directory above; "." is above the top and itself."""
    return directory.rpartition("/")[0] or "."


def base(directory: str) -> str:
    """The last name of a path."""
    return directory.rpartition("/")[2]


def upward(directory: str) -> Iterator[str]:
    """The directory itself, then each one above it, down to "."."""
    yield directory
    while directory != ".":
        directory = parent(directory)
        yield directory


def above(directory: str) -> Iterator[str]:
    """Each directory above, nearest first."""
    while directory != ".":
        directory = parent(directory)
        yield directory


def within(directory: str, root: str) -> bool:
    """Whether `directory` is `root` or lies below it."""
    return root == "." or directory == root or directory.startswith(root + "/")


def relative(directory: str, root: str) -> str:
    """`directory` as seen from `root`, "" for the root itself. It must lie within."""
    if directory == root:
        return ""
    return directory if root == "." else directory[len(root) + 1 :]


def common(directories: Iterable[str]) -> str:
    """The deepest directory that holds all of them."""
    first, *rest = directories
    return next(candidate for candidate in upward(first) if all(within(each, candidate) for each in rest))


def distance(directory: str, root: str) -> int:
    """How many levels `directory` lies below `root`."""
    below = relative(directory, root)
    return below.count("/") + 1 if below else 0


def telling(place: str, attempts: str = "") -> str:
    """What a place inside a run says of its metrics: not when a session began, nor that rank 0 wrote them.

    `attempts` begins the names of directories into which the tool moved earlier attempts of the run.
    """
    names = _OF_NO_METRIC.sub("", place).strip("/").split("/")
    if attempts and names[0].startswith(attempts) and names[0].removeprefix(attempts).isdigit():
        names = names[1:]
    return "/".join(names)


def checkpoint_step(directory: str) -> int | None:
    """N where the directory is named checkpoint-N."""
    match = CHECKPOINT.fullmatch(base(directory))
    return int(match[1]) if match else None
