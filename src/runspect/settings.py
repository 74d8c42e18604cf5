"""The user's own `config.toml`: keys, columns, colours, ignored params and how the screen behaves.

theme = "dark"                 # dark, light or ansi (the terminal's own sixteen colours)
mouse = false                  # where it is not said: on, but off over SSH
ascii = false                  # no braille, no box drawing; where it is not said: by the terminal's encoding
low_bandwidth = false          # fewer bytes: no charts under the table
line_diff = true               # send only the cells that changed; false where a terminal shows leftovers
bars = false                   # bars beside the numbers of metrics
columns = ["state", "name", "lr", "val/loss:best"]
ignore = ["output_dir", "wandb.*"]      # params that a diff and a group of seeds leave out

[colours]                      # of the dark and the light theme
good = "#9ece6a"
curve-1 = "#7aa2f7"

[keys]                         # a command of `?` and its key, or several; [] for none
star = "*"
filter = ["/", "alt+f"]
drop-equal = "gf"              # two strokes
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

from runspect.checked_toml import Table, choice, flag, parse_toml, read_toml, subtable, words
from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.keymap import Keyed, canonical, first_clash
from runspect.place import config_directory
from runspect.roles import Role

FILE = "config.toml"
CURVES = 8
"""Colours of curves that can be set: `curve-1` to `curve-8`."""
COLOURS = (
    *(role for role in get_args(Role) if role != "plain"),
    "foreground",
    "background",
    "panel",
    "cursor",
    *(f"curve-{number}" for number in range(1, CURVES + 1)),
)
"""What a colour can be given to."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user set; None where the program decides."""

    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(command id, its keys)."""
    columns: tuple[str, ...] = ()
    """Column specs of a new table; none: chosen from what varies."""
    ignore: tuple[str, ...] = ()
    """Globs of params that a diff leaves out."""
    colours: tuple[tuple[str, str], ...] = ()
    """(one of `COLOURS`, "#rrggbb")."""
    mouse: bool | None = None
    """None: on, but off over SSH."""
    ascii: bool | None = None
    """None: by the terminal's encoding."""
    bars: bool | None = None
    theme: str | None = None
    """"dark", "light" or "ansi"."""
    low_bandwidth: bool | None = None
    line_diff: bool | None = None
    """None: yes."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One setting in effect and where it comes from."""

    key: str
    value: Any
    where: str
    """"FILE:LINE", or "default"."""


def settings_path(environ: Mapping[str, str]) -> Path:
    """Where the file is, or would be."""
    return config_directory(environ) / FILE


def load_settings(environ: Mapping[str, str], commands: Mapping[str, Keyed] | None = None) -> Settings:
    """The user's settings; the defaults when there is no file.

    Args:
        commands: Those that may have keys, by id; none: any, and whether keys go together is not looked at.

    Raises:
        UsageError: The file cannot be read or holds something that is not understood; says the file, line and key.
    """
    path = settings_path(environ)
    table = read_toml(path)
    try:
        return Settings() if table is None else _settings(table, commands or {})
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def example() -> str:
    """A file to begin with: every setting with what it does, commented out."""
    head, _, body = (__doc__ or "").partition("\n\n")
    lines = [line if line.startswith("[") or not line else f"# {line}" for line in body.splitlines()]
    return "\n".join([f"# {head}", "", *lines]).rstrip() + "\n"


def parse_settings(text: str) -> Settings:
    """The settings in the text of a file.

    Raises:
        UsageError: It is no TOML, or a key is unknown or of the wrong kind.
    """
    return _settings(parse_toml(text))


def origins(environ: Mapping[str, str], commands: Mapping[str, Keyed] | None = None) -> tuple[Origin, ...]:
    """Every setting in effect, each key and colour on its own.

    Raises:
        UsageError: As of `load_settings`.
    """
    path, settings = settings_path(environ), load_settings(environ, commands)
    table = read_toml(path)

    def where(*keys: str) -> str:
        line = table.line(*keys) if table is not None else None
        return f"{path}:{line}" if line else "default"

    found = []
    for each in fields(Settings):
        value = getattr(settings, each.name)
        if each.name in ("keys", "colours"):
            rows = [(f"{each.name}.{key}", one, where(each.name, key)) for key, one in value]
            found += [Origin(key, list(one) if isinstance(one, tuple) else one, place) for key, one, place in rows]
        else:
            found.append(Origin(each.name, list(value) if isinstance(value, tuple) else value, where(each.name)))
    return tuple(found)


def _settings(table: Table, commands: Mapping[str, Keyed] | None = None) -> Settings:
    table.only(each.name for each in fields(Settings))
    if commands and "keys" in table.values:
        subtable(table, "keys").only(commands)
    settings = Settings(
        keys=table.read("keys", _keys, ()),
        columns=table.read("columns", words, ()),
        ignore=table.read("ignore", words, ()),
        colours=table.read("colours", _colours, ()),
        mouse=table.read("mouse", flag, None),
        ascii=table.read("ascii", flag, None),
        bars=table.read("bars", flag, None),
        theme=table.read("theme", _theme, None),
        low_bandwidth=table.read("low_bandwidth", flag, None),
        line_diff=table.read("line_diff", flag, None),
    )
    if commands:
        _check_keys(table, settings, commands)
    return settings


def _keys(table: Table, key: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    keys = subtable(table, key)
    found = tuple((command, words(keys, command)) for command in keys.values)
    for command, given in found:
        for one in given:
            if canonical(one) is None:
                keys.fault(
                    f"'keys.{command}': {one!r} is no key; it is one character, such as ctrl+f, alt+x, f5, or two: gf",
                    command,
                )
    return found


def _check_keys(table: Table, settings: Settings, commands: Mapping[str, Keyed]) -> None:
    """Refuse a key that would mean two things somewhere."""
    clash = first_clash(settings.keys, commands)
    if clash is None:
        return
    shown = dict(settings.keys)
    key = next(key for key in shown[clash.command] if canonical(key) == clash.key)
    keys = subtable(table, "keys")
    line = keys.line(clash.other) if clash.other in shown else None
    where = f" (line {line})" if line else ""
    what = "is also the key" if clash.key == clash.others else f"does not go with the key {clash.others}"
    keys.fault(
        f"'keys.{clash.command}': {key!r} {what} of '{clash.other}'{where}, and both work in {clash.view}; "
        f"give that another one, or none: {clash.other} = []",
        clash.command,
    )


def _colours(table: Table, key: str) -> tuple[tuple[str, str], ...]:
    colours = subtable(table, key)
    colours.only(COLOURS)
    for name, value in colours.values.items():
        if not isinstance(value, str) or not _HEX.fullmatch(value):
            colours.fault(f"'colours.{name}' must be a colour such as \"#9ece6a\", not {value!r}", name)
    return tuple((name, value.lower()) for name, value in colours.values.items())


def _theme(table: Table, key: str) -> str:
    # the names that the screen itself shows are taken, too
    value = table.values[key]
    plain = value.removeprefix("runspect-") if isinstance(value, str) else value
    return choice("dark", "light", "ansi")(Table({key: plain}, table.lines, table.keys), key)
