"""The params that make the configs of a set of runs, each as one column: its values, and which run has which."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from runspect.columns import Lens
from runspect.columns.datasets import canonical
from runspect.dataclass import dataclass, field
from runspect.index.reads.scope import Cursor, among, fetch
from runspect.model import Json
from runspect.practice.configs import is_place, typed
from runspect.practice.effects import Column


@dataclass(slots=True)
class _Levels:
    """The values of one param while they are gathered."""

    codes: np.ndarray[tuple[int], np.dtype[np.int64]]
    levels: list[Json] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)

    def code(self, value: Json) -> int:
        """The place of a value; spellings of one value are one."""
        text = _told(value)
        if text not in self.known:
            self.known[text] = len(self.levels)
            self.levels.append(value)
        return self.known[text]


def config_columns(
    cursor: Cursor, rids: Sequence[int], lens: Lens
) -> tuple[list[Column], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The params that may tell two of these runs apart, by name, and which of the runs have a config at all.

    What makes no config (`Lens.counts`), paths and nulls are left out, values are typed: see `configs.config_of`.
    """
    few, places, lowest = among(rids), _places(rids), min(rids, default=0)
    rows = fetch(
        cursor,
        # the runs of a value that all have are not written out: such params are most of a wide config
        "SELECT key, any_value(val), CASE WHEN count(*) < ? THEN list(rid) END FROM cfg_now "
        f"WHERE {few.sql} AND val <> 'null' GROUP BY key, coalesce(CAST(num AS VARCHAR), val) ORDER BY key, 2",
        (len(rids), *few.params),
    )
    found: dict[str, _Levels] = {}
    has_config = np.zeros(len(rids), dtype=np.bool_)
    counts: dict[str, bool] = {}
    for key, text, those in rows:
        if key not in counts:
            counts[key] = lens.counts(key)
        value = _meant(key, text, lens) if counts[key] else None
        if value is None:
            continue
        at = slice(None) if those is None else places[np.array(those, dtype=np.int64) - lowest]
        has_config[at] = True
        if those is not None:
            told = found.setdefault(key, _Levels(np.full(len(rids), -1, dtype=np.int64)))
            told.codes[at] = told.code(value)
    return [Column(key, tuple(told.levels), told.codes) for key, told in found.items()], has_config


def _places(rids: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """For each run id, counted from the smallest, its place among `rids`."""
    ids = np.array(rids, dtype=np.int64)
    places = np.full(int(ids.max() - ids.min()) + 1 if len(ids) else 0, -1, dtype=np.int64)
    if len(ids):
        places[ids - ids.min()] = np.arange(len(ids))
    return places


def _meant(key: str, text: str, lens: Lens) -> Json:
    """The value as `configs.config_of` takes it; None of what makes no config."""
    try:
        value: Json = json.loads(text)
    except ValueError:
        value = text
    if isinstance(value, str) and key in lens.dataset_keys:
        value = canonical(value, lens.datasets)
    return None if is_place(value) else typed(value)


def _told(value: Json) -> str:
    """One text for all values that `diff.same` calls the same."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return repr(float(value))
        except OverflowError:
            return str(value)
    if isinstance(value, list):
        return f"[{','.join(map(_told, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(key)}:{_told(value[key])}' for key in sorted(value))}}}"
    return json.dumps(value)
