"""When a job was submitted, which is before it began: what the submitter says, else what Slurm knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from runspect.recorder.capture.bounded import output

VARIABLE = "RUNSPECT_SUBMITTED"
"""Set by who submits, to seconds since 1970 or an ISO 8601 time: `RUNSPECT_SUBMITTED=$(date +%s) sbatch job.sh`."""
SECONDS = 2.0
"""For Slurm's answer: its controller may be busy, and the run does not wait for it."""


def submitted(environ: Mapping[str, str]) -> str:
    """The moment as ISO 8601 UTC; "" where nobody says. Asks Slurm once, in a job of it."""
    said = environ.get(VARIABLE, "").strip()
    job = environ.get("SLURM_JOB_ID", "")
    if said:
        return _moment(said)
    if not re.fullmatch(r"[0-9]+", job):
        return ""
    told = output(["squeue", "--noheader", "--jobs", job, "--format", "%V"], seconds=SECONDS, environ=environ)
    lines = told.data.decode("ascii", "replace").split() if told.fine else []
    return _moment(lines[0]) if lines else ""


def _moment(text: str) -> str:
    """A time without a zone is that of this machine, as Slurm writes it."""
    try:
        number = re.fullmatch(r"[0-9]{9,11}(?:\.[0-9]+)?", text)
        when = datetime.fromtimestamp(float(text), UTC) if number else datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
