"""Indexed logs, and two ways to ask about them: by the language, and by hand over all that `ls --json` tells."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from runspect.columns import Lens
from runspect.columns.datasets import Spelling
from runspect.columns.lens import PLAIN
from runspect.index import reads
from runspect.model import SortKey
from runspect.practice.grouping import makes_no_config
from tests.engine.syncing import Bench

Run = Mapping[str, Any]
FIELDS = ("uid", "name", "project", "root", "path", "state", "reason", "started", "ended", "updated", "steps", "owner", "params",
          "metrics", "tags", "facts")  # fmt: skip
LENS = replace(PLAIN, datasets=(Spelling("toy", ("toyds*",)),), counts=lambda param: not makes_no_config(param))


class Logs:
    """All runs of the logs, and two ways to ask."""

    def __init__(self, made: Bench, places: Sequence[str]) -> None:
        self.bench, self.scope = made, tuple(places)
        self.runs = self.told()

    def told(self) -> list[Run]:
        with self.bench.store.cursor() as cursor:
            found: list[Run] = json.loads(reads.runs_json(cursor, self.scope, fields=FIELDS))
        return [{**run, "facts": {name: told["value"] for name, told in run["facts"].items()}} for run in found]

    def ask(self, query: str, sort: str = "", lens: Lens = LENS) -> list[str]:
        """Uids of the runs that match, in order."""
        keys = (SortKey(sort.removeprefix("-"), sort.startswith("-")),) if sort else ()
        with self.bench.store.cursor() as cursor:
            found: list[Run] = json.loads(reads.runs_json(cursor, self.scope, query, keys, fields=("uid",), lens=lens))
        return [run["uid"] for run in found]

    def values(self, uids: Sequence[str], specs: Sequence[str], lens: Lens = LENS) -> list[tuple[Any, ...]]:
        """What the table shows of runs."""
        with self.bench.store.cursor() as cursor:
            rids = [reads.resolve_run(cursor, self.scope, uid)[0] for uid in uids]
            return [row.values for row in reads.window(cursor, self.scope, rids, specs, lens=lens)]

    def those(self, test: Callable[[Run], object], runs: Sequence[Run] | None = None) -> set[str]:
        """Uids of the runs that pass."""
        return {run["uid"] for run in (self.runs if runs is None else runs) if test(run)}

    def places(self, uids: Sequence[str]) -> list[Path]:
        """The directories of runs."""
        found = {run["uid"]: Path(run["root"]) / run["path"] for run in self.runs}
        return [found[uid] for uid in uids]
