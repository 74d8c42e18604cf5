"""The `run.json` of a run that another tool recorded, from what is known of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from runspect.model import Json

FORMAT, VERSION = "runspect-record", 1
ENDED = ("finished", "failed", "killed", "crashed")
_AS_THEY_ARE = (
    "host", "pid", "user", "entity", "job_type", "command", "args", "cwd", "program", "python", "os", "seed", "dataset",
    "dataset_version", "max_steps", "hypothesis", "signal", "environment", "seeds", "executable",
)  # fmt: skip
"""Facts that are keys of the format."""
_GIT = {"git_commit": "commit", "git_branch": "branch", "git_remote": "remote", "git_dirty": "dirty"}
_GIT_OF_RECORDS = {
    "git_root": "root", "git_patch": "patch", "git_patch_sha256": "patch_sha256", "git_untracked": "untracked",
}  # fmt: skip
"""Of a run that is a record itself, whose files are copied."""
_TOLD_ABOVE = frozenset({"end_state", "end_reason", "exit_code", "name", "project", "group", "tags", "notes", "parent"})
"""Facts that other keys tell."""


def export_id(uid: str) -> str:
    """The id of all exports of one run."""
    return f"export-{hashlib.sha256(uid.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def head(run: Mapping[str, Any], when: str, writer: str) -> dict[str, Json]:
    """The content of `run.json`.

    Args:
        run: What the engine tells of it (`exported`).
        when: Time of the export, ISO 8601.
        writer: Who exports.
    """
    facts: dict[str, Json] = run["facts"]
    status, reason, exit_code = ending(run)
    infinite = {key: float(word.replace("Infinity", "inf")) for key, word in run.get("infinite", {}).items()}
    # where it came from stands first: readers tell an export by the beginning of the file
    found: dict[str, Json] = {
        "format": FORMAT,
        "version": VERSION,
        "exported": {
            "time": when,
            "by": writer,
            **{key: run[key] for key in ("uid", "tools", "state", "reason", "root", "path", "key")},
        },
        "id": export_id(run["uid"]),
        "name": run["name"],
        "project": run["project"],
        "group": run["group"],
        "status": status,
        "reason": reason,
        "exit_code": exit_code,
        "started": run["started"],
        "ended": run["ended"],
        "updated": run["updated"],
        "tags": run["tags"] or None,
        "note": run["note"],
        "parent": run["parent"],
        **{key: facts[key] for key in _AS_THEY_ARE if key in facts},
    }
    is_record = "runspect" in run["tools"]
    names = {**_GIT, **(_GIT_OF_RECORDS if is_record else {})}
    if git := {key: facts[fact] for fact, key in names.items() if fact in facts}:
        found["git"] = git
    packages = {"packages": "file", "packages_sha256": "sha256"} if is_record else {}
    if listed := {key: facts[fact] for fact, key in packages.items() if fact in facts}:
        found["packages"] = listed
    found |= {
        "config": {**run["params"], **infinite},
        "facts": {key: value for key, value in facts.items() if key not in _TOLD_ABOVE},
        "ids": run["ids"],
        "annotations": [_annotation(line) for line in run.get("said", ())] or None,
        "files": run["files"],
        "artifacts": run["artifacts"],
    }
    return {key: value for key, value in found.items() if value is not None or key in ("status", "name")}


def _annotation(line: Mapping[str, Any]) -> dict[str, Json]:
    """A line of the journal; its time, ns since 1970, in ISO 8601 to the microsecond."""
    time = datetime.fromtimestamp(line["ts"] / 1e9, UTC).isoformat()
    return {**{key: line[key] for key in ("about", "key", "value", "who")}, "time": time}


def ending(run: Mapping[str, Any]) -> tuple[str, str, int | None]:
    """(status, reason, exit code) of a run as its record says them: what lives is only known to have lived then."""
    state, reason, facts = run["state"], run["reason"], run["facts"]
    code = facts.get("exit_code")
    exit_code = code if isinstance(code, int) and not isinstance(code, bool) else None
    if state in ("running", "quiet"):
        return "unknown", f"it was {state} when it was exported: {reason}", None
    if state == "gone":
        told = facts.get("end_state")
        if exit_code is None and told not in ENDED:
            return "unknown", "its logs were gone when it was exported", None
        status = told if told in ENDED else "failed" if exit_code else "finished"
        return status, str(facts.get("end_reason") or ""), exit_code
    if exit_code is None:
        return state, "" if reason == f"the tool recorded {state}" else reason, None
    return state, reason.removeprefix(f"exit code {exit_code}").removeprefix(", "), exit_code
