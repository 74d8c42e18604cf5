"""`python -m runspect.record [options] train.py …`: record a script, with the Python that it was called with.

The options are those of `runspect record`. A script, or `-m module`, is run by this interpreter with its own options
(`python -X dev -m runspect.record train.py`); any other word is a command of its own.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence


def main(words: Sequence[str]) -> int:
    """Record what `words` say; returns its exit code."""
    from runspect.cli import main as front

    return front.main(["record", *with_interpreter(words, sys.orig_argv)])


def with_interpreter(words: Sequence[str], original: Sequence[str]) -> list[str]:
    """The words of `runspect record`, with the interpreter before a script or module."""
    import argparse

    from runspect.cli import record

    parser = argparse.ArgumentParser(add_help=True)
    record.configure(parser)
    at = record.command_at(parser, words)
    if list(words[at : at + 1]) == ["--"]:
        options, command = list(words[:at]), list(words[at + 1 :])
    else:
        options, command = list(words[:at]), list(words[at:])
    if options[-1:] and command and options[-1] == "-m":
        options, command = options[:-1], ["-m", *command]
    if command and (command[0] == "-m" or command[0].endswith((".py", ".pyw"))):
        command = [sys.executable, *_own_options(original), *command]
    return [*options, "--", *command] if command else options


def _own_options(original: Sequence[str]) -> list[str]:
    """The interpreter's options before `-m runspect.record`."""
    for at, word in enumerate(original):
        if word == "-m" or word.startswith("-mrunspect"):
            return list(original[1:at])
    return []


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(main(sys.argv[1:]))
