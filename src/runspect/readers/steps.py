"""Which column of a log is the step, which the time, which tells train from validation; and what a metric is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from runspect.dataclass import dataclass
from runspect.readers.claims import words

STEPS = (
    "step", "global_step", "_step", "trainer/global_step", "train/global_step", "global_step/max_steps", "iteration",
    "iter", "it", "itr", "num_updates", "training_iteration", "total_timesteps", "time/total_timesteps",
    "timesteps_total", "current_steps", "n_iter", "global_steps", "train_step", "timesteps",
    "timestep", "env_step", "total_env_steps", "totalenvsteps", "total_steps_done", "update",
    "updates", "num_batches", "epoch", "episode", "round", "generation", "num_steps", "steps", "epochs", "index",
)  # fmt: skip
"""Names of step columns, best first; compared without regard to case.

"steps" beside an episode or an epoch is how long that was, as "epochs" beside a round.
"""
_STEPS = frozenset(STEPS)
TIMES = (
    "time",
    "timestamp",
    "_timestamp",
    "ts",
    "wall_time",
    "wall time",
    "walltime",
    "datetime",
    "date",
    "created_at",
    "time_ms",
)
SPLITS = ("split", "mode", "phase", "stage", "subset")
PERHAPS_SPLITS = ("type", "kind", "event", "set")
"""Columns that tell train from validation where their cells are such words."""
_PARTS = words("train training val valid validation eval evaluation test testing dev")

_METRIC_WORDS = words(
    "loss losses acc accuracy auc f1 precision recall map ap ap50 miou iou dice bleu rouge wer cer ppl lr"
    " reward return rew score error err mse mae rmse rmsle r2 kl entropy grad norm psnr ssim fid top1 top5 val"
    " valid train test eval logloss nll elbo cost metric metrics objective fitness explained variance episode"
    " learning rate tokens throughput cosine similarity temperature gamma beta epsilon alpha logprob mcc kappa"
    " perplexity likelihood bce ce crossentropy hinge dloss gloss distance regret advantage value policy"
)
_WORD = re.compile(r"[A-Za-z]+\d*")
_PREFIX = re.compile(r"[A-Za-z][\w.-]{0,23}")


@dataclass(frozen=True, slots=True)
class Columns:
    """The part that each column of a row plays; indices into the row's keys."""

    step: int | None
    times: tuple[int, ...]
    """Columns that may hold absolute times; their values decide."""
    split: int | None


@dataclass(frozen=True, slots=True)
class StepRule:
    """What is known of the step column of one tool's logs."""

    names: tuple[str, ...] = ()
    """Lower-case names, best first; each row takes the first that holds a number. Without any of them `STEPS` decides."""
    kept: bool = False
    """The tool shows its step column among the metrics too."""


PLAIN = StepRule()


@lru_cache(maxsize=4096)
def columns(keys: tuple[str, ...]) -> Columns:
    """Choose step, time and split column of rows with these keys."""
    lower = [key.strip().lower() for key in keys]
    split = first_of((*SPLITS, *PERHAPS_SPLITS), lower)
    times = tuple(at for name in TIMES if (at := _index(lower, name)) is not None)
    return Columns(first_of(STEPS, lower), times, split)


@lru_cache(maxsize=4096)
def ruled(keys: tuple[str, ...], rule: StepRule) -> tuple[int, ...]:
    """The columns that count steps by the rule, best first."""
    lower = [key.strip().lower() for key in keys]
    return tuple(at for name in rule.names if (at := _index(lower, name)) is not None)


def first_of(names: Iterable[str], keys: Sequence[str]) -> int | None:
    """Index in `keys` of the first of `names` that is there."""
    return next((at for name in names if (at := _index(keys, name)) is not None), None)


def is_step(key: str) -> bool:
    """Whether a column of this name could count steps."""
    return key.strip().lower() in _STEPS


@lru_cache(maxsize=4096)
def metric_like(key: str) -> bool:
    """Whether a column's name speaks of training: "val_loss", "train/acc top1", but not "price"."""
    found = _WORD.findall(re.sub(r"([a-z])([A-Z])", r"\1 \2", key).lower())
    return any(word in _METRIC_WORDS or word.endswith(("loss", "acc", "accuracy")) for word in found)


def prefix(value: object, column: str = "split") -> str:
    """A cell of the split column as a metric prefix ("train/"), or "" when it is no plain word."""
    if column.strip().lower() in PERHAPS_SPLITS and (not isinstance(value, str) or value.strip().lower() not in _PARTS):
        return ""
    if isinstance(value, str) and _PREFIX.fullmatch(value.strip()):
        return value.strip() + "/"
    return ""


def _index(keys: Sequence[str], name: str) -> int | None:
    return keys.index(name) if name in keys else None
