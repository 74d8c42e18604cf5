"""What a record says from its first moment, and the last line of `--json`."""

from __future__ import annotations

import json
import os
from pathlib import Path

from runspect import __version__
from runspect.recorder.launch.ending import Ending
from runspect.recorder.launch.plan import Plan
from runspect.recorder.layout import CONSOLE
from runspect.recorder.process import host_name


def first_facts(plan: Plan, cwd: str) -> dict[str, object]:
    """Host, user and what the user said."""
    return {
        "host": host_name(), "user": user_name(), "cwd": cwd, "console": CONSOLE, "writer": f"runspect {__version__}",
        **plan.facts(),
    }  # fmt: skip


def final_line(directory: Path, how: Ending) -> None:
    """One JSON object on stderr: where the record is and how the run ended."""
    told = {
        "directory": str(directory), "status": how.status, "exit_code": how.exit_code, "signal": how.signal,
        "reason": how.reason,
    }  # fmt: skip
    try:
        os.write(2, json.dumps(told).encode() + b"\n")
    except OSError:
        return


def user_name() -> str:
    """Who started it."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user without an entry
        return os.environ.get("USER") or str(os.getuid())
