"""The facts in Sacred's run.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runspect.model import Json
from runspect.readers.times import utc

_ENDS = {
    "COMPLETED": "finished",
    "FAILED": "failed",
    "INTERRUPTED": "killed",
    "TIMED_OUT": "killed",
    "QUEUED": "unknown",
}
_REASONS = {
    "INTERRUPTED": "Sacred recorded INTERRUPTED",
    "TIMED_OUT": "Sacred recorded TIMED_OUT",
    "QUEUED": "queued in Sacred",
}


def run_facts(run: Mapping[str, Any]) -> dict[str, Json]:
    """Who, where, what, when, and how it ended."""
    facts: dict[str, Json] = {**_times(run), **_end(run), **_host(run.get("host")), **_code(run.get("experiment"))}
    meta = run.get("meta")
    if isinstance(meta, dict):
        options = meta.get("options")
        updates = options.get("UPDATE") if isinstance(options, dict) else None
        if isinstance(updates, list) and updates:
            facts["args"] = ["with", *map(str, updates)]
        facts["notes"] = meta.get("comment")
    facts["job_type"] = run.get("command")
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def _times(run: Mapping[str, Any]) -> dict[str, Json]:
    names = {"start_time": "started", "stop_time": "ended", "heartbeat": "heartbeat"}
    return {fact: utc(run.get(key)) for key, fact in names.items()}


def _end(run: Mapping[str, Any]) -> dict[str, Json]:
    status = run.get("status")
    if not isinstance(status, str) or status not in _ENDS:
        return {}
    trace = run.get("fail_trace")
    last = str(trace[-1]).strip()[:200] if isinstance(trace, list) and trace else ""
    return {"end_state": _ENDS[status], "end_reason": last or _REASONS.get(status)}


def _host(host: object) -> dict[str, Json]:
    if not isinstance(host, dict):
        return {}
    facts: dict[str, Json] = {
        "host": host.get("hostname"),
        "python": host.get("python_version"),
        "cpu": host.get("cpu"),
    }
    system = host.get("os")
    if isinstance(system, list) and system:
        facts["os"] = str(system[-1])
    gpus = host.get("gpus")
    found = gpus.get("gpus") if isinstance(gpus, dict) else None
    if isinstance(found, list) and found:
        facts["gpu_count"] = len(found)
        models = [str(gpu["model"]) for gpu in found if isinstance(gpu, dict) and gpu.get("model")]
        facts["gpu"] = ", ".join(dict.fromkeys(models))
    return facts


def _code(experiment: object) -> dict[str, Json]:
    """Program, libraries and the repository of the main file."""
    if not isinstance(experiment, dict):
        return {}
    facts: dict[str, Json] = {"project": experiment.get("name"), "program": experiment.get("mainfile")}
    base = experiment.get("base_dir")
    if isinstance(base, str) and isinstance(facts["program"], str):
        facts["program"] = f"{base}/{facts['program']}"
    needed = experiment.get("dependencies")
    if isinstance(needed, list) and needed:
        facts["packages"] = "run.json"
        own = next((str(each) for each in needed if str(each).startswith("sacred==")), "")
        facts["writer"] = own.replace("==", " ")
    repositories = experiment.get("repositories")
    if isinstance(repositories, list) and repositories and isinstance(repositories[0], dict):
        first = repositories[0]
        facts |= {"git_commit": first.get("commit"), "git_remote": first.get("url")}
        if isinstance(first.get("dirty"), bool):
            facts["git_dirty"] = first["dirty"]
    return facts
