"""Logs that real people left: every entry of the independent readers has its run, equal but for what is explained."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from runspect.workspace import Workspace
from tests.real import Difference, Shown, differences


class Reason(NamedTuple):
    """Why differences are no faults; each reason must explain one at least."""

    format: str
    """Regular expression, as the other two."""
    path: str
    """Found anywhere in the path of the entry."""
    what: str
    """The whole difference."""
    why: str


STEP_OF = ".*: (first_step|last_step) is .*"
REASONS = (
    # What counts steps, tells the time or repeats the configuration is in the file, and is no measurement.
    Reason("wandb-run", "", "_(step|runtime|timestamp): missing", "W&B's own columns: the step and the time of a point"),
    Reason("jsonl:metrics.json", "", "iteration: missing", "the step column of Detectron2"),
    Reason("jsonl:(other|scalars.json)", "/vis_data/", "step: missing", "the step column of MMEngine"),
    Reason("jsonl:trainer_log.jsonl", "", "current_steps: missing", "the step column of LLaMA-Factory"),
    Reason("csv", "/mean_points.csv$", "round: missing", "the step column: the rows are numbered by it"),
    Reason("jsonl:result.json", "", "timesteps_total: missing", "the step: the truth itself counts by it"),
    Reason("jsonl:result.json", "", "(training_iteration|timestamp|pid): missing", "Ray's own columns, kept as facts"),
    Reason("jsonl:result.json", "", r"config\..*: missing", "Ray repeats the configuration in each row"),
    Reason("tfevents", "/rainbow_ltc$", "ray/tune/done: missing", "whether the trial is over: the status"),
    Reason("fairseq-log", "", ".*/(epoch|update|(train_|valid_)?num_updates): missing", "the step and the epoch of a row"),
    Reason("fairseq-log", "", ".*/(train_)?wall: missing", "seconds since the start: the time"),
    Reason("fairseq-log", "", "train_inner/train_wall: missing", "seconds of training since the start: the time"),
    # The truth's reader took another column for the step; see "Step choice" in its README.
    Reason("jsonl:trainer_log.jsonl", "", STEP_OF, "the truth took `epoch` for the step beside `current_steps`"),
    Reason("jsonl:log.json", "/None.log.json$", STEP_OF, "`iter` begins anew in each epoch: steps here are of all epochs"),
    Reason("jsonl:log.json", "^Areinaqiu", "(epoch|iter|lr): .*", "the truth adds 5 rows of mode val to 1,725 of mode train"),
    Reason("tfevents", "/model/log/train$", ".*/epoch_.*" + STEP_OF, "shown from Ludwig's own history, counted from 0"),
    # The same curve is in two files of a run, and shown from the one that holds more digits.
    Reason("jsonl:log.json", "^flyingbird93", "(loss|grad_norm).*: (first|last|min|max) is .*", "mmcv rounds to 5 digits"),
    Reason("text-log", "^morikatron", "mean 100 episode reward: .*", "log.txt cuts what progress.csv holds in full"),
    Reason("hf-trainer_state", "/results/checkpoint-(5|10|15|20)00/", ".*", "a prefix of checkpoint-2500, which is shown"),
    # Texts are shown as what they say.
    Reason("mlflow-run", "^1juanfpg", r"param shape raw_data: \[74790, 25\], not '\(74790, 25\)'", "a tuple, as text"),
    Reason("hydra-run", "", r"param filepaths\..*\$\{.*", "interpolations are shown as what they stand for"),
    # No runs, nor parts of any.
    Reason("text-log", "/(labels|accuracy_last|.*model_summary.*|.*_accuracy).txt$", "no run", "tables of a model, results"),
    Reason("text-log", "/EXP009/log_simple.txt$", "no run", "a crash dump alone: no metric in the truth either"),
    Reason("text-log", "^NigelLu.*/slurm.out$", "no run", "a progress bar without a number; the truth has no metric"),
    Reason(
        "csv",
        "^nathimel__rdsg/(outputs|multirun)/(?!.*/num_trials=).*/(counterpart|sampled)_",
        "no run",
        "a sweep's analysis: points of a plane, of no job and without a step",
    ),
)  # fmt: skip
"""Most are how the independent readers count; none is a value that differs."""

ALONE = (
    # Guild's own test samples: no metric is in them, so the truth, which lists logs with metrics, leaves them out.
    ("guildai__guildai/guild/tests/samples/(opref-runs|runs|filter-runs)/[^/]+", "has Guild's marker of a run, `.guild/opref`"),
)  # fmt: skip
"""Paths of runs that no entry of the truth tells of, and why they are runs."""


@pytest.fixture(scope="module")
def truths(real_logs: Path) -> dict[str, dict[str, Any]]:
    """Repository directory → what independent readers found in it."""
    place = os.environ.get("RUNSPECT_REAL_TRUTH", "")
    if not Path(place).is_dir() or not place:
        pytest.skip("$RUNSPECT_REAL_TRUTH names no directory")
    return {path.stem: json.loads(path.read_text()) for path in sorted(Path(place).glob("*.json"))}


def test_holds_what_independent_readers_found(real_logs: Path, truths: dict[str, dict[str, Any]]) -> None:
    workspace = Workspace.open((real_logs,))
    try:
        workspace.sync()
        shown = Shown([json.loads(workspace.run_json(run["uid"])) for run in json.loads(workspace.runs_json())])
    finally:
        workspace.close()
    seen: set[str] = set()
    found = [each for name, truth in truths.items() for each in differences(name, truth, shown, seen)]
    assert [each for each in found if not any(_explains(reason, each) for reason in REASONS)] == []
    assert [reason for reason in REASONS if not any(_explains(reason, each) for each in found)] == []
    unseen = [run["path"] for run in shown.runs if run["uid"] not in seen]
    assert [path for path in unseen if not any(re.fullmatch(known, path) for known, _ in ALONE)] == []


def _explains(reason: Reason, each: Difference) -> bool:
    return (
        re.fullmatch(reason.format, each.format) is not None
        and re.search(reason.path, each.path) is not None
        and re.fullmatch(reason.what, each.what) is not None
    )
