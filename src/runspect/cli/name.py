"""Give runs other names. A name lies over the run; its files and directories stay as they are.

runspect name RUN warm-up                             one run
runspect name --query tag:v2 '{name}-v2'              many, by a pattern: {name}, {n}, {n:03}
"""

from __future__ import annotations

import argparse

from runspect.cli import marking, scope
from runspect.errors import UsageError
from runspect.model import Json
from runspect.practice.renaming import renamed


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    marking.add_runs(parser)
    parser.add_argument("words", nargs="*", metavar="RUN NAME", help="a run and its name; with --query the name alone")
    parser.add_argument("--clear", action="store_true", help="go back to its own name")
    parser.add_argument("--project", metavar="PROJECT", help="set the project, too")


def run(args: argparse.Namespace) -> int:
    """Write the names.

    Raises:
        UsageError: Not exactly one name, or a pattern that gives several runs the same.
    """
    runs, names = ([], args.words) if args.query is not None else (args.words[:1], args.words[1:])
    if len(names) > 1 or (args.clear and names) or not (args.clear or names or args.project):
        raise UsageError("give one NAME, or --clear, or --project PROJECT")
    keys: dict[str, Json] = {"project": args.project.strip() or None} if args.project is not None else {}
    with scope.opened(args) as workspace:
        found = marking.targets(workspace, runs, args.query)
        if names:
            one = len(found) == 1 and "{" not in names[0]
            made = (names[0],) if one else renamed(names[0], [target.name for target in found])
            each = [{"name": name or None, **keys} for name in made]
        else:
            each = [{"name": None, **keys} if args.clear else keys] * len(found)
        marking.write(workspace, args, found, each, "renamed" if names or args.clear else "set the project of")
    return 0
