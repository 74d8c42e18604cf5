"""The values of the runs that repeat one's config with other seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runspect.columns import Names
from runspect.index.reads.groups import configs_of
from runspect.index.reads.scope import Cursor


@dataclass(frozen=True, slots=True)
class Seeds:
    """The seed groups of some runs."""

    configs: Mapping[int, str]
    """What stands for the config of each; runs without any are not in it."""
    members: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, cursor: Cursor, rids: Sequence[int], names: Names, ignore: Sequence[str]) -> Seeds:
        """Of these runs; `ignore` are globs of params that make no other config besides the known ones."""
        configs = configs_of(cursor, rids, names, ignore) if rids else {}
        members: dict[str, list[int]] = {}
        for rid, config in configs.items():
            members.setdefault(config, []).append(rid)
        return cls(configs, members)

    def values(self, rid: int, values: Mapping[int, float]) -> list[float]:
        """The values of the runs of its group, its own among them.

        Equal values count once: a run that was repeated with the same seed tells nothing of noise.
        """
        config = self.configs.get(rid)
        group = (rid,) if config is None else self.members[config]
        return list(dict.fromkeys(values[each] for each in group if each in values))
