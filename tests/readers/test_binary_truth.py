"""Event files and W&B logs against what their writers were given, file by file; on fixtures, corpus and real logs."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from runspect.readers.contract import Cursor
from runspect.readers.flatten import flatten
from runspect.readers.tfevents import READER as TFEVENTS
from runspect.readers.tfevents_name import writer_in
from runspect.readers.wandb import READER as WANDB
from tests.conftest import FIXTURES
from tests.readers.entries import Found

FLOAT32 = 1e-6
EVENT_TOOLS = ("tensorboard_torch", "tensorboardX", "tensorflow2", "accelerate")
WANDB_TOOLS = ("wandb", "wandb_0_15", "wandb_online")
BOOKKEEPING = ("_step", "_runtime", "_timestamp")


@pytest.mark.parametrize("tool", EVENT_TOOLS)
def test_event_files_of_the_fixtures_hold_what_was_logged(tool: str) -> None:
    assert list(wrong_events(FIXTURES / tool)) == []


@pytest.mark.parametrize("tool", (*EVENT_TOOLS, "lightning"))
def test_event_files_of_the_corpus_hold_what_was_logged(tool: str, corpus: Path) -> None:
    assert list(wrong_events(corpus / tool)) == []


@pytest.mark.parametrize("tool", WANDB_TOOLS)
def test_wandb_fixtures_hold_what_was_logged(tool: str) -> None:
    assert list(wrong_wandb(FIXTURES / tool)) == []


@pytest.mark.parametrize("tool", WANDB_TOOLS)
def test_wandb_runs_of_the_corpus_hold_what_was_logged(tool: str, corpus: Path) -> None:
    assert list(wrong_wandb(corpus / tool)) == []


def test_real_logs_hold_what_other_readers_found(real_logs: Path) -> None:
    truths = sorted(truth_directory(real_logs).glob("*.json"))
    if not truths:
        pytest.skip("no truth beside the real logs")
    entries = [(real_logs / path.stem, entry) for path in truths for entry in json.loads(path.read_text())["runs"]]
    told = [line for directory, entry in entries for line in wrong_real(directory, entry)]
    assert told == []


def read_files(paths: list[Path], wandb: bool = False) -> Found:
    """All files together, in order: every point that was written, also those that a restart declared void."""
    found = Found()
    for path in paths:
        found.add((WANDB if wandb else TFEVENTS).read(path, Cursor()))
    return found


def event_files(directory: Path, deep: bool) -> list[Path]:
    return sorted(path for path in (directory.rglob if deep else directory.glob)("*tfevents*") if writer_in(path.name))


def wrong_events(directory: Path) -> Iterator[str]:
    for run in json.loads((directory / "truth.json").read_text())["runs"]:
        root = directory / run["root"]
        own = read_files(event_files(root, deep=False))
        if not event_files(root, deep=True):
            continue
        # without it the truth tells what the training knew, under names and steps that its logger changed
        for name, want in run.get("disk", {}).items():
            child, _, metric = name.rpartition(":")
            source = read_files(event_files(root / child, deep=False)) if child else own
            # Lightning splits train_loss into train_loss_step and train_loss_epoch
            metric = metric if metric in source.steps else f"{metric}_epoch"
            if source.steps or not own_is_split(root):
                yield from wrong_series(f"{run['root']} {name}", source, metric, want)
        below = read_files(event_files(root, deep=True)).params
        for key, value in flatten(run.get("config") or {}).items() if below else ():
            if not same(below.get(key), value):
                yield f"{run['root']} {key}: {below.get(key)!r}, not {value!r}"


def own_is_split(root: Path) -> bool:
    """Whether a writer put metrics of the run into directories of their own, under other names."""
    return len(event_files(root, deep=True)) > len(event_files(root, deep=False))


def wrong_wandb(directory: Path) -> Iterator[str]:
    for run in json.loads((directory / "truth.json").read_text())["runs"]:
        found = read_files(sorted((directory / run["root"]).glob("*.wandb")), wandb=True)
        for name, want in run["disk"].items():
            yield from wrong_series(f"{run['root']} {name}", found, name, want)
        for key, value in flatten(run["config"]).items():
            if not same(found.params.get(key), value):
                yield f"{run['root']} {key}: {found.params.get(key)!r}, not {value!r}"
        facts = {"tags": run["tags"], "project": "toyproj", "name": run["name"], "end_state": ended(run)}
        for fact, value in facts.items():
            if found.facts.get(fact) != value:
                yield f"{run['root']} {fact}: {found.facts.get(fact)!r}, not {value!r}"


def ended(run: Mapping[str, Any]) -> str | None:
    return run["status"] if run["status"] in ("finished", "failed") else None


def wrong_series(where: str, found: Found, name: str, want: Mapping[str, Any]) -> Iterator[str]:
    steps, values = found.steps.get(name, []), found.values.get(name, [])
    if len(steps) != want["count"]:
        yield f"{where}: {len(steps)} points, not {want['count']}"
    elif steps and not (
        (steps[0], steps[-1]) == (want["first_step"], want["last_step"]) and same(values[-1], want["last"])
    ):
        yield f"{where}: {steps[0]} to {steps[-1]}, last {values[-1]}, want {dict(want)}"


def wrong_real(directory: Path, entry: Mapping[str, Any]) -> Iterator[str]:
    place = directory / entry["path"]
    if entry["format"] == "tfevents":
        found = read_files([place / file["file"] for file in entry["files"]])
    elif entry["format"] == "wandb-run":
        found = read_files(sorted(place.glob("*.wandb")), wandb=True)
        if found.facts.get("exit_code") != entry.get("exit_code"):
            yield f"{place}: exit code {found.facts.get('exit_code')}, not {entry.get('exit_code')}"
    else:
        return
    wanted = {name: want for name, want in (entry.get("metrics") or {}).items() if name not in BOOKKEEPING}
    if set(found.values) != set(wanted):
        yield f"{place}: {sorted(found.values)}, not {sorted(wanted)}"
    for name in set(found.values) & set(wanted):
        want, values = wanted[name], found.values[name]
        finite = [value for value in values if math.isfinite(value)] or [math.nan]
        got = {"n": len(values), "first": values[0], "last": values[-1], "min": min(finite), "max": max(finite)}
        got |= {"first_step": found.steps[name][0], "last_step": found.steps[name][-1]}
        wrong = [key for key in got if want.get(key) is not None and not same(got[key], want[key])]
        if wrong:
            yield f"{place} {name}: {wrong} of {got}, want {want}"


def truth_directory(real_logs: Path) -> Path:
    told = os.environ.get("RUNSPECT_REAL_TRUTH")
    return Path(told) if told else real_logs.parent / "shared" / "real" / "truth"


def same(got: object, want: object) -> bool:
    if isinstance(want, str) and isinstance(got, float):
        number = float(want)
        return got == number or (math.isnan(got) and math.isnan(number))
    if isinstance(want, (int, float)) and isinstance(got, (int, float)):
        return math.isclose(got, want, rel_tol=FLOAT32, abs_tol=1e-12)
    return got == want
