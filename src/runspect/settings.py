"""The user's own `config.toml`: keys, columns, ignored params and how the screen behaves.

theme = "runspect-dark"
mouse = false
ascii = false
low_bandwidth = false
columns = ["state", "name", "lr", "val/loss:best"]
ignore = ["output_dir", "wandb.*"]

[keys]
star = "*"
filter = ["/", "ctrl+f"]
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runspect.errors import UsageError
from runspect.place import config_directory

FILE = "config.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user set; None where the program decides."""

    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(command id, its keys)."""
    columns: tuple[str, ...] = ()
    """Column specs of a new table; none: chosen from what varies."""
    ignore: tuple[str, ...] = ()
    """Globs of params that a diff leaves out."""
    mouse: bool | None = None
    """None: on, but off over SSH."""
    ascii: bool | None = None
    """None: by the terminal's encoding."""
    theme: str | None = None
    low_bandwidth: bool | None = None


def settings_path(environ: Mapping[str, str]) -> Path:
    """Where the file is, or would be."""
    return config_directory(environ) / FILE


def load_settings(environ: Mapping[str, str]) -> Settings:
    """The user's settings; the defaults when there is no file.

    Raises:
        UsageError: The file cannot be read or holds something that is not understood; says the file and the key.
    """
    path = settings_path(environ)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    try:
        return parse_settings(text)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def parse_settings(text: str) -> Settings:
    """The settings in the text of a file.

    Raises:
        UsageError: It is no TOML, or a key is unknown or of the wrong kind.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"no valid TOML: {error}") from error
    return Settings(**{key: _checked(key, value) for key, value in table.items()})


def _checked(key: str, value: Any) -> Any:
    if key not in _READERS:
        near = difflib.get_close_matches(key, _READERS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(_READERS))}"
        raise UsageError(f"unknown key {key!r}{hint}")
    return _READERS[key](key, value)


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{key!r} must be true or false, not {value!r}")
    return value


def _word(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{key!r} must be a word in quotes, not {value!r}")
    return value.strip()


def _words(key: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise UsageError(f"{key!r} must be a list of words in quotes, not {value!r}")
    return tuple(value)


def _keys(key: str, value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise UsageError("'keys' must be a table: [keys] and then COMMAND = \"KEY\" on lines of their own")
    return tuple((command, _words(f"keys.{command}", found)) for command, found in value.items())


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "keys": _keys,
    "columns": _words,
    "ignore": _words,
    "mouse": _flag,
    "ascii": _flag,
    "theme": _word,
    "low_bandwidth": _flag,
}
