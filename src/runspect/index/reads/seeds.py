"""The values of the runs that repeat one's config with other seeds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from runspect.columns import Names
from runspect.dataclass import dataclass
from runspect.index.reads.config_hashes import config_hashes
from runspect.index.reads.scope import Cursor, among, fetch
from runspect.practice.grouping import makes_no_config
from runspect.practice.versus import FEWEST_SEEDS, limit_of, seeds_of
from runspect.practice.versus import Seeds as Spread

Config = tuple[str | None, int]
"""A project and what stands for a config in it."""
Member = tuple[int, object]
"""A run, and what stands for its seed."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """The seed groups of ended runs, of which each seed counts once, as in `practice.versus`."""

    configs: Mapping[int, Config]
    """Of each run; those without any param that counts are not in it."""
    members: Mapping[Config, Sequence[Member]]
    """In the order in which they began."""

    @classmethod
    def of(cls, cursor: Cursor, rids: Sequence[int], names: Names, ignore: Sequence[str]) -> Seeds:
        """Of these runs, which have ended; `ignore` are globs of params that make no other config besides the known ones.

        Configs are compared by a hash of their names and values, as `columns.repeats` does.
        """
        if not rids:
            return cls({}, {})
        left_out = [param for param in names.params if makes_no_config(param, ignore)]
        hashes = config_hashes(cursor, rids, names, left_out)
        few = among(rids, "r.rid")
        rows = fetch(
            cursor,
            f"SELECT r.rid, r.project FROM runs_now r WHERE {few.sql} ORDER BY coalesce(r.started, r.updated) NULLS FIRST, r.rid",
            few.params,
        )
        configs: dict[int, Config] = {}
        members: dict[Config, list[Member]] = {}
        for rid, project in rows:
            config, seed = hashes.get(rid, (0, 0))
            if config:
                configs[rid] = project, config
                members.setdefault(configs[rid], []).append((rid, seed or ("run", rid)))
        return cls(configs, members)

    def values(self, rid: int, values: Mapping[int, float]) -> list[float]:
        """The values of the runs of its group; of a seed that was run twice that of the newest."""
        config = self.configs.get(rid)
        group = self.members[config] if config is not None else ((rid, None),)
        return list({seed: values[each] for each, seed in group if each in values}.values())

    def spread(self, rid: int, values: Mapping[int, float]) -> Spread:
        """What is known of its group; `recorded` says whether its runs tell their seeds."""
        config = self.configs.get(rid)
        group = self.members[config] if config is not None else ()
        return seeds_of(self.values(rid, values), recorded=not any(isinstance(seed, tuple) for _, seed in group))

    def limits(self, rids: Iterable[int], values: Mapping[int, float]) -> dict[int, float]:
        """What differences of each of these runs are within noise by its own group; those with too few seeds are not in it."""
        known: dict[Config, float | None] = {}
        found = {}
        for rid in rids:
            config = self.configs.get(rid)
            if config is None or len(self.members[config]) < FEWEST_SEEDS:
                continue
            if config not in known:
                known[config] = _limit(self.values(rid, values))
            limit = known[config]
            if limit is not None:
                found[rid] = limit
        return found


def _limit(values: Sequence[float]) -> float | None:
    if len(values) < FEWEST_SEEDS:
        return None
    try:
        mean = math.fsum(values) / len(values)
    except OverflowError:
        return None
    # `statistics.stdev` counts in fractions, which takes fifty times as long
    sigma = math.hypot(*(value - mean for value in values)) / math.sqrt(len(values) - 1)
    return limit_of(sigma, len(values))
