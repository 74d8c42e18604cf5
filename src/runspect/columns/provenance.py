"""How much is recorded of where a run came from, as one number: what is looked at, what it counts, and the same in SQL.

A *sign* is something that is recorded, a *part* one of the seven questions that a rebuild asks. The number is 0 to 100: the
parts that are known, by their weights. What is missing and what would close it: `runspect.practice.provenance`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from runspect.columns.lens import Lens
from runspect.columns.names import Names
from runspect.columns.origins import COMMIT_KEYS
from runspect.dataclass import dataclass
from runspect.model import Json

WEIGHTS: Mapping[str, int] = {
    "commit": 25, "changes": 15, "environment": 20, "data": 15, "seed": 10, "command": 10, "hardware": 5,
}  # fmt: skip
"""What each part counts where no policy says: without the code nothing can be rebuilt, hardware moves the last digits."""

_SEED = re.compile(r"(?:.*[^a-z])?(?:seed|seeds|seed_everything|random_?state)", re.IGNORECASE | re.DOTALL)
_ANYTHING = r'-?\d.*|true|"[^"].*|\[[^\]].*|\{[^}].*'
"""JSON text that says something: no null, no empty text, list or object."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that is recorded of a run: one of these facts or params, its JSON text matching a pattern (RE2) as a whole."""

    name: str
    facts: tuple[str, ...]
    says: str = _ANYTHING
    param: Callable[[str], bool] = lambda key: False
    param_says: str = ""


def is_seed(key: str) -> bool:
    """Whether a param is called as seeds are."""
    return _SEED.fullmatch(key) is not None


def _last(key: str) -> str:
    return re.split(r"[./]", key)[-1].lower()


SIGNS = (
    Sign("commit", ("git_commit",), r'"[0-9A-Za-z].*', lambda key: _last(key) in COMMIT_KEYS, r'"[0-9a-fA-F]{7,40}"'),
    Sign("dirty", ("git_dirty",), "true"),
    Sign("clean", ("git_dirty",), "false"),
    Sign("patch", ("git_patch",)),
    Sign("packages", ("packages",)),
    Sign("python", ("python",)),
    Sign("version", ("dataset_version",)),
    Sign("digest", ("data",), r'.*"sha256": ?"[0-9a-f].*'),
    Sign("seed", ("seed", "seeds"), r"\d.*|\{\".*", is_seed, r"\d.*|\"\d.*|\[.*\d.*"),
    Sign("command", ("command",)),
    Sign("program", ("program",)),
    Sign("args", ("args",)),
    Sign("device", ("gpu", "cpu")),
    Sign("machine", ("host", "os", "cpu_count", "gpu_count")),
)  # fmt: skip

DATASET = "dataset"
"""The sign that a data set is named: by the params and facts that the policy says do."""

FULL = 100
PARTS: Mapping[str, tuple[tuple[frozenset[str], int], ...]] = {
    "commit": ((frozenset(("commit",)), FULL),),
    "changes": (
        (frozenset(("patch",)), FULL),
        (frozenset(("dirty",)), 0),
        (frozenset(("commit", "clean")), FULL),
        (frozenset(("commit",)), 50),
    ),
    "environment": ((frozenset(("packages",)), FULL), (frozenset(("python",)), 25)),
    "data": (
        (frozenset(("version",)), FULL),
        (frozenset(("digest",)), FULL),
        (frozenset((DATASET,)), 50),
    ),
    "seed": ((frozenset(("seed",)), FULL),),
    "command": (
        (frozenset(("command",)), FULL),
        (frozenset(("program", "args")), FULL),
        (frozenset(("program",)), 50),
        (frozenset(("args",)), 50),
    ),
    "hardware": ((frozenset(("device",)), FULL), (frozenset(("machine",)), 50)),
}
"""By part: the signs that must all be there and the percent that they are worth; the first line that holds counts."""


def signs(facts: Mapping[str, str], params: Mapping[str, str], dataset_keys: Collection[str]) -> frozenset[str]:
    """The signs that a run gives; the values of its facts and params are JSON text."""
    found = set[str]()
    for sign in SIGNS:
        told = any(name in facts and re.fullmatch(sign.says, facts[name], re.DOTALL) for name in sign.facts)
        if told or any(
            sign.param(key) and re.fullmatch(sign.param_says, val, re.DOTALL) for key, val in params.items()
        ):
            found.add(sign.name)
    named = (told.get(key, "") for told in (facts, params) for key in dataset_keys)
    if any(val.startswith('"') and val.strip('" ') for val in named):
        found.add(DATASET)
    return frozenset(found)


def share(part: str, found: frozenset[str]) -> int:
    """Percent of a part that is known."""
    return next((percent for wanted, percent in PARTS[part] if wanted <= found), 0)


def score(found: frozenset[str], weights: Mapping[str, int]) -> int:
    """0 to 100, rounded half up."""
    total = sum(weights.values())
    return (2 * sum(weights[part] * share(part, found) for part in PARTS) + total) // (2 * total)


def provenance_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """The same as `SELECT rid, v` over the index."""
    rows, params = sign_rows(names, lens)
    weights = lens.provenance or WEIGHTS
    total = sum(weights.values())
    worth = " + ".join(f"{weights[part]} * CASE {_worth(part)} ELSE 0 END" for part in PARTS)
    return f"SELECT b.rid AS rid, (2 * ({worth}) + {total}) // {2 * total} AS v FROM ({rows}) b", params  # noqa: S608 - constants


def signs_of(bits: int) -> frozenset[str]:
    """The signs that `sign_rows` tells."""
    return frozenset(name for name, bit in _BITS.items() if bits & bit)


def sign_rows(names: Names, lens: Lens) -> tuple[str, tuple[Json, ...]]:
    """The signs of each run as `SELECT rid, bits`, in one pass over the facts and one over the params that matter.

    They are found by one CASE a row: patterns are tried only on the rows that they are about.
    """
    datasets = list(lens.dataset_keys)
    known = sorted({name for sign in SIGNS for name in sign.facts})
    of_facts = " ".join(
        f"WHEN f.name IN ({_listed(sign.facts)}) AND regexp_full_match(f.val, '{sign.says}', 's') THEN {_BITS[sign.name]}"
        for sign in SIGNS
    )
    keyed = [(sign, keys) for sign in SIGNS if (keys := [key for key in names.params if sign.param(key)])]
    of_params = " ".join(
        f"WHEN list_contains(?::VARCHAR[], c.key) AND regexp_full_match(c.val, '{sign.param_says}', 's') THEN {_BITS[sign.name]}"
        for sign, _ in keyed
    )
    asked: list[list[str]] = [keys for _, keys in keyed]
    sql = (
        "SELECT t.rid AS rid, bit_or(t.bits) AS bits FROM ("  # noqa: S608 - constants
        " SELECT DISTINCT rid, 0 AS bits FROM runs UNION ALL"
        f" SELECT f.rid, CASE {of_facts} ELSE 0 END | {_NAMED.format('f', 'name')} FROM facts_now f"
        " WHERE list_contains(?::VARCHAR[], f.name) UNION ALL"
        f" SELECT c.rid, {f'CASE {of_params} ELSE 0 END | ' if keyed else ''}{_NAMED.format('c', 'key')} FROM cfg_now c"
        " WHERE list_contains(?::VARCHAR[], c.key)) t GROUP BY t.rid"
    )
    wanted = [*(key for keys in asked for key in keys), *(key for key in names.params if key in datasets)]
    return sql, (datasets, [*known, *datasets], *asked, datasets, wanted)


_BITS = {name: 1 << at for at, name in enumerate((*(sign.name for sign in SIGNS), DATASET))}
_NAMED = (
    f"CASE WHEN list_contains(?::VARCHAR[], {{0}}.{{1}}) AND starts_with({{0}}.val, '\"') AND trim({{0}}.val, '\" ') <> ''"
    f" THEN {_BITS[DATASET]} ELSE 0 END"
)


def _worth(part: str) -> str:
    masks = ((sum(_BITS[sign] for sign in wanted), percent) for wanted, percent in PARTS[part])
    return " ".join(f"WHEN (b.bits & {mask}) = {mask} THEN {percent}" for mask, percent in masks)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
