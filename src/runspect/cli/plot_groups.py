"""`runspect plot --group`: each group of runs as its mean with a band of one standard deviation."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from runspect.charts.picture import Picture, Style
from runspect.cli import output
from runspect.columns.cells import value_text
from runspect.errors import NotFound, NothingMatched, UsageError
from runspect.masking import printable
from runspect.model import Json, SortKey
from runspect.practice.grouping import SEEDS
from runspect.settings import load_settings
from runspect.workspace import Band, Members, Workspace

MOST_GROUPS = 8
"""Groups that can be told apart."""
_CODES: dict[str, str] = {
    "title": "1",
    "value": "1",
    "warn": "33",
    "axis": "90",
    "label": "90",
    "dim": "90",
    "grid": "90",
}
_CURVES = ("36", "33", "32", "31", "35", "34", "", "90")
"""The terminal's own 16 colours, as on the screen in such a terminal."""


def run_groups(workspace: Workspace, args: argparse.Namespace, width: int, height: int) -> int:
    """Print a picture of each metric, or the means as JSON.

    Raises:
        NothingMatched: No run matches.
        NotFound: None has the metrics.
        UsageError: Over the time of day, where no two runs need meet, there is no mean.
    """
    if args.x == "time":
        raise UsageError("no two runs of a group need meet over the time of day: -x step or -x relative with --group")
    by = [word.strip() for word in args.group.split(",") if word.strip()] or [SEEDS]
    order = [SortKey(column) for column in by if column != SEEDS]
    found = workspace.members(by, args.query or "", order, ignore=load_settings(os.environ).ignore)
    if not found:
        raise NothingMatched(f"no run matches {args.query!r}" if args.query else "no runs here")
    if len(found) > MOST_GROUPS:
        output.narrate(f"{len(found):,} groups; the first {MOST_GROUPS} are drawn")
        found = found[:MOST_GROUPS]
    groups = {number: each.rids for number, each in enumerate(found)}
    metrics = args.words or _main_metric(workspace, [rid for rids in groups.values() for rid in rids])
    bands = workspace.bands(groups, metrics, args.x, 2 * width)
    names = [printable(_name(by, each)) for each in found]
    if args.json:
        output.write_json([_told(band, names[band.rid], len(groups[band.rid])) for band in bands])
        return 0
    if not bands:
        raise NotFound(f"no points of {', '.join(map(printable, metrics))} in these runs")
    for metric in metrics:
        some = [band for band in bands if band.metric == metric]
        if some:
            _draw(metric, some, names, args, width, max(10, height // len(metrics)))
    return 0


def _main_metric(workspace: Workspace, rids: Sequence[int]) -> list[str]:
    usual = workspace.choices(rids=rids).usual_metrics
    if not usual:
        raise NotFound("no metrics were logged")
    return [usual[0]]


def _name(by: Sequence[str], group: Members) -> str:
    words = [
        f"no {spec}" if value is None else value_text(value) if spec == SEEDS else f"{spec}={value_text(value)}"
        for spec, value in zip(by, group.keys, strict=True)
    ]
    return " ".join(words) or group.title


def _draw(
    metric: str, bands: Sequence[Band], names: Sequence[str], args: argparse.Namespace, width: int, height: int
) -> None:
    from runspect.charts import line_chart

    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    series = tuple(
        line_chart.Series(
            f"{names[band.rid]} n {int(band.n.max(initial=0))}",
            band.x,
            band.y,
            band.rid,
            mark=chr(ord("a") + band.rid) if len(bands) > 1 else "",
            band=line_chart.Band(band.std, band.n, band.lost),
        )
        for band in bands
    )
    picture = line_chart.LineChart(
        series,
        width,
        height,
        title=printable(metric),
        x=args.x,
        log_y=args.log,
        smoothing=args.smooth,
        ascii_only=args.ascii or not utf8,
    ).draw()
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    output.write_line(coloured(picture) if colour else picture.text)


def coloured(picture: Picture) -> str:
    """The picture with the terminal's own colours."""
    return "\n".join("".join(_paint(text, style) for text, style in row).rstrip() for row in picture.rows)


def _paint(text: str, style: Style) -> str:
    if isinstance(style, int):
        code = (
            _CURVES[style % len(_CURVES)]
            if style >= 0
            else ";".join(filter(None, ("2", _CURVES[~style % len(_CURVES)])))
        )
    else:
        code = _CODES.get(style, "")
    return f"\x1b[{code}m{text}\x1b[0m" if code else text


def _told(band: Band, name: str, runs: int) -> dict[str, Json]:
    numbers = {"x": band.x.tolist(), "mean": band.y.tolist(), "std": band.std.tolist()}
    points = json.loads(json.dumps(numbers), parse_constant=str)
    return {
        "group": name,
        "runs": runs,
        "metric": band.metric,
        **points,
        "n": band.n.tolist(),
        "lost": band.lost.tolist(),
    }
