"""`runspect` and `python -m runspect`: answers --version before anything is imported."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from runspect import __version__

        sys.stdout.write(f"runspect {__version__}\n")
        return 0
    # Until the imports are done ctrl+c ends the process at once, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from runspect.cli.main import main as run

    signal.signal(signal.SIGINT, signal.default_int_handler)
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
