"""Where a SwanLab run's directory is, and which of its files are SwanLab's: its names are those of W&B."""

from __future__ import annotations

import re

from runspect.readers.contract import Entry
from runspect.readers.placement import Placement, placed

METADATA = "swanlab-metadata.json"
_RUN_DIRECTORY = re.compile(r"run-\d{8}_\d{6}-[^/]+\Z")
_LOG_DIRECTORY = "swanlog"
_LOG_NAME = re.compile(r"run-(?P<id>[^/]+)\.swanlab\Z")


def swanlab_place(entry: Entry) -> Placement | None:
    """The file's place in a directory named as a run's, in which the walk may have begun; None outside of any."""
    return placed(entry, swanlab_run_root)


def swanlab_run_root(path: str) -> str | None:
    """The directory named as a run's that holds the file `path`, at any depth, or None."""
    parts = path.split("/")[:-1]
    return next((join for at in range(len(parts), 0, -1) if (join := _root(parts[:at]))), None)


def is_swanlabs(entry: Entry, place: Placement) -> bool:
    """Whether the run directory is SwanLab's and not W&B's: by the name above it, or by SwanLab's metadata beside."""
    above = place.named.rpartition("/")[0].rpartition("/")[2]
    names = entry.siblings | entry.parent_names
    return (
        above.startswith(_LOG_DIRECTORY)
        or METADATA in names
        or "_summary.json" in names
        or any(name.endswith(".swanlab") for name in names)
    )


def swanlab_id(name: str) -> str:
    """The run id in the name of a log (`run-<id>.swanlab`), or ""."""
    found = _LOG_NAME.match(name)
    return found["id"] if found else ""


def _root(parts: list[str]) -> str:
    return "/".join(parts) if _RUN_DIRECTORY.match(parts[-1]) else ""
