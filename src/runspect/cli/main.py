"""The command line's front: picks the command, turns errors into one line and an exit code."""

from __future__ import annotations

import gc
import importlib
import io
import os
import sys

from runspect.cli.commands import COMMANDS
from runspect.errors import QueryError, RunspectError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from runspect.tui.skeleton import Skeleton

INTERRUPTED = 130


def main(argv: Sequence[str], skeleton: Skeleton | None = None) -> int:
    """Run `runspect ARGV…`.

    Args:
        skeleton: The frame that is on the terminal already; it is taken away before anything else is written there.

    Returns:
        0 yes, 1 no (a check failed, a duplicate exists), 2 error, 130 interrupted.
    """
    _settle_streams()
    try:
        try:
            code = _dispatch(list(argv), skeleton)
        finally:
            if skeleton is not None:
                skeleton.leave()
        sys.stdout.flush()
        return code
    except QueryError as error:
        _complain(query_complaint(error))
        return error.exit_code
    except RunspectError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()  # its reader has left (`| head`)
        return 0
    except OSError as error:
        _complain(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
        if error.filename is None:
            _discard_output()
        return 2


def _settle_streams() -> None:
    """Streams that were closed become empty ones; characters that the terminal's encoding lacks become escapes."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - for the process's life
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    """Let what is still buffered go nowhere, so that the interpreter does not complain at its exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError:
        return


def _dispatch(argv: list[str], skeleton: Skeleton | None) -> int:
    if argv and argv[0] in ("-h", "--help", "help"):
        sys.stdout.write(usage())
        return 0
    # argparse takes as long to import as all of the help takes to print
    from runspect.cli.parser import Parser

    if argv and argv[0] in COMMANDS:
        name, rest = argv[0], argv[1:]
        module = importlib.import_module(COMMANDS[name].path)
        gc.enable()
        parser = Parser.of_command(name, module.__doc__)
        module.configure(parser)
        if hasattr(module, "parse_command"):  # `record`: what follows its options is another program's
            return int(module.run(module.parse_command(parser, rest)))
        return int(module.run(parser.read(rest)))
    from runspect.cli import screen

    gc.enable()
    parser = Parser(prog="runspect", add_help=False)
    screen.configure(parser)
    return screen.run(parser.read(argv), skeleton)


def usage() -> str:
    """The text of `runspect --help`, made from the command table."""
    lines = [
        "usage: runspect [DIR ...]          open the screen on directories of training runs",
        "       runspect COMMAND [...]      the same, for scripts; 'runspect COMMAND --help' tells more",
        "",
        "Without DIR: all directories that runspect has seen before. Without a terminal: a table.",
    ]
    section = ""
    for command in COMMANDS.values():
        if command.section != section:
            section = command.section
            lines += ["", f"{section}:"]
        lines.append(f"  {command.name:<9} {command.help}")
    lines += ["", "options: --query Q  --sort COLUMN  --ascii  --low-bandwidth  --no-color  --version  --help", ""]
    return "\n".join(lines)


def query_complaint(error: QueryError) -> str:
    """What is wrong with a query, where (characters counted from 1), and what may have been meant."""
    place = f" (at character {error.start + 1})" if error.end > error.start else ""
    meant = f"; did you mean {' or '.join(error.near[:3])}?" if error.near else ""
    return f"{error}{place}{meant}"


def _complain(message: str) -> None:
    import contextlib

    from runspect.masking import printable  # what is complained of may hold names from logs

    with contextlib.suppress(OSError):
        sys.stderr.write(f"runspect: {printable(message)}\n")
