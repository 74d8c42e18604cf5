"""What MLflow knows of a run, in whichever of its stores: attributes, tags and params as facts and values.

https://mlflow.org/docs/latest/ml/tracking/, reserved tags: mlflow/utils/mlflow_tags.py
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from runspect.dataclass import dataclass, field
from runspect.model import Json
from runspect.readers.flatten import flatten
from runspect.readers.literals import literal
from runspect.recorder.layout import MARK

OWN = "mlflow."
"""Tags that begin so are MLflow's own."""
LONGEST_TAG = 120
"""Characters of a tag with its value; longer ones are cut."""
LONGEST_LITERAL = 4000
_STATES = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "killed", "RUNNING": "running", "SCHEDULED": "unknown"}
_NUMBERS = ("", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")
"""Words for the numbers of mlflow.entities.RunStatus, which the file store writes."""
_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_WORDS: dict[str, Json] = {
    "True": True, "False": False, "true": True, "false": False, "None": None, "null": None,
    "nan": float("nan"), "inf": float("inf"), "-inf": float("-inf"), "NaN": float("nan"),
}  # fmt: skip
EARLIEST_MS = 100_000_000_000
"""A time below is in seconds, as the first versions wrote it: in milliseconds it would be before 1974."""


@dataclass(frozen=True, slots=True)
class MlflowRun:
    """A run without its metrics and params. Times are milliseconds since 1970."""

    run_id: str
    name: str = ""
    experiment: str = ""
    status: str = ""
    """A word of MLflow's RunStatus."""
    started: object = None
    ended: object = None
    user: str = ""
    source: str = ""
    commit: str = ""
    deleted: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    datasets: tuple[tuple[str, str], ...] = ()
    """(name, digest)."""
    models: tuple[str, ...] = ()
    """Versions of registered models that the run made: "churn v3 @champion"."""


def facts(run: MlflowRun, *, anew: bool = True) -> dict[str, Json]:
    """The run as facts; when it is not told `anew`, also those that clear what was told before."""
    tags = run.tags
    own = {name: tags.get(OWN + name, "") for name in _TAGS}
    state, reason = _end(run)
    parent = own["parentRunId"]
    told: dict[str, Json] = {
        "run_id": run.run_id,
        "name": run.name or own["runName"],
        "project": run.experiment,
        "group": run.experiment,
        "parent": f"{OWN_ID}{parent}" if parent else "",
        "notes": own["note.content"],
        "started": moment(run.started),
        "ended": moment(run.ended),
        "user": own["user"] or run.user,
        "program": own["source.name"] or run.source,
        "git_commit": own["source.git.commit"] or run.commit,
        "git_branch": own["source.git.branch"],
        "git_remote": own["source.git.repoURL"],
        "dataset": ", ".join(dict.fromkeys(name for name, _ in run.datasets if name)),
        "dataset_version": ", ".join(dict.fromkeys(digest for _, digest in run.datasets if digest)),
        "registered_models": list(run.models),
    }
    told = {name: value for name, value in told.items() if value not in (None, "", [])}
    if state:
        told["end_state"] = state
    if reason or not anew:
        told["end_reason"] = reason
    if mark := tags.get(MARK):
        told["record"] = mark
    shown = _shown(tags)
    if shown or not anew:
        told["tags"] = shown
    return told


OWN_ID = "mlflow:"
_TAGS = (
    "runName", "user", "parentRunId", "note.content", "source.name", "source.git.commit", "source.git.branch",
    "source.git.repoURL",
)  # fmt: skip


def uid(run_id: str) -> str:
    """The id by which a run is known in every store: MLflow draws 128 random bits for it."""
    return OWN_ID + run_id


def params(texts: Iterable[tuple[str, str]]) -> dict[str, Json]:
    """Params, all of which MLflow keeps as text, as the values that they were written from."""
    values = {name: value(text) for name, text in texts}
    return flatten(values) if any(isinstance(each, dict) for each in values.values()) else values


def value(text: str) -> Json:
    """Numbers, words, lists and mappings of Python; everything else stays text ("007", "2024-01-01", "1_000")."""
    if _NUMBER.fullmatch(text):
        return int(text) if text.lstrip("+-").isdigit() and len(text) < 400 else float(text)
    if text[:1] in "[({" and text and len(text) <= LONGEST_LITERAL:
        return literal(text)
    return _WORDS.get(text, text)


def moment(milliseconds: object) -> float | None:
    """A time of MLflow's as seconds since 1970."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float) or milliseconds <= 0:
        return None
    return milliseconds / 1000 if milliseconds >= EARLIEST_MS else float(milliseconds)


def version_text(name: str, version: str, aliases: Iterable[str], stage: str) -> str:
    """A version of a registered model: "churn v3 @champion"; of the older stages "None" is none."""
    marks = [*(f"@{alias}" for alias in aliases), *([stage] if stage not in ("None", "") else ())]
    return " ".join((f"{name} v{version}", *marks))


def status_word(status: object) -> str:
    """The word of a status, which may be a number or already a word."""
    if isinstance(status, int) and 0 <= status < len(_NUMBERS):
        return _NUMBERS[status]
    return str(status or "").upper()


def _end(run: MlflowRun) -> tuple[str, str]:
    state = _STATES.get(run.status, "")
    if not run.deleted:
        return state, "scheduled" if run.status == "SCHEDULED" else ""
    return ("killed", "deleted in MLflow while it ran") if state == "running" else (state, "deleted in MLflow")


def _shown(tags: Mapping[str, str]) -> list[str]:
    """A person's tags: `team=x`; a tag that is only set, without a value that says more, by its name."""
    shown: list[str] = []
    for name in sorted(tags):
        if not name.startswith(OWN) and name != MARK:
            text = " ".join(str(tags[name] or "").split())
            whole = name if text.lower() in ("", "true") else f"{name}={text}"
            shown.append(whole if len(whole) <= LONGEST_TAG else whole[: LONGEST_TAG - 1] + "…")
    return shown
