"""Which columns a table shows when nobody chose any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

DEFAULT = ("state", "name", "age", "took")
"""Always shown, in front."""

_BOOKKEEPING = frozenset((
    "name", "run_name", "run_id", "id", "uid", "group", "project", "entity", "tags", "notes", "output_dir",
    "logging_dir", "log_dir", "logdir", "save_dir", "out_dir", "outdir", "dir", "path", "save_path", "checkpoint_dir",
    "ckpt_dir", "work_dir", "workdir", "result_dir", "results_dir", "default_root_dir", "resume",
    "resume_from_checkpoint", "host", "hostname", "device", "local_rank", "rank", "pid", "port", "timestamp", "date",
    "time", "version",
))  # fmt: skip
"""Params that say where or when a run was, not what it tried: they vary always and tell nothing."""

_TUNED = frozenset((
    "lr", "lr0", "learning_rate", "base_lr", "max_lr", "min_lr", "weight_decay", "wd", "dropout", "momentum", "temperature",
    "gamma", "alpha", "beta", "beta1", "beta2", "eps", "warmup_ratio", "entropy_coef", "clip", "grad_clip",
    "label_smoothing", "l1", "l2", "tau",
))  # fmt: skip
"""Params that a random search draws anew for every run: as distinct as an id, yet what it is about."""


def default_specs(
    metrics: Sequence[str], params: Sequence[str] = (), words: Sequence[str] = (), *, best: bool = True
) -> tuple[str, ...]:
    """The columns of a new table: the run, its metrics, the params that vary, its tags, what people wrote.

    Args:
        metrics: The main one, shown with its curve, then those of the runs that lack it.
        params: The params that vary, most telling first.
        words: The columns of what people said that some run has.
        best: Whether the direction of the main metric is known.
    """
    main = metrics[0] if metrics else ""
    shown = [f"~{main}", main] if main else []
    if main and best:
        shown.append(f"{main}:best")
    # how a run does against others is said of its main metric
    beside = [word for word in words if word in ("vs", "vs:sigmas")]
    return (*DEFAULT, *shown, *beside, *metrics[1:], *params, "tags", *(word for word in words if word not in beside))


def varying(params: Iterable[tuple[str, int, int]], runs: int = 0, limit: int | None = 8) -> tuple[str, ...]:
    """The params that differ between runs, of (name, runs that have it, distinct values); most telling first.

    Params that most runs have come first, and among them those of few values; a param that is a path, an id or another
    for every run of many comes last or not at all. `fair_params` chooses among them for runs of several projects.
    """
    entries = [entry for entry in params if entry[2] > 1]
    most = max([runs, *(entry[1] for entry in entries)], default=0)
    telling = [
        entry
        for entry in entries
        if not _is_bookkeeping(entry[0]) and (_is_tuned(entry[0]) or not _is_an_id(entry[2], most))
    ]
    telling.sort(key=lambda entry: (entry[1] * 2 < most, entry[2] > max(12, most // 2), entry[2], entry[0]))
    names = tuple(name for name, _, _ in telling)
    return names if limit is None else names[:limit]


def _is_bookkeeping(name: str) -> bool:
    last = name.replace("/", ".").rsplit(".", 1)[-1].casefold().lstrip("_")
    return last in _BOOKKEEPING or last.endswith(("_dir", "_path", "_file"))


def _is_tuned(name: str) -> bool:
    return name.replace("/", ".").rsplit(".", 1)[-1].casefold() in _TUNED


def _is_an_id(distinct: int, runs: int) -> bool:
    return runs > 20 and distinct == runs
