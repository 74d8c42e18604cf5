"""What every process can tell of itself at once: where it runs, as whom, and how it was called."""

from __future__ import annotations

import getpass
import os
import platform
import shlex
import socket
import sys
from pathlib import Path

from runspect import __version__
from runspect.recorder.layout import process_started


def process_facts() -> dict[str, object]:
    """Keys of the head about this process; never raises."""
    argv = list(sys.orig_argv)
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "process_started": process_started(os.getpid()),
        "user": _user(),
        "command": shlex.join(argv),
        "argv": argv,
        "cwd": _here(),
        "python": platform.python_version(),
        "writer": f"runspect {__version__}",
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no entry for this user id and no LOGNAME
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def _here() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it was removed
        return ""
