"""What goes wrong is said once on stderr and never raised: a training does not end for its record."""

from __future__ import annotations

import os
import sys

MOST = 20
"""Different warnings of a process; a training that gives a new reason at each step is not to fill its console."""

_said: set[str] = set()


def warn(key: str, text: str) -> None:
    """Say `text` on stderr unless something was said under this key before; never raises."""
    if key in _said or len(_said) >= MOST:
        return
    _said.add(key)
    line = f"runspect: {text}\n"
    try:
        if sys.stderr is sys.__stderr__:  # past its buffer: what cannot be written is not to fail again at the exit
            os.write(2, line.encode("utf-8", "replace"))
        else:
            sys.stderr.write(line)
            sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # closed, a pipe without a reader, or None
        pass
