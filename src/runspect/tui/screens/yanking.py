"""Copying what is known of runs out of the terminal."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from textual.app import App

from runspect import columns
from runspect.masking import mask
from runspect.tui import clipboard
from runspect.tui.desk import Desk
from runspect.tui.screens.run_list import RunList
from runspect.tui.widgets.run_table import RunTable

_PLAIN = re.compile(r"[\w./+-](?:[\w ./+=~^()$;<>-]*[\w./+=~^()$;<>-])?")
"""Texts that are plain YAML wherever they stand, apart from those that mean something else."""
_OTHER = re.compile(
    r"(?:[-+.]?[0-9].*|[-+]?\.(?:inf|nan).*|-|- .*|---.*|\.\.\..*|<<|=|y|n|yes|no|on|off|true|false|null|none|nan|inf|infinity"
    r"|[-+](?:inf|nan|infinity))",
    re.IGNORECASE | re.ASCII,
)
"""Texts that some loader takes for a number, a date, a truth value or nothing."""


class Yanking:
    """Each command copies one thing of the run under the cursor and says so."""

    def __init__(self, desk: Desk, runs: RunList, table: RunTable) -> None:
        self.desk = desk
        self.runs = runs
        self.table = table

    def do_yank_id(self) -> None:
        self._of_run("id", lambda run: str(run["uid"]))

    def do_yank_name(self) -> None:
        self._of_run("name", lambda run: str(run["name"]))

    def do_yank_path(self) -> None:
        self._of_run("path", lambda run: f"{run['root'].rstrip('/')}/{run['path']}".removesuffix("/."))

    def do_yank_config(self) -> None:
        self._of_run(
            "params",
            lambda run: "".join(f"{yaml_value(key)}: {yaml_value(value)}\n" for key, value in run["params"].items()),
        )

    def do_yank_table(self) -> None:
        heads = [head.title for head in self.table.heads]
        rows = [self.table.rows[rid] for rid in self.table.window() if rid in self.table.rows]
        lines = [heads, ["---"] * len(heads), *([cell.text for cell in row.cells] for row in rows)]
        self._copy("table", "\n".join(_markdown(line) for line in lines) + "\n")

    def do_yank_value(self) -> None:
        rid, at = self.table.current, self.table.column
        row = self.runs.rows.row_of(rid) if rid is not None else None
        if row is None or at >= min(len(self.runs.columns), len(row.values)):
            return
        column, value = self.runs.columns[at], row.values[at]
        if column.kind in ("param", "fact") and not self.desk.options.show_secrets:
            value = mask(column.name, value)
        if value is None or value in ("", []):
            self.desk.say(f"{column.spec} was not recorded for this run", "dim")
        elif column.kind == "spark":
            self._copy(column.spec, columns.sparkline(str(value), ascii_only=self.desk.glyphs.ascii))
        else:
            self._copy(column.spec, cell_text(columns.record(column, value, time.time())))

    def _of_run(self, what: str, text_of: Callable[[dict[str, Any]], str]) -> None:
        rid = self.runs.meant.current
        if rid is not None:
            self.desk.errands.send("yank", lambda: text_of(self.desk.run(rid)), lambda text: self._copy(what, text))
        else:
            self.desk.say(self.runs.meant.nobody, "dim")

    def _copy(self, what: str, text: str) -> None:
        app: App[None] = self.table.app
        where = clipboard.copy(app, self.desk.terminal, text)
        shown = text.strip().split("\n")[0]
        self.desk.say(f"{what} copied {where}: {shown}", "plain")


def cell_text(value: Any) -> str:
    """A value as one pastes it: text as it is, numbers with all their digits, everything else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def yaml_value(value: Any) -> str:
    """A value that loaders of YAML 1.1 and 1.2 read back as what it is.

    1.1 wants a point in a float with an exponent (PyYAML reads `1e-5` as text), and reads more words as other things than
    text. A list or object is written as JSON, which is YAML.
    """
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return _yaml_number(value)
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) and not _OTHER.fullmatch(value) else _quoted(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml_inside, value)) + "]"
    return "{" + ", ".join(f"{_quoted(str(k))}: {_yaml_inside(v)}" for k, v in value.items()) + "}"


def _yaml_inside(value: Any) -> str:
    """Inside brackets texts are always quoted: a comma or a bracket would end them."""
    return _quoted(value) if isinstance(value, str) else yaml_value(value)


def _quoted(text: str) -> str:
    """In double quotes, with escapes for what cannot be printed."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escape(ord(char)) for char in written)


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _yaml_number(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    digits, exponent, power = repr(value).partition("e")
    point = "" if "." in digits else ".0"
    return f"{digits}{point}e{int(power):+d}" if exponent else digits


def _markdown(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
