"""The facts in the head of runspect's own record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runspect.columns.datasets import place_name
from runspect.model import Json
from runspect.readers.times import moment
from runspect.readers.told import texts

_TEXTS = {
    **{name: name for name in ("project", "group", "parent", "hypothesis", "signal", "host", "user", "command")},
    **{name: name for name in ("program", "cwd", "writer", "executable", "python", "os", "gpu", "dataset")},
    "python_executable": "executable", "job_type": "job_type", "dataset_version": "dataset_version", "note": "notes", "reason": "end_reason",
}  # fmt: skip
"""Texts of the record by the fact that they are."""
_NUMBERS = ("pid", "process_started", "seed", "exit_code", "max_steps")
_GIT = {
    "commit": "git_commit", "branch": "git_branch", "remote": "git_remote", "root": "git_root", "patch": "git_patch",
    "patch_sha256": "git_patch_sha256",
}  # fmt: skip
_CI = {
    "kind": "ci", "job_url": "ci_job_url", "branch": "ci_branch", "pull_request": "ci_pull_request",
    "pipeline": "ci_pipeline",
}  # fmt: skip
_DIGEST = 16
"""Characters of a digest that tell two versions of a data set apart."""
_MOST_DATA = 8
"""Data that is a data set taken together; more are listed alone."""


def record_facts(found: Mapping[str, Any]) -> dict[str, Json]:
    """What the record says, under the names of `model.FACTS`; values of other kinds than the format's are left out."""
    facts = {**texts(found, _TEXTS), **_python(found), **_machine(found.get("hardware")), **_job(found)}
    if found.get("named") is not False:  # else its name is that of the directory, which gives way to any other
        facts |= texts(found, {"name": "name"})
    facts |= {key: found[key] for key in _NUMBERS if _is_number(found.get(key))}
    for key in ("started", "ended"):
        if isinstance(found.get(key), str) and (time := moment(found[key])) is not None:
            facts[key] = time
    if found.get("status") in ("finished", "failed", "killed", "crashed", "unknown"):
        facts["end_state"] = found["status"]
    if isinstance(found.get("tags"), list):
        facts["tags"] = [str(tag) for tag in found["tags"]]
    for key in ("environment", "seeds"):
        if isinstance(found.get(key), Mapping) and found[key]:
            facts[key] = dict(found[key])
    return facts | _git(found.get("git")) | _data(found, facts)


def _python(found: Mapping[str, Any]) -> dict[str, Json]:
    packages = found.get("packages")
    return texts(packages, {"file": "packages", "sha256": "packages_sha256"}) if isinstance(packages, Mapping) else {}


def _machine(hardware: object) -> dict[str, Json]:
    if not isinstance(hardware, Mapping):
        return {}
    facts = texts(hardware, {"cpu": "cpu", "os": "os"})
    for key, fact in (("cpus", "cpu_count"), ("memory_bytes", "memory")):
        if _is_number(hardware.get(key)):
            facts[fact] = hardware[key]
    listed = hardware.get("gpus")
    cards = [card for card in listed if isinstance(card, Mapping)] if isinstance(listed, list) else []
    if cards:
        facts["gpu_count"] = len(cards)
        names = [card["name"] for card in cards if isinstance(card.get("name"), str)]
        facts |= texts({"gpu": ", ".join(dict.fromkeys(names)), **cards[0]}, {"gpu": "gpu", "driver": "gpu_driver"})
        if _is_number(cards[0].get("memory_bytes")):
            facts["gpu_memory"] = cards[0]["memory_bytes"]
    return facts


def _job(found: Mapping[str, Any]) -> dict[str, Json]:
    """Scheduler, pipeline, and what was used at most."""
    facts: dict[str, Json] = {}
    scheduler, pipeline, peak = found.get("scheduler"), found.get("ci"), found.get("peak")
    if isinstance(scheduler, Mapping):
        kind = scheduler.get("kind")
        facts |= texts(scheduler, {"kind": "scheduler", "job": "slurm_job_id" if kind == "slurm" else "job_id"})
    if isinstance(pipeline, Mapping):
        facts |= texts(pipeline, _CI)
    if isinstance(peak, Mapping):
        for key, fact in (("memory_bytes", "memory_peak"), ("gpu_memory_bytes", "gpu_memory_peak")):
            if _is_number(peak.get(key)):
                facts[fact] = peak[key]
    return facts


def _git(found: object) -> dict[str, Json]:
    if not isinstance(found, Mapping):
        return {}
    facts = texts(found, _GIT)
    if isinstance(found.get("dirty"), bool):
        facts["git_dirty"] = found["dirty"]
    if isinstance(found.get("untracked"), list) and found["untracked"]:
        facts["git_untracked"] = [str(path) for path in found["untracked"]]
    return facts


def _data(found: Mapping[str, Any], told: Mapping[str, Json]) -> dict[str, Json]:
    """The data as it is listed: together the data set, their digests its version where all have one, unless others are told."""
    listed = found.get("data")
    data = [dict(each) for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    if not data:
        return {}
    facts: dict[str, Json] = {"data": data}
    if len(data) > _MOST_DATA:
        return facts
    digests = [digest for each in data if isinstance(digest := each.get("sha256"), str) and digest]
    names = [_name(path) for each in data if isinstance(path := each.get("path"), str)]
    if len(digests) == len(data) and "dataset_version" not in told:
        facts["dataset_version"] = ", ".join(f"sha256:{digest[:_DIGEST]}" for digest in dict.fromkeys(digests))
    if all(names) and len(names) == len(data) and "dataset" not in told:
        facts["dataset"] = ", ".join(dict.fromkeys(names))
    return facts


def _name(path: str) -> str:
    """What data at a path is called: `/scratch/cifar10/train` is `cifar10`, and `/data` at least `data`."""
    name = place_name(path)
    return name if name != path else path.rstrip("/").rpartition("/")[2]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
