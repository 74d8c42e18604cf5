"""Registered models of MLflow's file store: `models/NAME/{meta.yaml,version-N/meta.yaml,aliases/ALIAS}` beside experiments.

A version names the run that made it, which is a directory in an experiment's; an alias is a file that holds the number
of a version. `meta.yaml` speaks for the whole model and is written anew whenever something of the model changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim, Json, Problem
from runspect.readers import mlflow_run, mlflow_texts
from runspect.readers.contract import Batch, Cursor, Entry, Mode, with_offset
from runspect.readers.mlflow_files import TRASH

MODELS, ALIASES = "models", "aliases"
_VERSION = re.compile(r"version-(\d{1,9})")
_DELETED = "Deleted_Internal"
"""Stage of a version that was deleted: its files stay."""


class MlflowModelsReader:
    """One file speaks of the runs that made the versions of a model."""

    name = "mlflow-models"
    mode: Mode = "replace"
    precision = 3
    names = ("meta.yaml",)

    def claim(self, entry: Entry) -> Claim | None:
        """By the versions beside it, in a directory of `models/`."""
        root, _, place = entry.above.rpartition("/")
        versions = [name for name in entry.siblings if _VERSION.fullmatch(name)]
        if entry.name != "meta.yaml" or place != MODELS or not versions or entry.directory == ".":
            return None
        members = (ALIASES, *sorted(versions))
        return Claim(self.name, entry.path, root or ".", "tool", "store", 3, "mlflow", members=members)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """A batch for each run that made versions, then one that moves the cursor."""
        end = with_offset(cursor, path.stat().st_size)
        model, problems = path.parent, []
        aliases = mlflow_texts.texts(f"{model}/{ALIASES}")
        made: dict[str, list[str]] = {}
        for number, directory in _versions(model):
            try:
                meta = mlflow_texts.flat(mlflow_texts.text_of(f"{directory}/meta.yaml"))
            except (ReaderFault, OSError):
                what = f"version {number} of the model cannot be read"
                problems.append(Problem(str(path), None, self.name, what, "its run is not known"))
                continue
            run, stage = str(meta.get("run_id") or ""), str(meta.get("current_stage") or "")
            if mlflow_texts.RUN.fullmatch(run) and stage != _DELETED:
                marks = sorted(alias for alias, version in aliases.items() if version.strip() == str(number))
                made.setdefault(run, []).append(mlflow_run.version_text(model.name, str(number), marks, stage))
        for run, versions in made.items():
            facts: dict[str, Json] = {"registered_models": list(versions)}
            for place in _places(model.parent.parent, run):
                yield Batch(end, run=f"/{place}", facts=facts, whole=True, more=True)
        yield Batch(end, problems=tuple(problems))


def _versions(model: Path) -> list[tuple[int, Path]]:
    found = [(int(match[1]), each) for each in model.iterdir() if (match := _VERSION.fullmatch(each.name))]
    return sorted(found)


def _places(root: Path, run: str) -> list[str]:
    """Where the run lies, relative to the store: in the directory of its experiment, which may have been deleted."""
    found: list[str] = []
    for above in ("", f"{TRASH}/"):
        with suppress(OSError):
            found += [f"{above}{each.name}/{run}" for each in (root / above).iterdir() if (each / run).is_dir()]
    return sorted(found)


READER = MlflowModelsReader()
