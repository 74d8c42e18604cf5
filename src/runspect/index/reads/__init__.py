"""Every SELECT that the product makes, one function each: `(cursor, ...) -> values`."""

from runspect.index.reads.alerted import alerted
from runspect.index.reads.banded import BandPoints, bands
from runspect.index.reads.best import Wanted, best
from runspect.index.reads.bests import Reach, bests
from runspect.index.reads.called import called
from runspect.index.reads.charted import CurvePoints, curves
from runspect.index.reads.comparing import Comparing, Records
from runspect.index.reads.config_hashes import config_hashes
from runspect.index.reads.cycle import cycle_times
from runspect.index.reads.distinct import distinct
from runspect.index.reads.explaining import explain
from runspect.index.reads.exported import Page, exported, points_page, texts_page
from runspect.index.reads.graveyard import graves
from runspect.index.reads.ground import Ground, Values, ground, measured, renewed
from runspect.index.reads.groups import Group, groups, groups_json, pivot
from runspect.index.reads.happened import happened
from runspect.index.reads.health import health_json, problems
from runspect.index.reads.hypotheses import hypotheses
from runspect.index.reads.lately import lately
from runspect.index.reads.lint import subjects, untidy
from runspect.index.reads.listed import runs_json
from runspect.index.reads.members import Members, members, spreads
from runspect.index.reads.moved import moved
from runspect.index.reads.narrowing import Superseded
from runspect.index.reads.objects import run_json
from runspect.index.reads.outlines import Outlines
from runspect.index.reads.paired import Paired, paired
from runspect.index.reads.places import copied, places
from runspect.index.reads.points import series
from runspect.index.reads.recorded import recorded
from runspect.index.reads.repeated import repeated
from runspect.index.reads.reviewed import Reviewing, reviewed
from runspect.index.reads.scope import Cursor, Scope, watches
from runspect.index.reads.staged import model_versions, registry, stage_history, stage_of_run, state_of
from runspect.index.reads.statements import SqlAnswer, sql
from runspect.index.reads.table import order, resolve_run, window
from runspect.index.reads.tagged import tagged, tags
from runspect.index.reads.trajectory import trajectories
from runspect.index.reads.tried import Looked, tried
from runspect.index.reads.usual import Usual, usual
from runspect.index.reads.versus import Told as ToldOf
from runspect.index.reads.versus import versus
from runspect.index.reads.vocabulary import NamesIn, Observed, choices, complete, logged_names, names, values_of
from runspect.index.reads.watching import roots, run_place

__all__ = [
    "BandPoints",
    "Comparing",
    "Cursor",
    "CurvePoints",
    "Ground",
    "Group",
    "Looked",
    "Members",
    "NamesIn",
    "Observed",
    "Outlines",
    "Page",
    "Paired",
    "Reach",
    "Records",
    "Reviewing",
    "Scope",
    "SqlAnswer",
    "Superseded",
    "ToldOf",
    "Usual",
    "Values",
    "Wanted",
    "alerted",
    "bands",
    "best",
    "bests",
    "called",
    "choices",
    "complete",
    "config_hashes",
    "copied",
    "curves",
    "cycle_times",
    "distinct",
    "explain",
    "exported",
    "graves",
    "ground",
    "groups",
    "groups_json",
    "happened",
    "health_json",
    "hypotheses",
    "lately",
    "logged_names",
    "measured",
    "members",
    "model_versions",
    "moved",
    "names",
    "order",
    "paired",
    "pivot",
    "places",
    "points_page",
    "problems",
    "recorded",
    "registry",
    "renewed",
    "repeated",
    "resolve_run",
    "reviewed",
    "roots",
    "run_json",
    "run_place",
    "runs_json",
    "series",
    "spreads",
    "sql",
    "stage_history",
    "stage_of_run",
    "state_of",
    "subjects",
    "tagged",
    "tags",
    "texts_page",
    "trajectories",
    "tried",
    "untidy",
    "usual",
    "values_of",
    "versus",
    "watches",
    "window",
]
