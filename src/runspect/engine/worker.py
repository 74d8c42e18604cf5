"""`python -m runspect.engine.worker`: reads log files for the engine, so that parsing never holds its interpreter.

Tasks come on standard input, pieces go to standard output; it ends when its input does.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

from runspect.engine import wire
from runspect.engine.garbage import look_rarely
from runspect.engine.reading import read
from runspect.without_pandas import leave_pandas_out

NICENESS = 5
BUFFER = 1 << 16
LATEST_S = 0.01
"""What was read waits no longer than this for what is read after it, so that many small files share a write."""


def main() -> int:
    """Read until there is no more to read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):
        os.nice(NICENESS)
    look_rarely()
    leave_pandas_out()
    tasks, sink = wire.Tasks(sys.stdin.fileno()), os.fdopen(os.dup(sys.stdout.fileno()), "wb", BUFFER)
    # whatever a library prints must not get between the pieces
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    flushed = time.monotonic()
    with suppress(BrokenPipeError):
        for task in tasks:
            for piece in read(task):
                wire.send_piece(sink, piece)
            if not tasks.waiting or time.monotonic() - flushed > LATEST_S:
                sink.flush()
                flushed = time.monotonic()
        sink.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
