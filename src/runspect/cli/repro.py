"""Print the shell script that rebuilds a run, and every gap with what would close it; nothing is done without --run.

runspect repro -C ~/exp RUN > repro.sh; less repro.sh; sh repro.sh /tmp/again
runspect repro -C ~/exp RUN --run /tmp/again       do that, record it, and compare it with the original

Exit code 0: everything is recorded and there, or with --run: the same metrics came out. 1: there are gaps, or differences.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from runspect.cli import output, scope
from runspect.counted import counted
from runspect.errors import UsageError
from runspect.masking import printable

if TYPE_CHECKING:
    from runspect.practice.repro.found import Gap


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("--run", dest="into", metavar="DIR", help="execute the script in this new or empty directory")
    parser.add_argument("--repo", metavar="DIR", default="", help="a clone that has the commit")
    parser.add_argument(
        "--no-install", action="store_true", help="no environment of its own: use the present Python and its packages"
    )
    parser.add_argument(
        "--tolerance", type=_tolerance, default=0.0, metavar="X", help="relative difference of last values (default 0)"
    )
    parser.add_argument(
        "-i",
        "--ignore",
        action="append",
        default=[],
        metavar="METRIC",
        help="does not count, globs allowed (repeatable)",
    )
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Print the script, or execute it and compare.

    Raises:
        UsageError: The directory is not empty.
    """
    from runspect.practice.repro.gaps import gaps
    from runspect.practice.repro.origin import origin
    from runspect.practice.repro.script import script
    from runspect.workspace.rebuilding import look, settled

    if args.into is not None:
        from runspect.cli import rebuild

        rebuild.check_place(args.into)
    elif args.tolerance or args.ignore:
        raise UsageError("--tolerance and --ignore say what is the same, which is asked with --run DIR")
    with scope.opened(args) as workspace:
        original = workspace.run(args.run)
    told = settled(origin(original))
    version = ".".join(map(str, sys.version_info[:3])) if args.no_install else ""
    found = look(told, args.repo, version)
    open_gaps = gaps(original, told, found, install=not args.no_install)
    present = sys.executable if args.no_install else ""
    answer: dict[str, Any] = {
        "run": {"uid": original["uid"], "name": original["name"]},
        "gaps": [gap.as_json() for gap in open_gaps],
        "complete": all(gap.level == "note" for gap in open_gaps),
        "script": script(told, found, open_gaps, present=present),
    }
    if args.into is not None:
        return rebuild.rebuilt(args, original, told, found, open_gaps, answer)
    if args.json:
        output.write_json(answer)
    else:
        sys.stdout.write(answer["script"])
        tell(open_gaps)
        output.narrate(
            "nothing was done: read the script, then sh SCRIPT DIRECTORY; or runspect repro RUN --run DIRECTORY"
        )
    return 0 if answer["complete"] else 1


def tell(gaps: tuple[Gap, ...]) -> None:
    """The gaps on stderr, those that are only to be known left out."""
    open_ones = [gap for gap in gaps if gap.level != "note"]
    for gap in open_ones:
        output.narrate(f"{'stops' if gap.level == 'stops' else 'gap'}: {printable(gap.what)}; {printable(gap.closes)}")
    output.narrate(
        f"{counted(len(open_ones), 'gap')}" if open_ones else "no gaps: all that it needs is recorded and there"
    )


def _tolerance(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to below 1, not {text!r}")
    return value
