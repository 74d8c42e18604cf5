"""A table of results, a row a run, as runs: which column is what, and what each row says.

Pure: cells in, runs out. Columns are guessed from their names and cells, in the words of the common exports (W&B's
"Name", "State", "Tags", "Notes", "Created"; MLflow's "Run Name", "Start Time"), unless a person names them.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from runspect.dataclass import dataclass, field
from runspect.errors import UsageError
from runspect.model import IMPORT_ID, Json, State
from runspect.objective import direction

Role = Literal["name", "id", "state", "tags", "note", "started", "ended", "project", "group", "step", "metric", "param"]
KNOWN: Mapping[str, Role] = {
    "name": "name", "run": "name", "run_name": "name", "run name": "name", "experiment": "name", "exp": "name",
    "experiment_name": "name", "id": "id", "run_id": "id", "run id": "id", "uuid": "id", "state": "state",
    "status": "state", "tags": "tags", "tag": "tags", "notes": "note", "note": "note", "comment": "note",
    "comments": "note", "created": "started", "started": "started", "start_time": "started", "start time": "started",
    "date": "started", "ended": "ended", "end_time": "ended", "end time": "ended", "project": "project",
    "group": "group", "step": "step", "steps": "step", "_step": "step",
}  # fmt: skip
"""Lower-case names of columns that are neither params nor metrics."""
SINGLE: tuple[Role, ...] = ("name", "id", "state", "note", "started", "ended", "project", "group", "step")
STATES: Mapping[str, State] = {
    "finished": "finished", "complete": "finished", "completed": "finished", "succeeded": "finished", "success": "finished",
    "done": "finished", "ok": "finished", "failed": "failed", "fail": "failed", "failure": "failed", "error": "failed",
    "crashed": "crashed", "killed": "killed", "interrupted": "killed", "aborted": "killed", "cancelled": "killed",
    "canceled": "killed", "stopped": "killed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One run of the table."""

    uid: str
    told: Mapping[str, Json]
    """What the journal keeps of it, with the keys of `ls --json`."""
    tags: tuple[str, ...] = ()
    note: str | None = None


@dataclass(slots=True)
class _Cells:
    """The cells of a row by what they are."""

    single: dict[Role, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    params: dict[str, Json] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)


def roles(header: Sequence[str], rows: Sequence[Sequence[str]], chosen: Mapping[str, Role]) -> dict[str, Role]:
    """What each named column is; `chosen` by a person, the rest guessed.

    Raises:
        UsageError: A chosen column is not there, or two columns have a role that only one can have.
    """
    unknown = [name for name in chosen if name not in header]
    if unknown:
        raise UsageError(f"no column is called {', '.join(unknown)}; there are: {', '.join(filter(None, header))}")
    taken = set(chosen.values())
    found: dict[str, Role] = {}
    for at, name in enumerate(header):
        if not name:
            continue
        role = chosen.get(name) or KNOWN.get(name.strip().lower())
        if role in SINGLE and name not in chosen and role in taken:
            role = None  # the first such column, or the chosen one, has it
        found[name] = role or _guess(name, [row[at] for row in rows if at < len(row)])
        taken.add(found[name])
    for role in SINGLE:
        twice = [name for name, each in found.items() if each == role]
        if len(twice) > 1:
            raise UsageError(f"only one column can be the {role}, not {' and '.join(twice)}")
    return found


def runs(
    header: Sequence[str], rows: Iterable[Sequence[str]], meaning: Mapping[str, Role], root: str, path: str
) -> list[Row]:
    """The runs of a table that lies in the directory `root` and is called `path`.

    A run's id comes from the table's place and its id or name, where no other row has it, else from all its params: the
    table taken in again after it was edited changes the same runs.
    """
    cells = [_cells(header, row, meaning) for row in rows if any(cell.strip() for cell in row)]
    keys = [_key(each) for each in cells]
    seen: dict[str, int] = {}
    found: list[Row] = []
    for number, (each, key) in enumerate(zip(cells, keys, strict=True), 1):
        repeat = seen[key] = seen.get(key, 0) + 1
        text = "\0".join((root, path, key, str(repeat)))
        uid = IMPORT_ID + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        told = _told(each, root, path, number)
        found.append(Row(uid, told, tuple(each.tags), each.single.get("note")))
    return found


def value(text: str) -> Json:
    """A cell as a param: a number, a truth value, nothing, JSON, or the text."""
    word = text.strip()
    lower = word.lower()
    if lower in ("true", "false"):
        return lower == "true"
    if lower in ("", "none", "null", "na", "n/a"):
        return None
    number = _number(word)
    if number is not None:
        return int(number) if word.lstrip("+-").isdigit() and not _padded(word) else (word if _padded(word) else number)
    if word[0] in "[{":
        try:
            parsed: Json = json.loads(word)
        except ValueError:
            return word
        return parsed
    return word


def _guess(name: str, cells: Sequence[str]) -> Role:
    """A metric is called like one and holds numbers only; everything else is a param."""
    if direction(name) is None:
        return "param"
    filled = [cell for cell in cells if cell.strip()]
    return "metric" if filled and all(_number(cell.strip()) is not None for cell in filled) else "param"


def _cells(header: Sequence[str], row: Sequence[str], meaning: Mapping[str, Role]) -> _Cells:
    found = _Cells()
    for name, cell in zip(header, row, strict=False):
        role = meaning.get(name)
        if role is None or not cell.strip():
            continue
        if role == "metric":
            number = _number(cell.strip())
            if number is not None:
                found.metrics[name] = number
        elif role == "param":
            found.params[name] = value(cell)
        elif role == "tags":
            found.tags += [word for word in re.split(r"[,;\s]+", cell) if word]
        else:
            found.single[role] = cell.strip()
    return found


def _key(cells: _Cells) -> str:
    own = cells.single.get("id") or cells.single.get("name")
    return own or json.dumps(cells.params, sort_keys=True, ensure_ascii=False)


def _told(cells: _Cells, root: str, path: str, number: int) -> dict[str, Json]:
    word = cells.single.get("state", "").lower()
    step = _number(cells.single.get("step", ""))
    return {
        "name": cells.single.get("name") or cells.single.get("id") or f"{path} row {number}",
        "root": root,
        "path": path,
        "source": f"{path}, row {number}",
        "state": STATES.get(word, "unknown"),
        "project": cells.single.get("project"),
        "group": cells.single.get("group"),
        "started": _moment(cells.single.get("started")),
        "ended": _moment(cells.single.get("ended")),
        "steps": int(step) if step is not None and math.isfinite(step) else None,
        "params": cells.params,
        "metrics": {name: _summary(each, step) for name, each in cells.metrics.items()},
    }


def _summary(number: float, step: float | None) -> dict[str, Json]:
    finite = math.isfinite(number)
    at = int(step) if step is not None and math.isfinite(step) else None
    shown: Json = number if finite else "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    extreme, extreme_at = (number, at) if finite else (None, None)
    return {
        "n": 1, "nonfinite": 0 if finite else 1, "first": shown, "last": shown, "first_step": at, "last_step": at,
        "min": extreme, "min_step": extreme_at, "max": extreme, "max_step": extreme_at,
    }  # fmt: skip


def _moment(text: str | None) -> str | None:
    """A date or a time as ISO 8601 UTC; one without a zone is local."""
    if not text:
        return None
    number = _number(text)
    try:
        if number is not None:
            return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC).isoformat()
        return datetime.fromisoformat(text.replace(" UTC", "+00:00")).astimezone(UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _number(text: str) -> float | None:
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None


def _padded(word: str) -> bool:
    """007 is a label, not seven."""
    bare = word.lstrip("+-")
    return len(bare) > 1 and bare[0] == "0" and bare[1].isdigit()
