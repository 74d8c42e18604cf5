"""Runs that belong together, and what a value is over them: mean, spread, and which configs differ only in the seed.

Pure: values in, values out.
"""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from itertools import takewhile

from runspect.columns.cells import mean_texts, metric_text, parts_text, value_text
from runspect.counted import counted
from runspect.dataclass import dataclass
from runspect.model import Json

SEEDS = "seeds"
"""The key that groups runs whose configs differ only in what `makes_no_config` names."""
PARENT = "parent"
"""The column that groups runs below the run that started them."""

SEED_GLOBS = ("seed", "seeds", "*_seed", "seed_*", "seed[0-9]*", "random_state", "rng")
"""Globs of the last part of a param's name that is a seed."""
IGNORED = (
    *SEED_GLOBS,
    "dir", "*_dir", "*dir", "*_root", "root", "path", "*_path", "file", "*_file", "folder", "out", "output", "outputs",
    "log", "logs", "logging", "log_level", "verbose", "verbosity", "quiet", "debug",
    "name", "run_name", "exp_name", "exp", "exp_id", "experiment", "experiment_name", "expname", "id", "run_id", "uid", "uuid",
    "tags", "tag", "notes", "note", "comment", "description", "user", "host", "hostname", "node", "pid",
    "device", "devices", "device_id", "gpu", "gpu_id", "gpu_ids", "gpus", "cuda", "rank", "local_rank", "master_addr",
    "master_port", "port", "dist_url", "num_workers", "workers", "n_workers", "nworkers", "pin_memory",
    "date", "time", "timestamp", "datetime", "start_time", "created", "version", "job_id", "slurm_job_id", "task_id",
    "resume", "resume_from", "resume_from_checkpoint", "auto_resume", "*_interval", "save_every", "log_every", "*_freq",
)  # fmt: skip
"""Globs of the last part of a param's name: what says where, when and how often a run is, not what is trained."""

IGNORED_WHOLE = ("wandb.*", "_wandb.*", "hydra.*", "mlflow.*", "logger.*", "tensorboard.*", "slurm.*", "git.*")
"""Globs of whole names."""

_PART = re.compile(r"[./]")
_TAIL = re.compile(r"[\s._/=-]+(?:s|seed|run|trial|version|v)?[\s._=-]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spread:
    """One value over the runs of a group."""

    n: int
    """Runs that have it."""
    mean: float | None
    """Over the finite numbers; None when there is none."""
    std: float | None
    """Sample standard deviation; None of fewer than two."""
    low: float | None
    high: float | None
    nonfinite: int
    """Runs whose value is NaN or infinite."""
    distinct: int
    value: Json
    """The value when all that have one have the same, else None."""
    parts: Sequence[tuple[str, int]] = ()
    """Of lists, such as tags: each member and in how many runs, what most have first."""


def makes_no_config(param: str, ignore: Sequence[str] = ()) -> bool:
    """Whether two configs that differ in this param alone are still the same.

    Args:
        ignore: More globs of whole names: the policy's and the user's.
    """
    lower = param.lower()
    last = _PART.split(lower)[-1]
    return any(fnmatchcase(last, glob) for glob in IGNORED) or any(
        fnmatchcase(lower, glob.lower()) for glob in (*IGNORED_WHOLE, *ignore)
    )


def spread(values: Iterable[Json]) -> Spread:
    """What the values are over a group; None is a run without one."""
    found = [value for value in values if value is not None]
    numbers = [_float(value) for value in found if isinstance(value, int | float) and not isinstance(value, bool)]
    finite = [number for number in numbers if math.isfinite(number)]
    different = {repr(value) if isinstance(value, list | dict) else value for value in found}
    return Spread(
        n=len(found),
        mean=math.fsum(finite) / len(finite) if finite else None,
        std=statistics.stdev(finite) if len(finite) > 1 else None,
        low=min(finite, default=None),
        high=max(finite, default=None),
        nonfinite=len(numbers) - len(finite),
        distinct=len(different),
        value=found[0] if len(different) == 1 else None,
        parts=_parts(found),
    )


def _parts(found: Sequence[Json]) -> Sequence[tuple[str, int]]:
    counts = Counter(
        part for value in found if isinstance(value, list) for part in dict.fromkeys(map(value_text, value))
    )
    return tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def spread_text(cell: Spread, size: int, *, ascii_only: bool = False) -> str:
    """A value over a group of `size` runs: `0.912 ±0.004`, or the value that all share; `n 2` when not all have it.

    "" when none has one.
    """
    if not cell.n:
        return ""
    if cell.parts:
        return parts_text(cell.parts, size)
    few = f" n {cell.n}" if cell.n < size else ""
    if cell.distinct == 1:
        text = metric_text(cell.value) if isinstance(cell.value, float) else value_text(cell.value)
    elif cell.mean is None:
        text = counted(cell.distinct, "value")
    elif cell.std is None:
        text = metric_text(cell.mean)
    else:
        mean, std = mean_texts(cell.mean, cell.std)
        text = f"{mean} {'+-' if ascii_only else '±'}{std}"
    broken = f" {cell.nonfinite} NaN" if cell.nonfinite else ""
    return f"{text}{broken}{few}"


def common_name(names: Sequence[str]) -> str:
    """What a group of runs is called: the beginning that their names share, without what counts the seeds."""
    shared = "".join(chars[0] for chars in takewhile(lambda chars: len(set(chars)) == 1, zip(*names, strict=False)))
    if len(set(names)) > 1:
        shared = _TAIL.sub(
            "", shared.rstrip("0123456789") if any(name[len(shared) :][:1].isdigit() for name in names) else shared
        )
    return shared or min(names, default="")


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # whole numbers of JSON have no bounds
        return math.inf if value > 0 else -math.inf
