"""What every process can tell of itself at once: where it runs, as whom, and how it was called."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from runspect import __version__
from runspect.recorder.layout import process_started


def process_facts() -> dict[str, object]:
    """Keys of the head about this process; never raises."""
    import shlex  # imported where they are used: importing the recorder is to cost nothing

    from runspect.recorder.capture.secrets import masked_argv

    argv = masked_argv(sys.orig_argv)
    return {
        "host": host_name(),
        "pid": os.getpid(),
        "process_started": process_started(os.getpid()),
        "user": _user(),
        "command": shlex.join(argv),
        "argv": argv,
        "cwd": _here(),
        "executable": sys.executable,
        "python": ".".join(map(str, sys.version_info[:3])),
        "writer": f"runspect {__version__}",
    }


def host_name() -> str:
    """The name of this host."""
    if hasattr(os, "uname"):
        return os.uname().nodename
    import socket

    return socket.gethostname()


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no entry for this user id and no LOGNAME
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def _here() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it was removed
        return ""
