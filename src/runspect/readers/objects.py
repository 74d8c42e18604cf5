"""Many JSON objects as few groups of columns, at the speed of C where neighbours have the same keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from runspect.model import Json
from runspect.readers.flatten import DEEPEST, flatten
from runspect.readers.series import Group, Rows

CONFIG_KEYS = (
    "config", "cfg", "args", "arguments", "hparams", "hyperparams", "hyperparameters", "hyper_parameters", "params",
)  # fmt: skip
"""Keys whose mapping in a row is the run's configuration: of the first row, or repeated in every row (Ray)."""

_Objects = Sequence[dict[str, Any]]


def grouped(rows: _Objects) -> tuple[list[Group], dict[str, Json]]:
    """The rows by their keys, nested objects flattened with slashes; and the configuration that rows carry."""
    groups: list[Group] = []
    params: dict[str, Json] = {}
    if not rows:
        return groups, params
    all_keys = list(map(tuple, rows))
    distinct = dict.fromkeys(all_keys)
    if len(distinct) == 1:
        _add(groups, params, all_keys[0], rows, np.arange(len(rows), dtype=np.int64))
        return groups, params
    positions: dict[tuple[str, ...], list[int]] = {keys: [] for keys in distinct}
    for at, keys in enumerate(all_keys):
        positions[keys].append(at)
    for keys, chosen in positions.items():
        _add(groups, params, keys, [rows[at] for at in chosen], np.array(chosen, dtype=np.int64))
    return groups, params


def _add(
    groups: list[Group], params: dict[str, Json], keys: tuple[str, ...], rows: _Objects, positions: Rows, depth: int = 0
) -> None:
    """Add rows of the same keys as one group, or as several where their nested objects differ."""
    names: list[str] = []
    columns: list[Sequence[object]] = []
    lists = False
    for key, column in zip(keys, zip(*map(dict.values, rows), strict=True), strict=True):
        kinds = set(map(type, column))
        if dict not in kinds:
            names.append(key)
            columns.append(column)
            lists = lists or list in kinds
        elif depth == 0 and key in CONFIG_KEYS:
            _configure(params, column)
        elif kinds == {dict} and depth < DEEPEST and (inner := _alike(column)) is not None:
            names += [f"{key}/{name}" for name in inner[0]]
            columns += inner[1]
            lists = lists or inner[2]
        else:
            _apart(groups, keys, rows, positions)
            return
    groups.append(Group(tuple(names), columns, positions, lists))


def _alike(column: Sequence[Any]) -> tuple[tuple[str, ...], list[Sequence[object]], bool] | None:
    """Names and columns of a column of objects that all have the same keys and hold no objects; else None.

    And whether there are lists in them.
    """
    distinct = set(map(tuple, column))
    if len(distinct) != 1:
        return None
    keys = distinct.pop()
    inner: list[Sequence[object]] = list(zip(*map(dict.values, column), strict=True))
    kinds = [set(map(type, cells)) for cells in inner]
    if any(dict in each for each in kinds):
        return None
    return keys, inner, any(list in each for each in kinds)


def _apart(groups: list[Group], keys: tuple[str, ...], rows: _Objects, positions: Rows) -> None:
    """The slow and general way: each row flattened for itself."""
    found: dict[tuple[str, ...], tuple[list[int], list[tuple[object, ...]]]] = {}
    for at, row in zip(positions.tolist(), rows, strict=True):
        flat = flatten({key: row[key] for key in keys if key not in CONFIG_KEYS}, "/")
        places, cells = found.setdefault(tuple(flat), ([], []))
        places.append(at)
        cells.append(tuple(flat.values()))
    for names, (places, cells) in found.items():
        groups.append(Group(names, list(zip(*cells, strict=True)), np.array(places, dtype=np.int64), lists=True))


def _configure(params: dict[str, Json], column: Sequence[Any]) -> None:
    if not params:
        first = next(cell for cell in column if isinstance(cell, dict))
        params.update(flatten(first))
