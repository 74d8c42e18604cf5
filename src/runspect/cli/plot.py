"""Draw one or more metrics of one or more runs, once, in the terminal.

runspect plot -C ~/exp RUN val/loss train/loss
runspect plot -C ~/exp --query 'tag:ablation' val/loss
runspect plot -C ~/exp --group opt,lr val/loss          each group's mean and standard deviation
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence

from runspect.charts.timeless import timeless, told
from runspect.cli import output, scope
from runspect.cli.plot_groups import run_groups
from runspect.errors import NotFound, NothingMatched, UsageError
from runspect.masking import printable
from runspect.model import Json
from runspect.workspace import Workspace

MAX_RUNS = 12


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    scope.add_scope(parser)
    parser.add_argument(
        "words", nargs="*", metavar="RUN METRIC", help="a run and its metrics; with --query or --group metrics alone"
    )
    parser.add_argument("-q", "--query", help=f"overlay the runs that match (at most {MAX_RUNS})")
    parser.add_argument(
        "-g",
        "--group",
        metavar="A,B",
        help="mean and standard deviation over runs that are equal in these columns, or `seeds`",
    )
    parser.add_argument("-x", choices=("step", "time", "relative"), default="step")
    parser.add_argument("--log", action="store_true", help="logarithmic y axis")
    parser.add_argument("--smooth", type=float, default=0.0, metavar="0..0.99")
    parser.add_argument("--width", type=int)
    parser.add_argument("--height", type=int)
    parser.add_argument("--ascii", action="store_true")
    parser.add_argument("--json", action="store_true", help="the thinned points that would be drawn")


def run(args: argparse.Namespace) -> int:
    """Print the picture."""
    if not 0 <= args.smooth <= 0.99:
        raise UsageError("--smooth wants a number from 0 to 0.99")
    size = shutil.get_terminal_size((100, 30))
    width, height = args.width or size.columns, args.height or max(10, min(30, size.lines - 3))
    with scope.opened(args) as workspace:
        if args.group is not None:
            return run_groups(workspace, args, width, height)
        runs, metrics = _chosen(workspace, args)
        curves = workspace.curves([run["rid"] for run in runs], metrics, x=args.x, width=width)
    names = {run["rid"]: printable(run["name"]) for run in runs}
    if args.x != "step" and (without := timeless(runs, metrics, curves)):
        output.narrate(printable(told(without)))
    if args.json:
        output.write_json([_curve(curve, names) for curve in curves])
        return 0
    if not curves:
        raise NotFound(f"no points of {', '.join(metrics)} in {', '.join(names.values())}")
    _draw(curves, names, metrics, args, width, height)
    return 0


def _chosen(workspace: Workspace, args: argparse.Namespace) -> tuple[list[dict[str, Json]], list[str]]:
    if args.query is None:
        if not args.words:
            raise UsageError("which run? runspect plot RUN METRIC…, or --query Q METRIC…")
        run = workspace.run(args.words[0])
        return [run], _metrics(workspace, [run], args.words[1:])
    order = workspace.order(args.query)
    if not order.rids:
        raise NothingMatched(f"no run matches {args.query!r}")
    if len(order.rids) > MAX_RUNS:
        output.narrate(f"{len(order.rids):,} runs match; the first {MAX_RUNS} are drawn")
    runs = [workspace.run(rid) for rid in order.rids[:MAX_RUNS]]
    return runs, _metrics(workspace, runs, args.words)


def _metrics(workspace: Workspace, runs: Sequence[dict[str, Json]], wanted: Sequence[str]) -> list[str]:
    """The metrics to draw: those asked for, else the one that a table of these runs shows first."""
    from runspect.columns.names import near

    counts: dict[str, int] = {}
    for run in runs:
        for name in run["metrics"]:
            counts[name] = counts.get(name, 0) + 1
    for name in wanted:
        if name not in counts:
            close = near(name, counts)
            hint = f"; did you mean {', '.join(close[:3])}?" if close else ""
            raise NotFound(f"{name!r} was not logged by {'this run' if len(runs) == 1 else 'these runs'}{hint}")
    if wanted:
        return list(wanted)
    usual = workspace.choices(rids=[run["rid"] for run in runs]).usual_metrics
    main = next((name for name in usual if name in counts), None) or next(iter(counts), None)
    if main is None:
        raise NotFound("no metrics were logged")
    return [main]


def _draw(
    curves: Sequence[Json],
    names: dict[int, str],
    metrics: Sequence[str],
    args: argparse.Namespace,
    width: int,
    height: int,
) -> None:
    from runspect.charts.line_chart import Series
    from runspect.charts.plotext_adapter import plot

    def label(curve: Json) -> str:
        if len(names) == 1:
            return printable(curve.metric)
        return names[curve.rid] if len(metrics) == 1 else f"{names[curve.rid]} {printable(curve.metric)}"

    series = [Series(label(curve), curve.x, curve.y, index) for index, curve in enumerate(curves)]
    title = next(iter(names.values())) if len(names) == 1 else printable(metrics[0]) if len(metrics) == 1 else ""
    color = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    picture = plot(
        series,
        width,
        height,
        title=title,
        x=args.x,
        log_y=args.log,
        smoothing=args.smooth,
        color=color,
        ascii_only=args.ascii or not utf8,
    )
    output.write_line(picture)


def _curve(curve: Json, names: dict[int, str]) -> dict[str, Json]:
    points = json.loads(json.dumps({"x": curve.x.tolist(), "y": curve.y.tolist()}), parse_constant=str)
    return {"run": names[curve.rid], "metric": curve.metric, **points}
