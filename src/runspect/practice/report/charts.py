"""The charts of a review: the objective and what is watched beside it, and groups of seeds as mean and spread."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from runspect.columns import parse_column
from runspect.columns.cells import metric_text
from runspect.columns.lint_rules import means
from runspect.counted import counted
from runspect.objective import direction
from runspect.practice.report.document import Block, Chart, Line, Section, Words
from runspect.practice.report.material import Material

MOST_CURVES = 5
MOST_METRICS = 6
LOG_FROM = 100
"""Values that span such a factor are drawn on a logarithmic axis."""


def drawn_runs(review: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The runs whose curves are drawn: the recommended one, the champion, the baseline, then rivals."""
    others = [review["champion"], review["baseline"], *review["rivals"]]
    found: dict[int, Mapping[str, Any]] = {review["run"]["rid"]: review["run"]}
    for each in others:
        if each is not None:
            found.setdefault(each["rid"], each)
    return list(found.values())[:MOST_CURVES]


def drawn_groups(review: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The runs whose seeds are drawn as mean and spread: those of `drawn_runs` that have some, three at most."""
    return [each for each in drawn_runs(review) if each["seeds"]["n"] > 1][:3]


def drawn_metrics(
    objective: str | None, watched: Sequence[str], standard: Sequence[str], usual: Sequence[str], logged: Sequence[str]
) -> list[str]:
    """The objective, then guards and the policy's standard metrics, then what a table of these runs shows; of those `logged`.

    Args:
        objective, watched, usual: Names.
        standard: Names, ends of names, or globs.
    """
    known = set(logged)
    asked = [name for wanted in standard for name in logged if means(wanted, name)]
    wanted = dict.fromkeys(name for name in (objective or "", *watched, *asked, *usual) if name in known)
    return list(wanted)[:MOST_METRICS]


def metric_of(spec: str) -> str:
    """The metric that a column such as `val/acc:max` takes its value of."""
    return parse_column(spec).name


def curves(material: Material) -> Section:
    """A chart for each metric, and one of the seed groups."""
    review = material.review
    runs = drawn_runs(review)
    blocks: list[Block] = []
    if chart := _groups(material):
        blocks.append(chart)
    for metric in dict.fromkeys(each.metric for each in material.curves):
        found = {each.rid: each for each in material.curves if each.metric == metric}
        lines = tuple(
            said(Line(_label(run, review), found[run["rid"]].x, found[run["rid"]].y, index=at))
            for at, run in enumerate(runs)
            if run["rid"] in found
        )
        without = [run["name"] for run in runs if run["rid"] not in found]
        note = f"Without a value of it: {', '.join(without)}." if without else ""
        blocks.append(
            Chart(
                metric,
                lines,
                y_label=metric + _arrow(metric, review),
                log_y=_is_wide(lines),
                settles=True,
                note=note,
            )
        )
    if not blocks:
        blocks.append(Words("None of these runs logged a metric over time.", "dim"))
    return Section("Curves", tuple(blocks))


def _groups(material: Material) -> Chart | None:
    """Mean ± standard deviation at each step."""
    review = material.review
    groups = {each["rid"]: each for each in drawn_groups(review)}
    lines = []
    for at, band in enumerate(each for each in material.bands if each.rid in groups):
        run = groups[band.rid]
        low, high = zip(*(_edges(y, std) for y, std in zip(band.y, band.std, strict=True)), strict=True)
        label = f"{_label(run, review)}, {counted(len(run['seeds']['rids']), 'seed')}"
        lines.append(said(Line(label, band.x, band.y, low, high, band.n, at)))
    if not lines:
        return None
    metric = next(each.metric for each in material.bands)
    return Chart(
        f"{metric}: seeds as mean ± standard deviation",
        tuple(lines),
        y_label=metric + _arrow(metric, review),
        log_y=_is_wide(lines),
        settles=True,
        note="Over the runs that had logged up to each step; single runs are not shown.",
    )


def _edges(y: float, std: float) -> tuple[float, float]:
    """Without a spread the band is as thin as the line."""
    return (y - std, y + std) if math.isfinite(std) else (y, y)


def _label(run: Mapping[str, Any], review: Mapping[str, Any]) -> str:
    role = ""
    if run["rid"] == review["run"]["rid"]:
        role = "recommended: "
    elif review["champion"] is not None and run["rid"] == review["champion"]["rid"]:
        role = "champion: "
    elif review["baseline"] is not None and run["rid"] == review["baseline"]["rid"]:
        role = "baseline: "
    return f"{role}{run['name']}"


def _arrow(metric: str, review: Mapping[str, Any]) -> str:
    way = review["direction"] if metric == review["metric_name"] else direction(metric, review["directions"])
    return {"down": ", lower is better", "up": ", higher is better", None: ""}[way]


def said(line: Line) -> Line:
    """The line with what it shows in words."""
    return replace(line, says=_said(line))


def _said(line: Line) -> str:
    finite = [(x, y) for x, y in zip(line.x, line.y, strict=True) if math.isfinite(y)]
    if not finite:
        return f"{line.label}, no finite value"
    values = [y for _, y in finite]
    return (
        f"{line.label}, from {metric_text(finite[0][1])} at step {finite[0][0]:g} to {metric_text(finite[-1][1])} at step "
        f"{finite[-1][0]:g}, lowest {metric_text(min(values))}, highest {metric_text(max(values))}"
    )


def _is_wide(lines: Sequence[Line]) -> bool:
    """Whether a logarithmic axis shows more."""
    values = [y for line in lines for y in line.y if math.isfinite(y)]
    return bool(values) and min(values) > 0 and max(values) >= LOG_FROM * min(values)
