"""Where the records of a program go, and what they are called when nobody says."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path

RUNS = "RUNSPECT_RUNS"
"""Environment variable: the directory in which records are made."""
DEFAULT = "runs"
POLICY = "runspect.toml"


def runs_directory(environment: Mapping[str, str], given: object = None) -> Path:
    """The directory for new records: `given`, else $RUNSPECT_RUNS, else what the policy says, else `./runs`. Absolute."""
    if given:
        return Path(str(given)).expanduser().absolute()
    if environment.get(RUNS):
        return Path(environment[RUNS]).expanduser().absolute()
    here = Path.cwd()
    return _by_policy(here) or here / DEFAULT


def default_name() -> str:
    """The program's name and the time of day: "train-20261126-143000"."""
    program = Path(sys.argv[0]).stem if sys.argv and sys.argv[0] not in ("", "-c", "-m") else "run"
    if program == "__main__":
        program = Path(sys.argv[0]).parent.name
    return f"{program}-{time.strftime('%Y%m%d-%H%M%S')}"


def _by_policy(here: Path) -> Path | None:
    """`[record] runs = "DIR"` in the nearest policy file, relative to that file."""
    for above in (here, *here.parents):
        path = above / POLICY
        if path.is_file():
            break
    else:
        return None
    import tomllib  # only where there is such a file: it is not cheap to import

    try:
        table = tomllib.loads(path.read_text("utf-8")).get("record")
    except (OSError, ValueError):
        return None
    told = table.get("runs") if isinstance(table, dict) else None
    return (path.parent / told).absolute() if isinstance(told, str) and told else None
