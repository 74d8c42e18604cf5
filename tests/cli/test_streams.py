"""Outputs that are closed, full or cannot show every character."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import environment

FULL = Path("/dev/full")


def _run(ending: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """`python -m runspect --help` or the like, with a shell's redirections."""
    return subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m runspect {ending}'],
        capture_output=True, text=True, timeout=60, env={**environment(), **changed}, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("ending", ["--help >&-", "--help 2>&-", "--help <&-"])
def test_closed_streams_are_no_error(ending: str) -> None:
    done = _run(ending)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not FULL.exists(), reason="Linux only")
def test_a_full_disk_under_stdout_is_one_line() -> None:
    done = _run(f"--help >{FULL}")
    assert (done.returncode, done.stderr) == (2, "runspect: No space left on device\n")


def test_a_name_that_the_terminal_cannot_show_is_one_line(tmp_path: Path) -> None:
    done = _run(f"ls -C '{tmp_path}/漢字'", PYTHONIOENCODING="ascii")
    assert done.returncode == 2 and done.stderr.endswith("\\u6f22\\u5b57: no such directory\n")
