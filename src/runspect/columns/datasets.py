"""Which data set a run is about: the params and facts that name one, and the names that a policy gives it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from runspect.model import Json

DATASET_KEYS = (
    "dataset", "dataset.name", "data.name", "data.dataset", "dataset_name", "data.dataset_name", "dataset.path",
    "task_name", "data", "data_name", "train_dataset", "data.path", "dataset_path", "data_dir",
)  # fmt: skip
"""Params and facts that name a data set where no policy says which do."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A data set and the globs of the values that mean it, case aside; its own name is always one."""

    name: str
    globs: tuple[str, ...] = ()

    def means(self, value: str) -> bool:
        """Whether a param's value names this data set."""
        return any(fnmatchcase(value.lower(), glob.lower()) for glob in (self.name, *self.globs))


def dataset_of(values: Mapping[str, Json], keys: Sequence[str], spellings: Sequence[Spelling]) -> str | None:
    """The data set of a run with these params and facts, or None when none of the keys is there."""
    for key in keys:
        value = values.get(key)
        if isinstance(value, str) and value.strip():
            return canonical(value.strip(), spellings)
    return None


def canonical(value: str, spellings: Sequence[Spelling]) -> str:
    """The name of the data set that a value means; the value itself when none is known."""
    return next((known.name for known in spellings if known.means(value)), value)


def dataset_rows(keys: Sequence[str], spellings: Sequence[Spelling]) -> tuple[str, tuple[Json, ...]]:
    """The same as `SELECT rid, v` over the index, with its parameters."""
    text = "trim(json_extract_string(c.val, '$'))"
    told = " UNION ALL ".join(
        f"SELECT c.rid, {text} AS v, list_position(?::VARCHAR[], c.{name}) * 2 + {place} AS place FROM {table} c"  # noqa: S608 - constants
        f" WHERE list_contains(?::VARCHAR[], c.{name}) AND starts_with(c.val, '\"') AND {text} <> ''"
        for place, (table, name) in enumerate((("cfg_now", "key"), ("facts_now", "name")))
    )
    params: list[Json] = []
    cases = ""
    for known in spellings:
        cases += " WHEN regexp_full_match(lower(p.v), ?, 's') THEN ?"
        params += ["|".join(f"(?:{_pattern(glob.lower())})" for glob in (known.name, *known.globs)), known.name]
    named = f"CASE{cases} ELSE p.v END" if cases else "p.v"
    listed = list(keys)
    return (
        f"SELECT p.rid AS rid, {named} AS v FROM (SELECT t.rid, arg_min(t.v, t.place) AS v FROM ({told}) t GROUP BY t.rid) p",  # noqa: S608 - constants
        (*params, listed, listed, listed, listed),
    )


def _pattern(glob: str) -> str:
    """A glob of `fnmatch` for RE2: `*`, `?`, `[a-z]` and `[!a-z]`."""
    found, at = "", 0
    while at < len(glob):
        char, at = glob[at], at + 1
        end = glob.find("]", at + 1 + glob.startswith("!", at)) if char == "[" else -1
        if end > 0:
            inside = glob[at:end].replace("\\", "\\\\").replace("[", "\\[")
            found += f"[{'^' + inside[1:] if inside[0] == '!' else inside}]"
            at = end + 1
        else:
            found += {"*": ".*", "?": "."}.get(char) or re.escape(char)
    return found
