"""Facts that a config states among its params: the seed and the dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runspect.model import Json

NAMES: dict[str, tuple[str, ...]] = {
    # fact: names of params that state it, the plainest first; the last part of a dotted key counts
    "seed": ("seed", "random_seed", "rng_seed", "manual_seed", "global_seed", "seed_everything", "random_state"),
    "dataset": ("dataset", "dataset_name", "data_name", "dataset_path", "data_path", "data_dir", "dataset_dir", "data"),
    "dataset_version": ("dataset_version", "data_version", "dataset_config_name", "dataset_digest", "dataset_revision"),
}
NESTED = {
    "dataset": ("dataset.name", "data.name", "data.dataset", "dataset.path", "data.path"),
    "dataset_version": ("dataset.version", "data.version", "dataset.digest", "data.digest", "dataset.revision"),
}
_LEAVES = frozenset(leaf for leaves in NAMES.values() for leaf in leaves) | frozenset(
    key.rpartition(".")[2] for keys in NESTED.values() for key in keys
)


def implied_facts(params: Mapping[str, Json]) -> dict[str, Json]:
    """What the params of one file say of seed and dataset; the least nested key of the plainest name wins."""
    found: dict[str, Json] = {}
    by_leaf: dict[str, list[str]] = {}
    for key in params:
        if (leaf := key.rpartition(".")[2].lower()) in _LEAVES:
            by_leaf.setdefault(leaf, []).append(key)
    if not by_leaf:
        return found  # the nested names end in such leaves too
    for fact, leaves in NAMES.items():
        candidates = [key for key in NESTED.get(fact, ()) if key in params]
        candidates += [key for leaf in leaves if leaf in by_leaf for key in _least_nested(by_leaf[leaf])]
        value = next((params[key] for key in candidates if _says_something(params[key])), None)
        if value is not None:
            found[fact] = value
    return found


def _least_nested(keys: Iterable[str]) -> list[str]:
    return sorted(keys, key=lambda key: (key.count("."), key))


def _says_something(value: Json) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != ""
