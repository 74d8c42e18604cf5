"""Directions and the default metric, from names that tools really write."""

from __future__ import annotations

import pytest

from runspect.objective import DOWN, NEVER, UP, direction, guess

DOWNS = (
    "loss", "val/loss", "eval_loss", "train_loss_epoch", "Loss/train", "val_loss-1", "val/box_loss", "error_rate",
    "top1_err",
    "perplexity", "eval/wer", "test_cer", "rmse", "val_MAE", "nll", "val_bpb", "fid50k", "cross_entropy", "map_loss",
    "accuracy/loss",
    "train/entropy_loss", "rollout/value_loss",
)  # fmt: skip
UPS = (
    "acc", "Accuracy/val", "eval_accuracy", "val_acc", "valAcc", "Acc@1", "top5", "f1", "eval_f1", "test_f1_macro",
    "roc_auc", "auroc",
    "eval/bleu", "rouge1", "eval_rougeL", "charts/episodic_return", "rollout/ep_rew_mean", "episode_reward_mean",
    "metrics/mAP50(B)",
    "metrics/mAP50-95(B)", "val_mAP", "metrics/precision(B)", "recall", "mIoU", "dice", "psnr", "SSIM", "val_r2",
    "R2", "best_score",
)  # fmt: skip
NEITHER = (
    "lr", "lr/pg0", "learning_rate", "train/learning_rate", "epoch", "global_step", "step", "time", "train_runtime",
    "grad_norm",
    "eval_samples_per_second", "total_flos", "loss_scale", "perf/tokens_per_sec", "rollout/ep_len_mean", "entropy",
    "memory_mb",
    "foo", "", "loss/lr", "system.gpu.0.temp",
)  # fmt: skip


@pytest.mark.parametrize("metric", DOWNS)
def test_smaller_is_better(metric: str) -> None:
    assert direction(metric) == "down"


@pytest.mark.parametrize("metric", UPS)
def test_larger_is_better(metric: str) -> None:
    assert direction(metric) == "up"


@pytest.mark.parametrize("metric", NEITHER)
def test_the_name_does_not_tell(metric: str) -> None:
    assert direction(metric) is None


def test_the_policy_wins() -> None:
    assert direction("val/loss", {"val/loss": "up"}) == "up"
    assert direction("foo", {"foo": "down"}) == "down"


def test_no_word_has_two_meanings() -> None:
    assert not DOWN & UP and not DOWN & NEVER and not UP & NEVER


@pytest.mark.parametrize(
    ("metrics", "wanted"),
    [
        ([("train/loss", 5), ("val/loss", 5), ("eval_accuracy", 5), ("lr", 5)], "val/loss"),
        ([("loss", 5), ("accuracy", 5)], "loss"),
        ([("train_loss", 5), ("accuracy", 5)], "accuracy"),
        ([("test/loss", 5), ("val/acc", 5)], "val/acc"),
        ([("val/rare_loss", 1), ("train/loss", 9)], "train/loss"),
        ([("lr", 5), ("epoch", 5)], None),
        ([], None),
    ],
)
def test_the_metric_shown_by_default(metrics: list[tuple[str, int]], wanted: str | None) -> None:
    assert guess(metrics) == wanted
    assert guess(list(reversed(metrics))) == wanted
