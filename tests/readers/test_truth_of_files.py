"""Text readers against what the tools were given to write, file by file."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runspect.readers import claim_file, reader_named
from runspect.readers.flatten import flatten
from runspect.readers.steps import TIMES, is_step
from tests.conftest import FIXTURES
from tests.readers.entries import Found, entries, found_in

FLOAT32 = 1e-6
SERIES = ("jsonl", "csv", "stable-baselines3", "ray-tune", "lightning", "hf-trainer", "json-history")
TOOLS = ("plain", "keras", "ultralytics", "stable_baselines3", "hydra", "lightning", "gbm", "hf_trainer")
CONSOLE_ONLY = ("nanogpt", "megatron", "fairseq", "console_mix", "latin1_log", "sk")
"""Runs whose numbers stand only on the console, which this set of readers does not scrape."""


@pytest.mark.parametrize("tool", TOOLS)
def test_fixtures_equal_their_truth(tool: str) -> None:
    assert list(_differences(FIXTURES / tool)) == []


@pytest.mark.parametrize("tool", TOOLS)
def test_corpus_equals_its_truth(tool: str, corpus: Path) -> None:
    assert list(_differences(corpus / tool)) == []


def test_real_logs_equal_their_truth(real_logs: Path) -> None:
    truths = sorted((_truth_directory(real_logs)).glob("*.json"))
    if not truths:
        pytest.skip("no truth beside the real logs")
    told = [line for path in truths for line in _real_differences(real_logs / path.stem, json.loads(path.read_text()))]
    assert told == []


def test_real_logs_are_claimed_and_data_is_not(real_logs: Path) -> None:
    missed, strange = [], []
    for path in sorted(_truth_directory(real_logs).glob("*.json")):
        runs = json.loads(path.read_text())["runs"]
        told = {run["path"]: run for run in runs}
        claimed = {entry.path: claim for entry in entries(real_logs / path.stem) if (claim := claim_file(entry))}
        missed += [name for name, run in told.items() if _must_be_claimed(run) and name not in claimed]
        strange += [
            name
            for name, claim in claimed.items()
            if claim.reader in ("jsonl", "csv", "lightning", "hf-trainer") and name not in told
        ]
    assert missed == []
    assert strange == []


def _must_be_claimed(run: dict[str, Any]) -> bool:
    """Lines of JSON, trainer states, and tables that have a step column."""
    return run["format"].startswith(("jsonl", "hf-")) or bool(run.get("step_column"))


def _differences(directory: Path) -> Iterator[str]:
    truth = json.loads((directory / "truth.json").read_text())
    for run in truth["runs"]:
        root = directory / run["root"]
        if not root.is_dir() or run["root"] in CONSOLE_ONLY:
            continue
        series, params = _read_run(root)
        if directory.name != "stable_baselines3":  # which writes no config outside its model archive
            yield from _wrong_params(run, params)
        if not series:
            continue  # its numbers stand in event files only
        for name, want in (run.get("disk") or run["metrics"]).items():
            if isinstance(want, dict) and "count" in want:
                yield from _wrong_series(
                    f"{run['root']} {name}", series.get(_named(name)) or series.get(f"{name}_epoch", []), want
                )


def _named(name: str) -> str:
    return name.replace("train:", "train/").replace("val:", "val/")


def _read_run(root: Path) -> tuple[dict[str, list[tuple[list[int], list[float]]]], dict[str, Any]]:
    """Every source of each metric, and the params, of the files below a run's directory."""
    series: dict[str, list[tuple[list[int], list[float]]]] = {}
    params: dict[str, Any] = {}
    for entry in entries(root):
        claim = claim_file(entry)
        if claim is None or (claim.reader not in SERIES and claim.kind != "config"):
            continue
        found = found_in(reader_named(claim.reader), entry.absolute)
        params.update(found.params)
        for name, steps in found.steps.items():
            series.setdefault(name, []).append((steps, found.values[name]))
    return series, params


def _wrong_series(where: str, sources: list[tuple[list[int], list[float]]], want: dict[str, Any]) -> Iterator[str]:
    if where.endswith((" time", " ", " step", " date", " Step")):
        return
    told = [
        (len(steps), steps[0], steps[-1]) == (want["count"], want["first_step"], want["last_step"])
        and _same(values[-1], want["last"])
        for steps, values in sources
    ]
    if not any(told) and want["count"]:
        got = [(len(steps), steps[0], steps[-1], values[-1]) for steps, values in sources]
        yield f"{where}: want {want}, got {got}"


def _wrong_params(run: dict[str, Any], params: dict[str, Any]) -> Iterator[str]:
    config = run.get("config")
    for key, want in flatten(config).items() if isinstance(config, dict) else ():
        got = params.get(key)
        if got != want and not (isinstance(want, (int, float)) and _same(got, want)) and not isinstance(want, str):
            yield f"{run['root']} param {key}: want {want!r}, got {got!r}"


def _same(got: object, want: object) -> bool:
    if isinstance(want, str):
        return (isinstance(got, float) and got == float(want)) or (
            math.isnan(float(want)) and math.isnan(float(str(got)))
        )
    if not isinstance(got, (int, float)) or not isinstance(want, (int, float)):
        return False
    return math.isclose(got, want, rel_tol=FLOAT32, abs_tol=1e-12) or (math.isnan(got) and math.isnan(want))


def _truth_directory(real_logs: Path) -> Path:
    beside = real_logs / "truth"
    return beside if beside.is_dir() else real_logs.parent / "shared" / "real" / "truth"


def _real_differences(directory: Path, truth: dict[str, Any]) -> Iterator[str]:
    for run in truth["runs"]:
        if not run["format"].startswith(("jsonl", "csv", "tsv", "metrics.csv", "progress.csv", "results.csv", "hf-")):
            continue
        path = directory / run["path"]
        entry = next((entry for entry in entries(path.parent) if entry.absolute == path), None)
        claim = claim_file(entry) if entry else None
        if claim is None:
            continue
        found = found_in(reader_named(claim.reader), path)
        for name, want in (run.get("metrics") or {}).items():
            if is_step(name) or name in TIMES or name.startswith("config."):
                continue  # steps and times are no metrics, a row's config is params
            yield from _wrong_real(f"{directory.name}/{run['path']} {name}", _merged(found, name), want)


def _merged(found: Found, name: str) -> list[float] | None:
    """Values under the name or, where a split column gave a prefix, under all prefixed names."""
    for spelled in (name, name.replace(".", "/")):
        if spelled in found.values:
            return found.values[spelled]
    parts = [values for key, values in found.values.items() if key.rpartition("/")[2] == name]
    return [value for part in parts for value in part] if parts else None


def _wrong_real(where: str, values: list[float] | None, want: dict[str, Any]) -> Iterator[str]:
    finite = [value for value in values or [] if math.isfinite(value)]
    if values is None:
        if want.get("n") and want.get("first_step") is not None:
            yield f"{where}: not there, want {want}"
    elif len(values) != want["n"]:
        yield f"{where}: {len(values)} values, want {want['n']}"
    elif values and not (_same(values[0], want["first"]) and _same(values[-1], want["last"])):
        yield f"{where}: {values[0]} … {values[-1]}, want {want['first']} … {want['last']}"
    elif finite and not (_same(min(finite), want["min"]) and _same(max(finite), want["max"])):
        yield f"{where}: {min(finite)} to {max(finite)}, want {want['min']} to {want['max']}"
