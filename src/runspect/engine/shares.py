"""Which run an artifact belongs to: the innermost whose directory holds it."""

from __future__ import annotations

from collections.abc import Mapping

from runspect.engine.tree import Tree
from runspect.index.ingest import Ingest
from runspect.model import Artifact, RunPlan

LONG_KEY = 16
"""A store's key of so many characters says whose a directory of that name is, wherever it lies."""


def give_artifacts(ingest: Ingest, tree: Tree, plans: Mapping[int, RunPlan]) -> None:
    """Store each run's artifacts as they are now."""
    if not tree.scanned:
        return  # only parts of the tree were looked at: what is stored may be more
    owners: dict[str, int] = {}
    keys: dict[str, int] = {}
    for rid, plan in sorted(plans.items(), reverse=True):
        if not plan.key:
            owners[plan.root] = rid
        elif len(plan.key) >= LONG_KEY:
            keys[plan.key] = rid
    held: dict[int, list[Artifact]] = {rid: [] for rid in plans}
    for path in sorted(tree.artifacts):
        owner = _owner(path, owners, keys)
        if owner is not None:
            held[owner].append(tree.artifacts[path])
    for rid, artifacts in held.items():
        ingest.put_artifacts(rid, tuple(artifacts))


def _owner(path: str, owners: Mapping[str, int], keys: Mapping[str, int]) -> int | None:
    while path != ".":
        path, _, name = path.rpartition("/")
        path = path or "."
        if keys and name in keys:
            return keys[name]
        if path in owners:
            return owners[path]
    return None
