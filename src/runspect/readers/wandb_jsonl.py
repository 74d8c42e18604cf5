"""`wandb-history.jsonl`: the rows as W&B kept them before 0.10, beside config.yaml in the run directory itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runspect.model import Claim
from runspect.readers.contract import Batch, Cursor, Entry, Mode
from runspect.readers.flatten import flatten
from runspect.readers.jsonl import read_rows
from runspect.readers.steps import StepRule
from runspect.readers.wandb_paths import wandb_place, wandb_run_id

HISTORY = "wandb-history.jsonl"
_RULE = StepRule(("_step",))
_HIDDEN = ("_runtime", "_wandb")


class WandbJsonlReader:
    """Rows with `_step`, `_timestamp` and `_runtime`; values with a `_type` are media."""

    name = "wandb-jsonl"
    mode: Mode = "append"
    precision = 2
    names = (HISTORY,)

    def claim(self, entry: Entry) -> Claim | None:
        """By name, in a W&B run directory."""
        place = wandb_place(entry) if entry.name == HISTORY else None
        if place is None or place.inside.rpartition("/")[0] not in ("", "files"):
            return None
        run_id = wandb_run_id(place.named, entry.siblings)
        hints = (("id", f"wandb-id:{run_id}"),) if run_id else ()
        return Claim(self.name, entry.path, place.root, "tool", "series", 2, "wandb", hints)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """Series by `_step`."""
        return (batch for batch, _ in read_rows(path, cursor, self.name, _RULE, _shown))


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without W&B's bookkeeping and media; nested values under dotted names, as its own pages show them."""
    return [
        flatten({key: value for key, value in row.items() if key not in _HIDDEN and not _is_media(value)})
        for row in rows
    ]


def _is_media(value: object) -> bool:
    return isinstance(value, dict) and "_type" in value


READER = WandbJsonlReader()
