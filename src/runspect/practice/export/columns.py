"""The columns of the exported tables: names, types and meaning, and the values of a run in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from runspect.dataclass import dataclass
from runspect.model import Json

Kind = Literal["text", "texts", "time", "whole", "number", "flag", "metrics"]
METRIC_KEYS = ("n", "nonfinite", "first", "last", "first_step", "last_step", "min", "min_step", "max", "max_step")
"""Of each metric, beside its name: counts and steps are whole numbers, the others numbers."""
WHOLE_KEYS = frozenset(("n", "nonfinite", "first_step", "last_step", "min_step", "max_step"))
PARAM = "params."
MOST_PARAMS = 5000
"""Params that get a column of their own; `params` holds all."""
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    kind: Kind
    meaning: str


POINTS = (
    Column("uid", "text", "the run's id, as `runspect show` gives it"),
    Column("run", "text", "its directory among the exported records (its name there without any)"),
    Column("metric", "text", "name of the metric"),
    Column("segment", "whole", "0 for the run's first writer, 1 for the one that resumed it, …"),
    Column("step", "whole", "the step"),
    Column("time", "time", "when it was logged, UTC; null where the logs do not tell"),
    Column("value", "number", "the value, NaN and infinities as they are"),
)
"""`points.parquet`: a row a point, runs one behind the other, each metric's points in the order of the logs."""

RUNS = (
    Column("uid", "text", "the run's id"),
    Column("run", "text", "its directory among the exported records"),
    Column("name", "text", "its name"),
    Column("project", "text", "project"),
    Column("group", "text", "group"),
    Column("tools", "texts", "the tools that logged it"),
    Column(
        "state", "text", "finished, failed, killed, crashed, gone, unknown, running or quiet, at the time of the export"
    ),
    Column("reason", "text", "why it is said to be so"),
    Column("started", "time", "UTC"),
    Column("ended", "time", "UTC"),
    Column("updated", "time", "last sign of it, UTC"),
    Column("steps", "whole", "the last step"),
    Column("host", "text", "where it ran"),
    Column("owner", "text", "whose it is"),
    Column("tags", "texts", "tags, of people and of tools"),
    Column("note", "text", "the note"),
    Column("parent", "text", "uid of the run that it belongs to"),
    Column("root", "text", "where it came from: the directory that was asked for"),
    Column("path", "text", "… and the run's below that"),
    Column("metrics", "metrics", "a list of structs: name, " + ", ".join(METRIC_KEYS)),
    Column("params", "text", "all params as one JSON object"),
    Column("facts", "text", "all facts as one JSON object"),
)
"""`runs.parquet`: a row a run; behind these a column `params.NAME` for each param, of the type that all its values have."""


class ParamKinds:
    """What type each param has over all runs; mutable."""

    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}

    def see(self, params: Mapping[str, Json]) -> None:
        """Take the params of a run in."""
        for key, value in params.items():
            if value is None:
                continue
            before, now = self._kinds.get(key), kind_of(value)
            if before is None and len(self._kinds) >= MOST_PARAMS:
                continue
            self._kinds[key] = now if before in (None, now) else _common(before, now)

    def columns(self) -> tuple[Column, ...]:
        """A column for each, by name."""
        return tuple(Column(f"{PARAM}{key}", kind, "") for key, kind in sorted(self._kinds.items()))


def kind_of(value: Json) -> Kind:
    """The type of a param's value; lists and mappings are texts of JSON."""
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int):
        return "whole" if -_LARGEST <= value < _LARGEST else "number"
    return "number" if isinstance(value, float) else "text"


def param_value(value: Json, kind: Kind) -> Json:
    """A param's value in a column of this type."""
    if value is None:
        return None
    if kind == "text":
        return value if isinstance(value, str) else json_text(value)
    return float(value) if kind == "number" else value


def run_row(run: Mapping[str, Any], directory: str) -> dict[str, Json]:
    """The values of a run in `RUNS`, times as ISO 8601 text; and its params typed, under `params.NAME`."""
    row: dict[str, Json] = {column.name: run.get(column.name) for column in RUNS}
    row |= {"run": directory, "params": json_text(run["params"]), "facts": json_text(run["facts"])}
    row["metrics"] = [{"name": name, **_typed(metric)} for name, metric in run["metrics"].items()]
    return row


def table(columns: Iterable[Column]) -> str:
    """The columns as a table of Markdown."""
    lines = ["| column | type | what |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| `{each.name}` | {WORDS[each.kind]} | {each.meaning} |" for each in columns)])


WORDS: Mapping[Kind, str] = {
    "text": "string",
    "texts": "list of strings",
    "time": "timestamp (µs, UTC)",
    "whole": "int64",
    "number": "double",
    "flag": "bool",
    "metrics": "list of structs",
}
"""The types as Parquet calls them."""


def json_text(value: Json) -> str:
    """A value as JSON text, NaN and infinities as bare words."""
    return json.dumps(value, ensure_ascii=False)


def _common(one: Kind | None, other: Kind) -> Kind:
    return "number" if {one, other} == {"whole", "number"} else "text"


def _typed(metric: Mapping[str, Json]) -> dict[str, Json]:
    words = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
    return {key: words[value] if isinstance(value, str) else value for key in METRIC_KEYS for value in (metric[key],)}
