"""What the paths of a W&B run directory say: where the run's root is, and the run's id."""

from __future__ import annotations

import calendar
import hashlib
import re
import time
from collections.abc import Iterable
from pathlib import Path

from runspect.model import Facts
from runspect.readers.contract import Entry
from runspect.readers.placement import Placement, placed

_RUN_DIRECTORY = re.compile(r"(?:offline-|dry)?run-(?P<time>\d{8}_\d{6})-(?P<id>[^/]+)\Z")
_LOG_NAME = re.compile(r"run-(?P<id>[^/]+)\.wandb\Z")
_COPIED_LATEST = ("wandb", "latest-run")
_OTHER_TOOL = "swanlog"
"""SwanLab names its run directories alike, below `swanlog`."""


def wandb_place(entry: Entry) -> Placement | None:
    """The file's place in a W&B run directory, in which the walk may have begun; None outside of any."""
    return placed(entry, wandb_run_root)


def wandb_run_root(path: str) -> str | None:
    """The W&B run directory that holds the file `path` (posix, relative), at any depth, or None.

    `latest-run` below `wandb` counts: where a copy of the tree turned the symlink into a directory, it is a run.
    """
    if "run-" not in path and _COPIED_LATEST[1] not in path:
        return None  # nearly always: this is asked of very many files
    parts = path.split("/")[:-1]
    for depth in range(len(parts), 0, -1):
        if depth > 1 and parts[depth - 2].startswith(_OTHER_TOOL):
            continue
        if _RUN_DIRECTORY.match(parts[depth - 1]) or tuple(parts[max(0, depth - 2) : depth]) == _COPIED_LATEST:
            return "/".join(parts[:depth])
    return None


def wandb_moments(root: str) -> str:
    """When the run directory says that it was made, s since 1970: as UTC and as the local time here, parted by a space.

    W&B writes the local time of its machine; nothing says which zone that was.
    """
    found = _RUN_DIRECTORY.match(root.rpartition("/")[2])
    try:
        told = time.strptime(found["time"], "%Y%m%d_%H%M%S") if found else None
        return f"{calendar.timegm(told)} {time.mktime(told):.0f}" if told is not None else ""
    except (ValueError, OverflowError):
        return ""


def wandb_run_id(root: str, names: Iterable[str] = ()) -> str:
    """The run id in the name of a `.wandb` log among `names`, else in that of the run directory `root`, else "".

    The log's name says it alone: a directory that was there already in the same second has `-1` behind the id, and an
    id may end so too.
    """
    found = _RUN_DIRECTORY.match(root.rpartition("/")[2])
    named = found["id"] if found else ""
    told = [match["id"] for name in sorted(names) if (match := _LOG_NAME.match(name))]
    return named if not told or named in told else told[0]


def run_ids(facts: Facts, log: Path) -> tuple[str, ...]:
    """The ids under which a run record is the same run everywhere.

    With an entity, W&B makes the id unique. Without one (offline), people choose the same id again: then it is the same
    run in a copy, which has the same start, and in a resumed session, which lies in the same `wandb` directory.
    """
    entity, project, run_id = facts.get("entity") or "", facts.get("project") or "", facts["run_id"]
    if entity:
        return (f"wandb:{entity}/{project}:{run_id}",)
    beside = hashlib.sha256(str(log.resolve().parent.parent).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return (f"wandb:/{project}:{run_id}@{int(facts.get('started') or 0)}", f"wandb:~{beside}:{run_id}")
