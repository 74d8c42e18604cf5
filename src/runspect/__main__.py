"""`runspect` and `python -m runspect`: answers --version before anything is imported, paints before much is."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    argv = sys.argv[1:]
    if argv in (["--version"], ["-V"]):
        from runspect import __version__

        sys.stdout.write(f"runspect {__version__}\n")
        return 0
    import gc
    import signal

    from runspect.without_pandas import leave_pandas_out

    leave_pandas_out()
    gc.disable()  # what is imported stays: looking for circles in it takes a tenth of a short command's time
    # Until the imports are done ctrl+c ends the process at once, without a traceback; where a shell has had it ignored
    # (`runspect … &` in a script) it stays so, for `record` hands it on to what it starts.
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if not ignored:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from runspect.cli.commands import COMMANDS

    skeleton = None
    if not argv or (argv[0] not in COMMANDS and argv[0] not in ("-h", "--help", "help")):
        from runspect.tui.skeleton import paint

        skeleton = paint(argv)
    try:
        from runspect.cli.main import main as run

        if skeleton is None and not ignored:  # it takes itself away at ctrl+c, until the screen takes over
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return run(argv, skeleton)
    finally:
        if skeleton is not None:
            skeleton.leave()
        gc.freeze()  # nor need the interpreter look for any as it leaves


if __name__ == "__main__":
    sys.exit(main())
