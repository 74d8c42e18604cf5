"""Compare what runspect found in a corpus directory with what the tools were given to write (`truth.json`)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runspect.readers.flatten import flatten

FLOAT32 = 1e-6
"""The only tolerance: what rounding to float32 loses."""

NONFINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def differences(directory: Path, runs: list[dict[str, Any]]) -> Iterator[str]:
    """One line for each way in which `runs` (as `ls --json` gives them) departs from the truth of `directory`."""
    truth = json.loads((directory / "truth.json").read_text())
    left = list(runs)
    for expected in truth["runs"]:
        found = _counterpart(expected, left)
        if found is None:
            yield f"{expected['root']}: {expected['name']} not found"
            continue
        left.remove(found)
        yield from (f"{found['path']}: {line}" for line in _run(directory, expected, found))
    yield from (f"{run['path']}: {run['name']} is a run that nobody logged" for run in left)


def _counterpart(expected: Mapping[str, Any], runs: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The run at the root of the truth, which may be a store of several or a directory above ("?": anywhere)."""
    told = [run for run in runs if "mlflow" in run["tools"] and run["uid"].endswith(f":{expected.get('run_id')}")]
    if told:  # MLflow's truth gives a run's id in place of its directory
        return told[0]
    root = expected["root"].replace("?", ".")
    here = [run for run in runs if run["path"] == root]
    below = [run for run in runs if root == "." or run["path"].startswith(f"{root}/")]
    named = [run for run in here + below if run["name"] == expected["name"]]
    return next(iter([run for run in named if run in here] or here[:1] or named or below), None)


ENDS = {
    "finished": {"finished"},
    "failed": {"failed", "crashed"},
    "crashed": {"failed", "crashed"},
    "complete": {"finished"},
    "pruned": {"finished"},
    "fail": {"failed"},
    "killed": {"killed"},
    "interrupted": {"killed"},
    "unknown": {"unknown"},
    # A copy of a run that was running when it was copied has since fallen silent.
    "running": {"running", "quiet", "killed"},
}
"""Word of the truth → states that agree with it; `unknown` is an answer where the format has no end mark."""


def _facts(expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    state, told = found["state"], expected["status"]
    has_end_mark = "exit" in expected or not {"wandb", "mlflow"}.isdisjoint(found["tools"])
    if state not in ENDS[told] and (state != "unknown" or has_end_mark):
        yield f"state is {state} ({found['reason']}), not {told}"
    for key in ("tags", "group", "project"):
        wanted = expected.get(key)
        if isinstance(wanted, dict):
            wanted = sorted(f"{name}={value}" for name, value in wanted.items())
        if wanted and found[key] != wanted:
            yield f"{key} is {found[key]!r}, not {wanted!r}"
    if expected.get("parent_run_id") and not (found["parent"] or "").endswith(f":{expected['parent_run_id']}"):
        yield f"parent is {found['parent']!r}, not {expected['parent_run_id']!r}"
    if expected.get("notes") and found["note"] != expected["notes"]:
        yield f"note is {found['note']!r}, not {expected['notes']!r}"


def _was_written(root: Path, key: str) -> bool:
    """Whether any file of the run names the param: what was given and never written cannot be found."""
    name = key.rpartition(".")[2].encode()
    return any(name in path.read_bytes() for path in root.rglob("*") if path.is_file())


def _run(directory: Path, expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    yield from _facts(expected, found)
    on_disk = expected.get("disk") or {}
    for name, series in expected["metrics"].items():
        got = found["metrics"].get(_written_as(name, found["metrics"]))
        if got is None:
            yield f"metric {name} is missing (has {sorted(found['metrics'])})"
            continue
        # Where the writer dropped or renamed points, the disk is the truth.
        logged, kept = list(_series(series, got)), list(_series(on_disk.get(name, series), got))
        if logged and kept:
            yield from (f"{name}: {line}" for line in kept)
    on_disk_config = "config is not on disk" not in (expected.get("note") or "")
    for key, value in flatten(expected.get("config") or {}).items() if on_disk_config else ():
        key = key if key in found["params"] else key.replace("-", "_")  # argparse prints --num-layers as num_layers
        if key not in found["params"]:
            place = directory / expected["root"]
            if _was_written(place if place.exists() else directory, key):
                yield f"param {key} is missing"
        elif not _equal(value, found["params"][key]):
            yield f"param {key}: {found['params'][key]!r}, not {value!r}"


def _written_as(name: str, metrics: Mapping[str, Any]) -> str:
    """The name under which a metric stands in the files.

    The truth joins a split or a sub-directory with a colon, runspect with a slash, as TensorBoard shows it; Lightning
    writes the epoch's mean of a metric that is logged on step and on epoch as `<name>_epoch`.
    """
    plain = name.replace(":", "/")
    return plain if plain in metrics or f"{plain}_epoch" not in metrics else f"{plain}_epoch"


def _series(wanted: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[str]:
    names = {"count": "n", "first_step": "first_step", "last_step": "last_step", "first": "first", "last": "last"}
    for key, name in (names | {"min": "min", "max": "max", "nonfinite": "nonfinite"}).items():
        if key == "count" and wanted["count"] > got["n"] == wanted["last_step"] - wanted["first_step"] + 1:
            continue  # A resumed run: the truth counts what was written, runspect what counts.
        if key in wanted and wanted[key] is not None and not _equal(wanted[key], got[name]):
            yield f"{name} is {got[name]!r}, not {wanted[key]!r}"


def _equal(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, str) and wanted == got:
        return True
    wanted = NONFINITE.get(wanted, wanted) if isinstance(wanted, str) else wanted
    if isinstance(wanted, bool) or isinstance(got, bool):
        return bool(wanted) == bool(got) if isinstance(got, (bool, int, float)) else False
    if isinstance(wanted, (int, float)) and isinstance(got, (int, float)):
        return math.isclose(wanted, got, rel_tol=FLOAT32, abs_tol=1e-9)
    if isinstance(wanted, (list, tuple)) and isinstance(got, (list, tuple)):
        return len(wanted) == len(got) and all(_equal(a, b) for a, b in zip(wanted, got, strict=True))
    if isinstance(wanted, str) and isinstance(got, str) and wanted.startswith("/"):
        # The corpus was moved after it was written; only text files were rewritten.
        return wanted.rpartition("/")[2] == got.rpartition("/")[2]
    return bool(wanted == got)
