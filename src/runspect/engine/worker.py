"""`python -m runspect.engine.worker`: reads log files for the engine, so that parsing never holds its interpreter.

Tasks come on standard input, pieces go to standard output; it ends when its input does.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from runspect.engine import wire
from runspect.engine.reading import read

NICENESS = 5


def main() -> int:
    """Read until there is no more to read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):
        os.nice(NICENESS)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # whatever a library prints must not get between the pieces
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with suppress(BrokenPipeError):
        for task in wire.tasks(source):
            for piece in read(task):
                wire.send_piece(sink, piece)
                if piece.batch is None:
                    sink.flush()
        sink.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
