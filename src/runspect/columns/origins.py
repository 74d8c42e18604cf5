"""What a run was made from and what it took: the commit of its code, the devices that it ran on."""

from __future__ import annotations

import re
from collections.abc import Mapping

from runspect.columns.names import Names
from runspect.columns.table import TOOK
from runspect.model import Json

COMMIT_FACT = "git_commit"
COMMIT_KEYS = (
    "git_commit", "git_commit_hash", "git_sha", "git_hash", "git_rev", "git_revision", "commit", "commit_hash",
    "commit_id", "commit_sha", "sha", "revision",
)  # fmt: skip
"""Last parts of params that name the commit, where no tool records it; the first one that is there counts."""
_COMMIT = "[0-9a-f]{7,40}"

DEVICE_KEYS = (
    "world_size", "distributed_world_size", "num_gpus", "n_gpus", "n_gpu", "ngpus", "gpus", "num_devices", "devices",
    "nproc_per_node", "num_processes",
)  # fmt: skip
"""Last parts of params that tell how many devices a run used; the first one that is there counts."""
_PER_NODE = ("num_gpus", "n_gpus", "n_gpu", "ngpus", "gpus", "num_devices", "devices", "nproc_per_node")
"""Those that are counted for each machine."""
NODE_KEYS = ("num_nodes", "nnodes", "n_nodes", "num_machines")
DEVICE_FACT = "gpu_count"

_AMONG = "list_contains(?::VARCHAR[], c.key)"
_LAST = "lower(regexp_extract(c.key, '[^./]*$'))"
_TEXT = "json_extract_string(c.val, '$')"
_NUMBER = "coalesce(c.num, TRY_CAST(trim(c.val, '\"') AS DOUBLE))"


def commit(fact: str | None, params: Mapping[str, str]) -> str | None:
    """The commit, of the fact and the params with their last parts in lower case that are text."""
    if fact:
        return fact
    likely = (params.get(key, "") for key in COMMIT_KEYS)
    return next((value for value in likely if re.fullmatch(_COMMIT, value, re.IGNORECASE)), None)


def commit_rows(names: Names) -> tuple[str, tuple[Json, ...]]:
    """The same as `SELECT rid, v` over the index."""
    sql = (
        "SELECT p.rid AS rid, arg_min(p.v, p.place) AS v FROM ("  # noqa: S608 - constants
        "SELECT c.rid, json_extract_string(c.val, '$') AS v, 0 AS place FROM facts_now c"
        f" WHERE c.name = '{COMMIT_FACT}' AND starts_with(c.val, '\"') UNION ALL"
        f" SELECT c.rid, {_TEXT}, list_position([{_listed(COMMIT_KEYS)}], {_LAST}) FROM cfg_now c WHERE {_AMONG}"
        f" AND starts_with(c.val, '\"') AND regexp_full_match({_TEXT}, '{_COMMIT}', 'i')) p WHERE p.v <> '' GROUP BY p.rid"
    )
    return sql, (_called(COMMIT_KEYS, names),)


def devices(params: Mapping[str, float], fact: float | None) -> float:
    """How many devices, of the params with their last parts in lower case; 1 when nothing tells."""
    for key in DEVICE_KEYS:
        many = params.get(key, 0)
        if many > 0:
            nodes = next((params[node] for node in NODE_KEYS if params.get(node, 0) > 0), 1)
            return many * (nodes if key in _PER_NODE else 1)
    return fact if fact is not None and fact > 0 else 1.0


def cost_rows(names: Names) -> tuple[str, tuple[Json, ...]]:
    """Device seconds as `SELECT rid, v` over the index."""
    sql = (
        f"SELECT r.rid AS rid, {TOOK} * coalesce(d.num * CASE WHEN d.key IN ({_listed(_PER_NODE)}) THEN coalesce(n.num, 1) ELSE 1 END,"  # noqa: S608 - constants
        " nullif(greatest(g.num, 0), 0), 1) AS v FROM runs_now r"
        f" LEFT JOIN ({_first(DEVICE_KEYS)}) d ON d.rid = r.rid LEFT JOIN ({_first(NODE_KEYS)}) n ON n.rid = r.rid"
        f" LEFT JOIN (SELECT rid, num FROM facts_now WHERE name = '{DEVICE_FACT}') g ON g.rid = r.rid"
    )
    return sql, (_called(DEVICE_KEYS, names), _called(NODE_KEYS, names))


def _called(keys: tuple[str, ...], names: Names) -> list[str]:
    """The params whose last part is one of the keys: to look for them among all rows takes as long as the rest."""
    return [param for param in names.params if re.split(r"[./]", param)[-1].lower() in keys]


def _first(keys: tuple[str, ...]) -> str:
    rank = f"struct_pack(place := list_position([{_listed(keys)}], {_LAST}), key := c.key)"
    return (
        f"SELECT c.rid, arg_min({_LAST}, {rank}) AS key, arg_min({_NUMBER}, {rank}) AS num"  # noqa: S608 - constants
        f" FROM cfg_now c WHERE {_AMONG} AND {_NUMBER} > 0 GROUP BY c.rid"
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)
