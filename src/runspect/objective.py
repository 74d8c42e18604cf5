"""Which way a metric is better, and which metric a table shows by default: guessed from names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

Direction = Literal["down", "up"]

DOWN = frozenset((
    "loss", "losses", "err", "error", "errors", "ppl", "perplexity", "fid", "kid", "wer", "cer", "ter", "mae", "mse",
    "rmse", "rmsle", "mape", "smape", "nll", "bpb", "bpc", "bpd", "bits", "lpips", "eer", "ece", "brier", "logloss",
    "crossentropy", "xent", "ce", "kl", "kld", "divergence", "cost", "regret", "distance", "dist", "residual", "rmsd",
    "hausdorff", "hd", "ade", "fde", "energy", "gap", "penalty", "violation",
))  # fmt: skip
"""Words whose metric is better when it is smaller."""

UP = frozenset((
    "acc", "accuracy", "precision", "recall", "f1", "f1score", "fbeta", "auc", "auroc", "auprc", "roc", "ap", "map",
    "bleu", "rouge", "rougel", "rougelsum", "meteor", "chrf", "cider", "spice", "bertscore", "reward", "rewards",
    "rew", "return", "returns", "success", "win", "winrate", "score", "scores", "iou", "miou", "giou", "dice",
    "jaccard", "psnr", "ssim", "r2", "ndcg", "mrr", "hit", "hits", "em", "exact", "exactmatch", "mcc", "kappa", "top",
    "pearson", "spearman", "corr", "correlation", "sharpe", "likelihood", "logprob", "specificity", "sensitivity",
    "inception", "elo", "pass",
))  # fmt: skip
"""Words whose metric is better when it is larger."""

NEVER = frozenset((
    "lr", "learning", "epoch", "epochs", "step", "steps", "iter", "iters", "iteration", "iterations", "time", "times",
    "timestamp", "runtime", "seconds", "sec", "second", "ms", "hours", "duration", "elapsed", "wall", "eta",
    "samples", "tokens", "batches", "memory", "mem", "gpu", "cpu", "util", "utilization", "temp", "temperature",
    "power", "throughput", "fps", "speed", "norm", "grad", "gradient", "gradients", "momentum", "beta", "weight",
    "decay", "wd", "scale", "flos", "flops", "count", "num", "n", "size", "len", "length", "progress", "per",
    "system", "disk", "network", "index", "seed",
))  # fmt: skip
"""Words that tell how a run went along, not how good it is."""

PREFERRED = ("val", "valid", "validation", "eval", "evaluation", "dev", "test")
"""Splits by which a run is judged, in this order; a metric of none of them comes after, the training split last."""

TRAINING = ("train", "training", "tr")

ENDINGS = frozenset(("epoch", "step", "mean", "avg", "average", "macro", "micro", "weighted"))
"""Words at the end of a name that only say how a value was taken: `train_loss_epoch` is a loss."""

_WORD = re.compile(r"[A-Za-z]+[0-9]*|[0-9]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def direction(metric: str, overrides: Mapping[str, Direction] | None = None) -> Direction | None:
    """Whether `metric` is better "down" or "up", or None when the name does not tell.

    The last path part speaks first ("accuracy/loss" is a loss), and in it the last known word ("map_loss" is a loss,
    "loss_scale" no measure at all).
    """
    if overrides and metric in overrides:
        return overrides[metric]
    for part in reversed(re.split(r"[/.:]", metric)):
        found = _of_words(_words(part))
        if found is not None:
            return None if found == "never" else found
    return None


def guess(metrics: Iterable[tuple[str, int]]) -> str | None:
    """The metric that a table shows by default, of (name, number of runs that have it).

    Among metrics with a known direction: validation before unknown before training, then the one most runs have, then
    losses before other errors and scores, then the shorter name.
    """
    known = [(name, runs) for name, runs in metrics if direction(name) is not None]
    if not known:
        return None
    most = max(runs for _, runs in known)

    def order(entry: tuple[str, int]) -> tuple[bool, int, int, bool, int, str]:
        name, runs = entry
        return runs * 2 < most, _split_rank(name), -runs, "loss" not in _words(name), len(name), name

    return min(known, key=order)[0]


def _of_words(words: list[str]) -> Direction | Literal["never"] | None:
    joined = "".join(words)
    meaning = [word for word in words if word not in ENDINGS] or words
    for word in (joined, *reversed(meaning)):
        if word in NEVER:
            return "never"
        if word in DOWN:
            return "down"
        if word in UP:
            return "up"
    return None


def _split_rank(name: str) -> int:
    words = _words(name)
    for rank, split in enumerate(PREFERRED):
        if split in words:
            return rank
    return len(PREFERRED) + (1 if any(word in TRAINING for word in words) else 0)


def _words(text: str) -> list[str]:
    found = _WORD.findall(_CAMEL.sub("_", text.replace("mAP", "map")).lower())
    return [word if word in UP else word.rstrip("0123456789") or word for word in found]
