"""When a job was submitted."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from runspect.recorder.capture.waiting import submitted


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("1764150000", "2025-11-26T09:40:00Z"),
        ("2026-11-26T10:00:00+02:00", "2026-11-26T08:00:00Z"),
        ("soon", ""),
        ("99999999999999999", ""),
        ("", ""),
    ],
)
def test_what_the_submitter_says(said: str, found: str) -> None:
    assert submitted({"RUNSPECT_SUBMITTED": said}) == found


def slurm(tmp_path: Path, text: str) -> dict[str, str]:
    """A machine whose `squeue` prints this text."""
    program = tmp_path / "squeue"
    program.write_text(f"#!/bin/sh\n[ \"$3\" = 4711 ] && printf '{text}'\n")
    program.chmod(0o755)
    return {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SLURM_JOB_ID": "4711"}


def test_what_slurm_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = slurm(tmp_path, "2026-11-26T10:00:00\\n2026-11-26T10:00:00\\n")
    monkeypatch.setenv("PATH", environ["PATH"])  # which program is meant is looked up in the PATH of this process
    began = time.mktime((2026, 11, 26, 10, 0, 0, 0, 0, -1))
    assert submitted(environ) == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began))
    assert submitted({**environ, "RUNSPECT_SUBMITTED": "1764150000"}) == "2025-11-26T09:40:00Z"
    assert submitted({**environ, "SLURM_JOB_ID": "4711; x"}) == ""
    assert submitted({**environ, "SLURM_JOB_ID": "1"}) == ""


def test_a_slurm_that_has_gone(tmp_path: Path) -> None:
    assert submitted({"SLURM_JOB_ID": "1", "PATH": str(tmp_path)}) == ""
    assert submitted({}) == ""
