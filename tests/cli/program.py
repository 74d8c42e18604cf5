"""The real program, started as a user starts it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import runspect as package

_PROGRESS = re.compile(r"indexing .* so far \.\.\.$")


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left."""

    code: int
    out: str
    err: str
    """Without the lines of progress, which come when the machine is busy."""

    def json(self) -> Any:
        """Its stdout, as one strict JSON document."""
        return json.loads(self.out, parse_constant=_refuse)


def runspect(*words: str | Path, cwd: Path | None = None, stdin: str = "") -> Done:
    """Run `runspect WORDS…` to its end, without a terminal."""
    command: Sequence[str] = [sys.executable, "-m", "runspect", *map(str, words)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=environment(), input=stdin, timeout=120, check=False
    )
    said = "".join(line for line in done.stderr.splitlines(keepends=True) if not _PROGRESS.match(line))
    return Done(done.returncode, done.stdout, said)


def environment() -> dict[str, str]:
    """This process's, with the tested package found from every directory."""
    return {**os.environ, "PYTHONPATH": str(Path(package.__file__).parent.parent)}


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
