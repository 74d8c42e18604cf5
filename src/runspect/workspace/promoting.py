"""Promote and demote runs: the gate is asked, the model's file and the report are named by their digests, all of it is kept.

Who and when are those of the journal's line; the number of a model's version is what the journal's order makes of it
(`runspect.practice.registry`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from runspect.columns.stages import KEY
from runspect.dataclass import dataclass
from runspect.errors import UsageError
from runspect.model import Json, Op
from runspect.pathtext import on_disk
from runspect.workspace.client import Workspace
from runspect.workspace.digests import digest, size_of

MODELS = ("checkpoint", "model")
"""Kinds of artefacts that may be what is promoted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done with a run."""

    run: str | int
    why: str
    to: str = ""
    """The next stage where none is named; of a demotion the one before."""
    report: Path | None = None
    model: Path | None = None
    """The model's file or directory; None to look among the run's checkpoints."""
    without_model: bool = False
    name: str = ""
    """Of the model; "" for the run's project, else its directory."""
    forced: bool = False
    most: int | None = None
    """A model that was found and is larger than so many bytes is kept without a digest."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    name: str
    """Of the run."""
    before: str
    stage: str
    refused: bool
    gate: Mapping[str, Any] | None
    model: Mapping[str, Json] | None = None
    version: int | None = None
    changed: bool = False
    """Whether the model's file is another one than at the stage before, though nobody named it."""


def promote(workspace: Workspace, wanted: Wanted) -> Done:
    """Bring a run to a stage; refused where its gates are not passed, unless that is forced.

    Raises:
        UsageError: There is no why, no stage to come to, or a file cannot be read.
        NotFound: There is no such run or file.
    """
    if not wanted.why.strip():
        raise UsageError("why? a promotion is kept with its reason: --why TEXT")
    report = digest(wanted.report) if wanted.report is not None else None
    found = workspace.gate(wanted.run, wanted.to, report)
    stages, now, to = found["stages"], str(found["stage"]), found["to"]
    if not to:
        raise UsageError(nowhere_next(found["name"], now, stages))
    if now in stages and stages.index(to) <= stages.index(now):
        raise UsageError(f"{found['name']} is {now} already" + ("" if to == now else f"; demote brings it to {to}"))
    gate = found["gate"]
    passes = gate is None or gate["passes"]
    if not passes and not wanted.forced:
        return Done(found["name"], now, str(to), True, gate)
    model = None if wanted.without_model else _model(workspace, found["rid"], wanted)
    value: dict[str, Json] = {
        "stage": to,
        "why": wanted.why.strip(),
        "from": now,
        "gate": gate,
        "forced": not passes,
        "report": report,
        "model": model,
        "version": workspace.next_version(str(model["name"])) if model is not None else None,
        # so that a second promotion is never taken for the first one that an undo brought back
        "at": round(time.time(), 3),
    }
    workspace.annotate([Op(f"run:{found['uid']}", KEY, value)])
    history = workspace.stages(found["rid"])["history"]
    changed = wanted.model is None and _is_another(model, _kept(history[:-1]))
    return Done(found["name"], now, str(to), False, gate, model, history[-1]["version"], changed)


def demote(workspace: Workspace, wanted: Wanted) -> Done:
    """Bring a run back to an earlier stage; no gate is asked.

    Raises:
        UsageError: There is no why, or no earlier stage.
        NotFound: There is no such run.
    """
    if not wanted.why.strip():
        raise UsageError("why? a demotion is kept with its reason: --why TEXT")
    found = workspace.stages(wanted.run)
    stages = found["stages"]
    now = str(found["stage"])
    if now not in stages and (not wanted.to or wanted.to == stages[-1]):
        raise UsageError(nowhere_next(found["name"], now, stages[:-1]))
    at = stages.index(now) if now in stages else len(stages)
    if at == 0:
        raise UsageError(f"{found['name']} is in the first stage, {now}")
    to = wanted.to or stages[at - 1]
    if to not in stages:
        raise UsageError(f"there is no stage {to!r}; the policy has {', '.join(stages)}")
    if stages.index(to) >= at:
        raise UsageError(f"{found['name']} is {now}; demote brings it to an earlier stage, not to {to}")
    # what is less far is still the same model
    model = _kept(found["history"])
    value: dict[str, Json] = {
        "stage": to, "why": wanted.why.strip(), "from": now, "model": model if to != stages[0] else None,
        "at": round(time.time(), 3),
    }  # fmt: skip
    workspace.annotate([Op(f"run:{found['uid']}", KEY, value)])
    return Done(found["name"], now, str(to), False, None)


def nowhere_next(name: str, now: str, stages: Sequence[str]) -> str:
    """Why nothing follows the stage that a run is in."""
    if now in stages:
        return f"{name} is in the last stage, {now}; --to names another one"
    return f"{name} is in a stage that the policy does not know, {now}; --to names one of {', '.join(stages)}"


def likely_model(artifacts: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The artefact that is most likely what is meant: one that is called best, else of the last step, else the newest."""
    known = [each for each in artifacts if each["kind"] in MODELS]
    if not known:
        return None
    return max(
        known,
        key=lambda each: (
            "best" in Path(str(each["path"])).name.lower(),
            -1 if each["step"] is None else int(each["step"]),
            str(each["modified"] or ""),
        ),
    )


def _model(workspace: Workspace, rid: int, wanted: Wanted) -> dict[str, Json] | None:
    """{name, path, size, sha256} of what was named, else of what was found among the run's checkpoints."""
    run = workspace.run(rid)
    name = wanted.name or str(run["project"] or Path(str(run["root"])).name or run["name"])
    if wanted.model is not None:
        return {"name": name, **digest(wanted.model)}
    kept = _kept(run["stage_history"])
    if kept is not None and kept["path"]:
        # what goes on is what was looked at before; where it is another file by now, its digest and number tell
        path, name = Path(str(kept["path"])), wanted.name or str(kept["name"])
        if not path.exists():
            return {**kept, "name": name}
    elif (found := likely_model(run["artifacts"])) is not None:
        path = on_disk(str(run["root"]), str(found["path"]))
    else:
        return {"name": name, "path": None, "size": None, "sha256": None} if wanted.name else None
    if not path.exists():
        return {"name": name, "path": str(path), "size": None, "sha256": None}
    if wanted.most is not None and (size := size_of(path)) > wanted.most:
        return {"name": name, "path": str(path.resolve()), "size": size, "sha256": None}
    return {"name": name, **digest(path)}


def _kept(history: Sequence[Mapping[str, Any]]) -> Mapping[str, Json] | None:
    """The model that was told of last."""
    return next((each["model"] for each in reversed(history) if each["model"]), None)


def _is_another(model: Mapping[str, Json] | None, before: Mapping[str, Json] | None) -> bool:
    """Whether the content of a file that was looked at before has changed."""
    known = [each.get("sha256") for each in (model, before) if each is not None]
    return len(known) == 2 and None not in known and known[0] != known[1]
