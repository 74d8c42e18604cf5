"""All patterns: those that come with runspect, and the user's own in `patterns/` beside `config.toml`.

A user's pattern with the name of a bundled one takes its place.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from runspect.dataclass import dataclass
from runspect.errors import ReaderFault
from runspect.place import config_directory
from runspect.readers.pattern_file import LARGEST, Pattern, load_pattern
from runspect.readers.pattern_guard import fault

BUNDLED = Path(__file__).parent / "patterns"
DIRECTORY = "patterns"
MOST_USER_FILES = 100


@dataclass(frozen=True, slots=True)
class PatternSet:
    """Patterns in the order in which they are tried, and the files that hold none."""

    patterns: tuple[Pattern, ...]
    broken: tuple[tuple[Path, str], ...] = ()


def user_directory(environ: Mapping[str, str]) -> Path:
    """Where the user's own patterns are, or would be."""
    return config_directory(environ) / DIRECTORY


def patterns() -> PatternSet:
    """All patterns; read again when the user's files changed."""
    get = os.environ.get
    directory = _directory(get("RUNSPECT_HOME"), get("XDG_CONFIG_HOME"), get("HOME"))
    return _loaded(directory, _stamp(directory))


@lru_cache(maxsize=2)
def _directory(*_: str | None) -> Path:
    """`user_directory`, as long as what decides it stays: it is asked for each console log."""
    return user_directory(os.environ)


@lru_cache(maxsize=1)
def bundled() -> tuple[Pattern, ...]:
    """The patterns that come with runspect."""
    return tuple(load_pattern(path) for path in sorted(BUNDLED.glob("*.toml")))


def user_files() -> list[tuple[str, bytes]]:
    """Name and content of each of the user's own files that can be read."""
    directory = user_directory(os.environ)
    found: list[tuple[str, bytes]] = []
    for name, size, _ in _stamp(directory):
        with suppress(OSError):
            found.append((name, (directory / name).read_bytes() if size <= LARGEST else b""))
    return found


def load_user_pattern(path: Path) -> Pattern:
    """A pattern of the user's, checked for expressions that could hang.

    Raises:
        ReaderFault: It cannot be read, is no pattern, or is too slow.
    """
    pattern = load_pattern(path, user=True)
    if said := fault(pattern):
        raise ReaderFault(said)
    return pattern


def ordered(found: Mapping[str, Pattern]) -> tuple[Pattern, ...]:
    """Patterns in the order in which they are tried."""
    return tuple(sorted(found.values(), key=lambda pattern: (pattern.order, not pattern.user, pattern.name)))


@lru_cache(maxsize=2)
def _loaded(directory: Path, stamp: tuple[tuple[str, int, int], ...]) -> PatternSet:
    found = {pattern.name: pattern for pattern in bundled()}
    broken: list[tuple[Path, str]] = []
    for name, _, _ in stamp:
        try:
            pattern = load_user_pattern(directory / name)
        except ReaderFault as error:
            broken.append((directory / name, error.what))
        else:
            found[pattern.name] = pattern
    return PatternSet(ordered(found), tuple(broken))


def _stamp(directory: Path) -> tuple[tuple[str, int, int], ...]:
    """(name, size, mtime) of the user's files."""
    try:
        with os.scandir(directory) as entries:
            files = [entry for entry in entries if entry.name.endswith(".toml") and entry.is_file()]
            found = [(entry.name, entry.stat().st_size, entry.stat().st_mtime_ns) for entry in files]
    except OSError:
        return ()
    return tuple(sorted(found)[:MOST_USER_FILES])
