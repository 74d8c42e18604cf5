"""Small answers of the engine, as sections of a report take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from runspect.practice.report.material import Material, Question
from runspect.practice.versus import compare, guarded


def run(name: str, rid: int, value: float | None = 0.5, rank: int | None = 1, **more: Any) -> dict[str, Any]:
    """A run of the answer to `review`."""
    seeds = {"rids": [rid], "n": 1, "mean": value, "std": None, "low": value, "high": value}
    return {
        "rank": rank, "rid": rid, "uid": f"path:{rid}", "name": name, "state": "finished", "reason": "it ended",
        "started": "2026-11-20T10:00:00.000000Z", "ended": "2026-11-20T11:00:00.000000Z", "value": value, "step": 10, "time": None,
        "took": 3600.0, "stage": "exploration", "hypothesis": None, "verdict": None, "note": None, "tags": [], "cause": None,
        "seeds": seeds, **more,
    }  # fmt: skip


def against(
    one: Mapping[str, Any],
    other: Mapping[str, Any],
    seeds: tuple[float, ...] = (),
    guard: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """The other run, with how the first one does against it; higher is better, the guard lower."""
    change = compare(one["value"], other["value"], "up", seeds)
    guards = [asdict(guarded("loss", "down", *guard))] if guard is not None else []
    told = {"change": {**asdict(change), "verdict": change.verdict}, "guards": guards}
    return {**other, "versus": told, "differs": [{"param": "lr", "run": 0.1, "other": 0.2}]}


def material(run: Mapping[str, Any], rivals: tuple[Mapping[str, Any], ...] = (), **more: Any) -> Material:
    """Of one run on `cifar10`."""
    review = {
        "dataset": "cifar10", "version": "v1", "place": "", "title": "cifar10@v1", "metric": "acc:max", "metric_name": "acc",
        "direction": "up", "judged_by": "policy", "runs": 9, "compared": 8, "ties": 1, "states": {"finished": 9}, "note": "",
        "others": [], "in_query": True, "guards": [], "directions": {}, "run": run, "champion": None, "baseline": None, "elsewhere": None,
        "rivals": list(rivals), "failed": 0, "causes": [], **more,
    }  # fmt: skip
    return Material(Question(), review, {"params": {"lr": 0.1}})
