"""Compare what runspect found in people's logs with what independent readers found in the files (`truth/*.json`).

Strict: every entry has its run, every metric of it is there under its own name or under one that a rule of the format
gives, with its values and steps; every param; the status. What differs is one `Difference` each.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FLOAT32 = 1e-6
COMPARED = {
    "n": "n",
    "first": "first",
    "last": "last",
    "min": "min",
    "max": "max",
    "first_step": "first_step",
    "last_step": "last_step",
}
"""Name in the truth → name in `show --json`."""
ENDS = {
    "COMPLETED": "finished", "INTERRUPTED": "killed", "FAILED": "failed", "FINISHED": "finished", "KILLED": "killed",
    1: "killed", 3: "finished", 4: "failed", 5: "killed",
}  # fmt: skip
"""Status of Sacred, Keras Tuner and MLflow → state. MLflow's 1 is RUNNING: of a copy that fell silent, killed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a run departs from an entry of the truth."""

    format: str
    path: str
    """Of the entry, with the repository in front."""
    what: str


class Shown:
    """All runs that are shown, by the files that they were read from."""

    def __init__(self, runs: Sequence[Mapping[str, Any]]) -> None:
        self.runs = runs
        self._by_file: dict[str, list[Mapping[str, Any]]] = {}
        for run in runs:
            for path in {*(file["path"] for file in run["files"]), *run["also_in"]}:
                self._by_file.setdefault(path, []).append(run)

    def of(self, repository: str, entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The runs that an entry is told by."""
        path = place(repository, entry)
        if entry["format"] == "mlflow-run":
            return [run for run in self.runs if run["uid"].endswith(f":{entry['run_id']}")]
        if path in self._by_file:
            return self._by_file[path]
        at = [run for run in self.runs if run["path"] == path]
        if at:
            return at
        below = {run["uid"]: run for file, runs in self._by_file.items() if file.startswith(f"{path}/") for run in runs}
        return list(below.values())


def place(repository: str, entry: Mapping[str, Any]) -> str:
    """Path of an entry as runspect shows paths."""
    return repository if entry["path"] == "." else f"{repository}/{entry['path']}"


def differences(repository: str, truth: Mapping[str, Any], shown: Shown, seen: set[str]) -> Iterator[Difference]:
    """All differences of a repository; the uids of the runs that its entries are told by go into `seen`."""
    for entry in truth["runs"]:
        runs = shown.of(repository, entry)
        seen.update(run["uid"] for run in runs)
        for what in _entry(entry, runs):
            yield Difference(entry["format"], place(repository, entry), what)
    for other in truth.get("other") or ():
        path = place(repository, other)
        runs = [run for run in shown.runs if any(file["path"] == path for file in run["files"])]
        seen.update(run["uid"] for run in runs)
        if other.get("kind") == "mlflow":
            yield from (Difference("mlflow-db", path, what) for what in _database(other, runs))
        if other.get("kind") == "optuna":
            told = sum(sum(study["trials_by_state"].values()) for study in other["studies"])
            if told != len(runs):
                yield Difference("optuna", path, f"{len(runs)} trials, not {told}")
        if other["format"] == "yaml-config":
            for run in runs:
                yield from (Difference("yaml-config", path, what) for what in _params(other, [run]))


def _database(other: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len(runs) != other["n_runs"]:
        yield f"{len(runs)} runs, not {other['n_runs']}"
    for told in other["runs"]:
        run = next((run for run in runs if run["uid"].endswith(f":{told['run_id']}")), None)
        if run is None:
            yield f"run {told['run_id']} is missing"
            continue
        for name, series in told["metrics"].items():
            got = run["metrics"].get(name)
            if got is None or not all(_equal(series[key], got[key]) for key in ("n", "last", "min", "max")):
                yield f"{name} of {told['run_id']} is {got}"
        yield from _params({"config": told["params"]}, [run])
        if told["status"] in ENDS and run["state"] != ENDS[told["status"]]:
            yield f"state is {run['state']}, not {told['status']}"


def _entry(entry: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not runs:
        yield "no run"
        return
    if len(runs) > 1:
        yield f"{len(runs)} runs"
    for name, wanted in _metrics(entry).items():
        if wanted.get("n") and name != entry.get("step_column") and "first" in wanted:
            yield from _series(name, wanted, entry, runs)
    yield from _params(entry, runs)
    yield from _trial(entry, runs[0])
    status, exit_code = entry.get("status"), entry.get("exit_code")
    state = ENDS.get(status) if status is not None else {None: None, 0: "finished"}.get(exit_code, "failed")
    if state is not None and runs[0]["state"] != state:
        yield f"state is {runs[0]['state']}, not {state}"


def _metrics(entry: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    if entry["format"] == "fairseq-log":
        return {f"{part}/{key}": s for part, told in entry["sections"].items() for key, s in told["metrics"].items()}
    return dict(entry.get("metrics") or {})


def _trial(entry: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[str]:
    """Keras Tuner keeps the last value of each metric, a list of its executions."""
    for name, told in (entry.get("metrics") or {}).items() if entry["format"] == "kerastuner-trial" else ():
        got, values = run["metrics"].get(name), told["last"]
        if got is None or got["n"] != told["n"] or not _equal(sum(values) / len(values), got["last"]):
            yield f"{name} is {got}, not {told}"


def _series(
    name: str, wanted: Mapping[str, Any], entry: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    named = [(run["metrics"][each], each) for each in _names(name, entry) for run in runs if each in run["metrics"]]
    if not named:
        yield f"{name}: missing"
        return
    got = named[0][0]
    for key, own in COMPARED.items():
        if wanted.get(key) is not None and not _equal(wanted[key], got[own]):
            yield f"{name}: {own} is {got[own]!r}, not {wanted[key]!r}"
    nonfinite = (wanted.get("nan") or 0) + (wanted.get("inf") or 0)
    if nonfinite != got["nonfinite"]:
        yield f"{name}: nonfinite is {got['nonfinite']}, not {nonfinite}"


def _names(name: str, entry: Mapping[str, Any]) -> Iterator[str]:
    """Under which names a metric of a file may stand among those of its run, the likeliest first."""
    plain, form = name.strip(), entry["format"]
    stem = entry["path"].rpartition("/")[2].partition(".")[0]
    if form in ("csv", "tsv", "tfevents"):
        yield f"{stem}/{plain}"  # parts of one run, told apart by file or directory: `train/`, CatBoost's `learn/`
    if form == "tsv":
        yield f"{stem.removesuffix('_error')}/{plain}"
        yield f"{stem.removesuffix('_left')}/{plain}"
        yield entry["path"].rpartition("plots/metrics/")[2].removesuffix(".tsv")  # DVCLive: the file is the name
    if form == "tfevents":
        yield plain.removeprefix("ray/tune/")
        if found := re.fullmatch(r"(\w+)/epoch_([a-z]+)_(\w+)", plain):
            yield f"{found[2]}/{found[1]}/{found[3]}"  # Ludwig's own history of the same curve
        yield {"train": "training_", "validation": "validation_"}.get(stem, "") + plain  # AllenNLP's likewise
    if form.startswith("jsonl:"):
        yield f"train/{plain}"  # mmcv: mode "train" or "val"
        yield f"val/{plain}"
        yield plain.replace(".", "/")
    if form == "fairseq-log":
        yield plain.partition("/")[2]
    yield plain


def _params(entry: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    params = {key: value for run in runs for key, value in run["params"].items()}
    for key, value in (entry.get("config") or entry.get("params") or {}).items():
        if key not in params:
            yield f"param {key}: missing"
        elif not _same(value, params[key]):
            yield f"param {key}: {params[key]!r}, not {value!r}"


def _same(wanted: Any, got: Any) -> bool:
    """MLflow and Hydra's overrides keep texts; a number is shown as one."""
    if _equal(wanted, got) or str(wanted) == str(got):
        return True
    try:
        return _equal(float(wanted), float(got))
    except (TypeError, ValueError):
        return False


def _equal(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, (int, float)) and isinstance(got, (int, float)):
        return math.isclose(wanted, got, rel_tol=FLOAT32, abs_tol=1e-12)
    return bool(wanted == got)
