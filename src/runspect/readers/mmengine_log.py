"""The text log of MMEngine and mmcv: which machine, which seed, how far the training came.

`2026/11/23 13:41:04 - mmengine - INFO - Epoch(train) [3][20/20]  lr: …` (MMEngine) or
`2020-01-30 20:49:09,123 - mmdet - INFO - Epoch [3][50/7330]  lr: …` (mmcv); `Iter(train) [ 100/80000]` where iterations
count. The head lists the environment and the config.
"""

from __future__ import annotations

import re

from runspect.model import Json
from runspect.readers.times import moment

_STAMP = re.compile(r"^(\d{4}[-/]\d\d[-/]\d\d \d\d:\d\d:\d\d)(?:,\d{3})? - ", re.MULTILINE)
_ENVIRONMENT = {
    "python": re.compile(r"^ *Python: ([\w.+]+)", re.MULTILINE),
    "os": re.compile(r"^ *sys\.platform: (\w+)", re.MULTILINE),
    "gpu": re.compile(r"^ *GPU [\d,]+: (.+?) *$", re.MULTILINE),
    "cuda": re.compile(r"(?:Cuda compilation tools, release|CUDA Runtime) ([\d.]+)"),
}
_GPU_COUNT = re.compile(r"^ *GPU number: (\d+)", re.MULTILINE)
_SEED = re.compile(r"(?:^ *seed: |Set random seed to )(\d+)", re.MULTILINE)
_WRITER = re.compile(r"^ *(MMEngine|MMCV): ([\w.+]+)", re.MULTILINE)
_GOAL = re.compile(r"\b(max_epochs|total_epochs|max_iters)['\"]?\s*[=:]\s*(\d+)")
_TRAIN = re.compile(r"\bEpoch(?:\(train\))? *\[ *(\d+)\]\[ *(\d+)/(\d+)\]|\bIter(?:\(train\))? *\[ *(\d+)/(\d+)\]")
_SAVED = re.compile(r"Saving checkpoint at (\d+) (epochs|iterations)")


def origin(head: str) -> dict[str, Json]:
    """Environment, seed and start from the head of a log, or from mmcv's `env_info`."""
    facts: dict[str, Json] = {}
    for name, pattern in _ENVIRONMENT.items():
        if match := pattern.search(head):
            facts[name] = match[1]
    if match := _GPU_COUNT.search(head):
        facts["gpu_count"] = int(match[1])
    if match := _SEED.search(head):
        facts["seed"] = int(match[1])
    if match := _WRITER.search(head):
        facts["writer"] = f"{match[1].lower()} {match[2]}"
    if (match := _STAMP.search(head)) and (started := _time(match[1])) is not None:
        facts["started"] = started
    return facts


def goal(head: str, tail: str) -> dict[str, Json]:
    """`max_steps` and `reached_steps`, in the unit that the loop counts in: epochs or iterations."""
    trained = list(_TRAIN.finditer(tail))
    if not trained:
        return {}
    last = trained[-1]
    if last[4]:
        return {"max_steps": int(last[5]), "reached_steps": max(int(last[4]), _saved(tail, "iterations"))}
    whole = int(last[1]) if last[2] == last[3] else int(last[1]) - 1
    found: dict[str, Json] = {"reached_steps": max(whole, _saved(tail, "epochs"))}
    goals = [match for match in _GOAL.finditer(head) if match[1] != "max_iters"]
    if goals:
        found["max_steps"] = int(goals[-1][2])
    return found


def ends(head: str, tail: str) -> dict[str, Json]:
    """Time of the last line."""
    stamps = _STAMP.findall(tail) or _STAMP.findall(head)
    ended = _time(stamps[-1]) if stamps else None
    return {} if ended is None else {"ended": ended}


def epoch_length(head: str) -> int | None:
    """Iterations of an epoch, where the log says them."""
    match = next((match for match in _TRAIN.finditer(head) if match[3]), None)
    return int(match[3]) if match else None


def _saved(tail: str, unit: str) -> int:
    """How far the last saved checkpoint is: it is written when an epoch is done, whatever the rows say."""
    return max((int(match[1]) for match in _SAVED.finditer(tail) if match[2] == unit), default=0)


def _time(text: str) -> float | None:
    return moment(text.replace("/", "-"))
