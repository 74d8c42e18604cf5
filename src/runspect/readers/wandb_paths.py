"""What the paths of a W&B run directory say: where the run's root is, and the run's id."""

from __future__ import annotations

import re
from collections.abc import Iterable

_RUN_DIRECTORY = re.compile(r"(?:offline-|dry)?run-\d{8}_\d{6}-(?P<id>[^/]+)\Z")
_LOG_NAME = re.compile(r"run-(?P<id>[^/]+)\.wandb\Z")
_COPIED_LATEST = ("wandb", "latest-run")
_OTHER_TOOL = "swanlog"
"""SwanLab names its run directories alike, below `swanlog`."""


def wandb_run_root(path: str) -> str | None:
    """The W&B run directory that holds the file `path` (posix, relative), at any depth, or None.

    `latest-run` below `wandb` counts: where a copy of the tree turned the symlink into a directory, it is a run.
    """
    parts = path.split("/")[:-1]
    for depth in range(len(parts), 0, -1):
        if depth > 1 and parts[depth - 2].startswith(_OTHER_TOOL):
            continue
        if _RUN_DIRECTORY.match(parts[depth - 1]) or tuple(parts[max(0, depth - 2) : depth]) == _COPIED_LATEST:
            return "/".join(parts[:depth])
    return None


def wandb_run_id(root: str, names: Iterable[str] = ()) -> str:
    """The run id in the name of the run directory `root`, else in the name of a `.wandb` log among `names`, else ""."""
    found = _RUN_DIRECTORY.match(root.rpartition("/")[2])
    if found:
        return found["id"]
    return next((match["id"] for name in sorted(names) if (match := _LOG_NAME.match(name))), "")
