"""Draw a metric against a param, a point a run: what the best learning rate is, at a glance.

runspect scatter -C ~/exp lr val/loss:min 'opt:adamw'
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys

from runspect.cli import output, scope
from runspect.cli.specs import check_columns, objective
from runspect.columns.cells import value_text
from runspect.counted import counted
from runspect.errors import NothingMatched
from runspect.masking import printable
from runspect.model import Json
from runspect.workspace import Workspace

WINDOW = 500


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument("x", metavar="X", help="a param, or any other column")
    parser.add_argument(
        "y",
        nargs="?",
        metavar="Y",
        help="a metric such as val/loss:min, or any other column of numbers; without it, the main metric",
    )
    parser.add_argument("query", nargs="*", metavar="QUERY", help="the runs to look at; all without one")
    axis = parser.add_mutually_exclusive_group()
    axis.add_argument("--log-x", action="store_const", const=True, dest="log_x", help="logarithmic x axis")
    axis.add_argument("--linear-x", action="store_const", const=False, dest="log_x", help="linear x axis")
    parser.add_argument("--log-y", action="store_true", help="logarithmic y axis")
    parser.add_argument("--width", type=int)
    parser.add_argument("--height", type=int)
    parser.add_argument("--ascii", action="store_true")
    parser.add_argument("--json", action="store_true", help="the points: a list of {run, x, y}")


def run(args: argparse.Namespace) -> int:
    """Print the picture; exit code 1 where no run has both values.

    Raises:
        NothingMatched: None has, and no JSON is wanted.
        UsageError: Nothing is called as one of them.
    """
    with scope.opened(args) as workspace:
        args.y = args.y or objective(workspace)
        check_columns(workspace, (args.x, args.y))
        rows = _values(workspace, " ".join(args.query), args.x, args.y, args.show_secrets)
    if args.json:
        found = [{"run": name, "x": x, "y": y} for name, x, y in rows if x is not None and y is not None]
        output.write_json(found)
        return 0 if found else 1
    from runspect.charts.scatter import points_of, scatter

    points = points_of([_drawn(x) for _, x, _ in rows], [y for _, _, y in rows])
    if not len(points.y):
        raise NothingMatched(f"no run has both {args.x} and a number for {args.y}")
    size = shutil.get_terminal_size((100, 30))
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    output.write_line(
        scatter(
            points,
            args.width or size.columns,
            args.height or max(10, min(30, size.lines - 3)),
            title=printable(f"{args.y} against {args.x}, {len(points.y):,} of {counted(len(rows))}"),
            log_x=args.log_x,
            log_y=args.log_y,
            color=sys.stdout.isatty() and "NO_COLOR" not in os.environ,
            ascii_only=args.ascii or not utf8,
        )
    )
    return 0


def _drawn(value: Json) -> Json:
    """A number as it is, anything else as the word that stands below it."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return printable(value_text(value))


def _values(workspace: Workspace, query: str, x: str, y: str, show_secrets: bool) -> list[tuple[str, Json, Json]]:
    """(name, x, y) of each run that matches."""
    rids = workspace.order(query).rids
    found = []
    for start in range(0, len(rids), WINDOW):
        for row in workspace.window(rids[start : start + WINDOW], (x, y), show_secrets):
            found.append((row.name, *row.values))
    return found
