"""`runspect` and `python -m runspect`: answers --version before anything is imported."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from runspect import __version__

        sys.stdout.write(f"runspect {__version__}\n")
        return 0
    from runspect.cli.main import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
