"""The bundled runs: what real tools wrote, copied to where it can be explored."""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path, PurePosixPath

HISTORY = Path(__file__).parent / "history"
TIMES = Path(__file__).parent / "times.toml"

AN_HOUR = 3600.0


def copy_history(target: Path, now: float) -> None:
    """Copy all bundled runs into `target`, each file as old as its run's end and never younger than an hour."""
    times = {PurePosixPath(path): float(ended) for path, ended in tomllib.loads(TIMES.read_text("utf-8")).items()}
    newest = max(times.values())
    for source in sorted(HISTORY.rglob("*")):
        place = PurePosixPath(source.relative_to(HISTORY).as_posix())
        copy = target / place
        if source.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        ended = next((times[above] for above in place.parents if above in times), newest)
        moment = min(ended, now - AN_HOUR)
        os.utime(copy, (moment, moment))
