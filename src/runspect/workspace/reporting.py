"""Gathers what reports are made of: several questions to the engine, put together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runspect import __version__
from runspect.dataclass import dataclass
from runspect.errors import NothingMatched
from runspect.practice.report.beside import references
from runspect.practice.report.charts import drawn_groups, drawn_metrics, drawn_runs, metric_of
from runspect.practice.report.digest import Week, digest
from runspect.practice.report.document import Report
from runspect.practice.report.material import Drawn, Material, Question
from runspect.practice.report.review import review
from runspect.rendering.files import digest_of
from runspect.workspace.client import Workspace

if TYPE_CHECKING:
    from runspect.objective import Direction

WIDTH = 120
"""Pixel columns of a curve: four points each at most."""

FORMS = {".html": "html", ".htm": "html", ".md": "md", ".txt": "md", ".json": "json"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a review is to be about."""

    query: str = ""
    dataset: str = ""
    run: str = ""
    """"" for the best."""
    metric: str = ""
    direction: Direction | None = None
    words: str = ""
    """The question in somebody's own words."""
    show_secrets: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A report with what it was made of."""

    report: Report
    kind: str
    digest: str
    """SHA-256 of all below the head."""
    made_of: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """`report --json`."""
        return {
            "kind": self.kind,
            "title": self.report.title,
            "digest": self.digest,
            "head": dict(self.report.head),
            "summary": [words.text for words in self.report.summary],
            **_without_rids(self.made_of),
        }


def form_of(file: str) -> str | None:
    """What the name of a file asks for, "md" where there is none; None of other endings: a `.pdf` would be none."""
    return FORMS.get(Path(file).suffix.lower()) if file else "md"


def review_of(workspace: Workspace, asked: Asked) -> Written:
    """The report on one run; raises as `gather` does."""
    material = gather(workspace, asked)
    made_of = {key: value for key, value in material.review.items() if key != "title"}
    return _written(workspace, review(material), "review", {"on": material.review["title"], **made_of})


def _written(workspace: Workspace, report: Report, kind: str, made_of: dict[str, Any]) -> Written:
    digest = digest_of(report)
    now = datetime.fromtimestamp(time.time(), UTC)
    head = (
        ("written", f"{now:%Y-%m-%d %H:%M} UTC by runspect {__version__}"),
        ("of", ", ".join(workspace.scope) or "all known directories"),
        ("SHA-256 of what follows", digest),
    )
    return Written(replace(report, head=head), kind, digest, made_of)


def _without_rids(value: Any) -> Any:
    """Numbers of rows mean nothing outside."""
    if isinstance(value, dict):
        return {key: _without_rids(each) for key, each in value.items() if key not in ("rid", "rids")}
    return [_without_rids(each) for each in value] if isinstance(value, list) else value


def gather(workspace: Workspace, asked: Asked) -> Material:
    """Everything about the run that is recommended.

    Raises:
        QueryError, UsageError, NotFound, AmbiguousRun: The question could not be understood.
        NothingMatched: No run matches, or none of them can be ranked.
    """
    told = workspace.review(
        asked.query,
        asked.dataset,
        asked.metric,
        asked.direction,
        asked.run or None,
        show_secrets=asked.show_secrets,
    )
    question = Question(asked.query, asked.run, asked.words)
    if not told:
        raise NothingMatched(f"no run matches {asked.query!r}" if asked.query else "there are no runs to report on")
    if told["run"] is None:
        raise NothingMatched(f"{told['title']}: {told['note'] or 'no run has a value'}")
    run = told["run"]
    other = next(iter(references(told)), None)
    return Material(
        question,
        told,
        workspace.run(run["rid"], asked.show_secrets),
        workspace.run(other[1]["rid"], asked.show_secrets) if other is not None else None,
        _gates(workspace, run["rid"]),
        *_drawn(workspace, told),
        trajectory=_trajectory(workspace, asked, told),
        cycle=workspace.cycle(asked.query),
    )


def _gates(workspace: Workspace, rid: int) -> tuple[dict[str, Any], ...]:
    """What the gates before the next stage say, and those before the last one."""
    following = workspace.gate(rid)
    last = following["stages"][-1]
    if following["to"] is None or following["to"] == last:
        return (following,)
    return (following, workspace.gate(rid, last))


def _trajectory(workspace: Workspace, asked: Asked, told: dict[str, Any]) -> dict[str, Any] | None:
    """That of the data set which is reported."""
    found = workspace.trajectory(asked.query, asked.dataset, asked.metric, asked.direction, asked.show_secrets)
    same = ("dataset", "version", "place")
    return next((each for each in found if all(each[key] == told[key] for key in same)), None)


def digest_since(workspace: Workspace, since: float, query: str = "", show_secrets: bool = False) -> Written:
    """The report on what happened since a moment (seconds since 1970).

    Raises:
        QueryError: The query could not be understood.
        NothingMatched: No run matches.
    """
    until = time.time()
    runs = workspace.happened(query, since, until)
    if not runs["runs"]:
        raise NothingMatched(f"no run matches {query!r}" if query else "there are no runs to report on")
    week = Week(
        _iso(since),
        _iso(until),
        query,
        runs,
        workspace.trajectory(query, show_secrets=show_secrets),
        workspace.hypotheses(show_secrets=show_secrets)["hypotheses"],
        workspace.cycle(query),
        workspace.lint(query, weeks=8),
    )
    made_of = {
        "since": week.since,
        "until": week.until,
        "query": query,
        **runs,
        "records": [{"title": told["title"], "metric": told["metric"], **each} for told, each in week.improvements],
        "hypotheses": {"opened": week.opened, "answered": week.answered, "overdue": week.overdue},
        "cycle": week.cycle,
    }
    return _written(workspace, digest(week), "digest", made_of)


def _iso(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def _drawn(workspace: Workspace, told: dict[str, Any]) -> tuple[tuple[Drawn, ...], tuple[Drawn, ...]]:
    """Curves of the runs that are drawn, and bands of their seed groups."""
    rids = [each["rid"] for each in drawn_runs(told)]
    logged = workspace.recorded(rids).longest
    usual = workspace.choices(rids=rids).usual_metrics
    several = [name for name, points in logged.items() if points > 1]
    watched = [metric_of(spec) for spec in told["guards"]]
    metrics = drawn_metrics(told["metric_name"], watched, told["standard"], usual, several)
    curves = workspace.curves(rids, metrics, width=WIDTH) if metrics else ()
    groups = {each["rid"]: each["seeds"]["rids"] for each in drawn_groups(told)}
    shown = [told["metric_name"]] if told["metric_name"] in several else []
    bands = workspace.bands(groups, shown, width=WIDTH) if groups and shown else ()
    return (
        tuple(
            Drawn(each.rid, each.metric, tuple(each.x.tolist()), tuple(each.y.tolist()))
            for metric in metrics
            for each in _of(curves, metric)
        ),
        tuple(
            Drawn(each.rid, each.metric, tuple(each.x.tolist()), tuple(each.y.tolist()), tuple(each.std.tolist()), tuple(each.n.tolist()))
            for rid in groups
            for each in bands
            if each.rid == rid
        ),
    )  # fmt: skip


def _of(curves: Sequence[Any], metric: str) -> list[Any]:
    return [each for each in curves if each.metric == metric]
