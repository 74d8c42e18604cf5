"""All runs of one data set around one of them: its rivals and in what they differ, its seeds, what it is measured by, what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from math import isfinite

from runspect.columns import Lens, Names
from runspect.columns.lens import PLAIN
from runspect.dataclass import dataclass
from runspect.errors import NotFound
from runspect.index.reads import told
from runspect.index.reads.best import Wanted, asked_for
from runspect.index.reads.called import Called, called
from runspect.index.reads.comparing import Comparing
from runspect.index.reads.failed import by_cause
from runspect.index.reads.ground import Ground
from runspect.index.reads.judges import Judge, heading, judges, numbers
from runspect.index.reads.moments import moments
from runspect.index.reads.plain import iso, loaded
from runspect.index.reads.scope import Cursor, Scope
from runspect.index.reads.table import matching, window
from runspect.index.reads.units import found_runs
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.masking import mask, mask_text
from runspect.model import Json, RunRow
from runspect.practice.best import Placed, Ranking, Unit, rank, units
from runspect.practice.configs import changes, config_of
from runspect.practice.grouping import spread
from runspect.practice.versus import NO_SEEDS, Seeds, Versus, compared, seeds_of

COLUMNS = ("started", "ended", "updated", "took", "stage", "hypothesis", "verdict", "note", "tags", "cause")
MOST_CAUSES = 12
MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Reviewing:
    """What a review is about."""

    wanted: Wanted
    run: int | None = None
    """The run that is recommended; None for the best."""
    rivals: int = 8
    """Other configs that are told, at most."""


def reviewed(
    cursor: Cursor,
    scope: Scope,
    about: Reviewing,
    comparing: Comparing,
    known: NamesIn = names_in,
    lens: Lens = PLAIN,
    names_of: Called = called,
    runs: told.Runs = told.PLAIN,
    show_secrets: bool = False,
) -> dict[str, Json]:
    """What a review of one run on its data set is made of; {} where no run matches.

    Args:
        comparing: Of the same scope.

    Returns:
        {dataset, version, place, title, metric, metric_name, direction, judged_by, unmet, runs, compared, ties, states, note, others:
        [{title, runs}], in_query, guards: [column], directions: {metric: down|up} of the policy, standard: [name, end of a name or glob of a metric that the policy wants], run:
        run or null, rivals: [run], champion: run or null, baseline: run or null, elsewhere: its name where the marked baseline is
        on another data set, failed, causes: [{cause, runs, examples: [run]}]}.

        A run is {rank, rid, uid, name, state, reason, started, ended, value, step, time, took, stage, hypothesis, verdict, note,
        tags, cause, seeds: {rids, n, mean, std, low, high}}. All but `run` have `versus`, how `run` does against it ({change,
        guards} of `practice.versus.Versus`), and `differs: [{param, run, other}]`, null where a config is unknown.

    Raises:
        QueryError: The query could not be understood.
        UsageError: The metric could not be understood.
        NotFound: No run is on that data set, or not the one that is recommended.
    """
    names = known(cursor, scope)
    listed = matching(cursor, scope, about.wanted.query, known=known, lens=lens)
    in_query = about.run is None or about.run in set(listed)
    rids = listed if in_query or about.run is None else [*listed, about.run]
    found, states = found_runs(cursor, scope, rids, lens)
    together = _exactly(asked_for(units(found), about.wanted.dataset, lens), about.wanted.dataset)
    if not together:
        return {}
    judged = judges(cursor, together, about.wanted.metric, about.wanted.direction, names, lens)
    unit = _unit(together, judged, about.run)
    chosen = _chosen(cursor, unit, together[unit], judged[unit], states, comparing, names, lens)
    run = about.run if about.run is not None else chosen.best
    others: list[Json] = [{"title": each.title, "runs": len(rids)} for each, rids in together.items() if each != unit]
    head = {**chosen.head(), "standard": list(lens.lint.metrics), "others": others, "in_query": in_query}
    if run is None:
        return {**head, "run": None}
    causes = by_cause(cursor, chosen.members, names, lens)
    around = _Around(chosen, run, about.rivals, causes)
    rows = window(cursor, scope, around.shown, COLUMNS, show_secrets, known, runs, names_of, lens)
    configs = {
        rid: config_of({key: loaded(word.val) for key, word in words.items()}, lens.counts, lens)
        for rid, words in runs.params(cursor, [run, *around.beside]).items()
    }
    when = moments(cursor, {unit: around.shown}, {unit: chosen.judge}, names, lens)
    objects = _Objects(chosen, run, {row.rid: row for row in rows}, configs, when, show_secrets)
    return {**head, "failed": sum(len(rids) for _, rids in causes), **around.told(objects)}


@dataclass(frozen=True, slots=True)
class _Set:
    """The data set with its runs."""

    unit: Unit
    members: Sequence[int]
    judge: Judge | None
    ranking: Ranking
    values: Mapping[int, float | None]
    states: Mapping[int, str]
    comparing: Comparing

    @property
    def best(self) -> int | None:
        """The run that comes first."""
        return self.ranking.placed[0].rid if self.ranking.placed else None

    def head(self) -> dict[str, Json]:
        """What is told of it as a whole."""
        unit, judge, placed = self.unit, self.judge, self.ranking.placed
        return {
            **heading(unit, judge),
            "metric_name": judge.column.name if judge is not None and judge.column.kind in ("metric", "at") else None,
            "runs": len(self.members),
            "compared": len(placed),
            "ties": self.ranking.ties,
            "states": dict(Counter(self.states[rid] for rid in self.members).most_common()),
            "guards": [each.guard.spec for each in self.comparing.found.guards],
            "directions": _directions(self.comparing.found),
            "note": _note(judge, placed),
        }

    def config(self, rid: int) -> object:
        """What stands for the config of a run, seeds aside; of one that recorded none it is the run itself."""
        return self.comparing.found.group_of.get(rid, rid)

    def siblings(self, rid: int) -> Sequence[int]:
        """The ended runs of its config, each seed once."""
        group = self.comparing.found.group_of.get(rid)
        return (rid,) if group is None else self.comparing.found.siblings.get(group, ())

    def versus(self, rid: int, other: int) -> Versus:
        """A run against another one, by what the data set is judged by here."""
        usual, judge = self.comparing.versus(rid, other), self.judge
        if judge == self.comparing.found.judge(rid):
            return usual
        way = judge.way if judge is not None else None
        change = compared(self.values.get(rid), self.values.get(other), way, self._seeds(other), self._seeds(rid))
        return Versus(change, usual.guards)

    def _seeds(self, rid: int) -> Seeds:
        values = [value for each in self.siblings(rid) if (value := self.values.get(each)) is not None]
        return seeds_of(values) if values else NO_SEEDS


def _exactly(together: dict[Unit, list[int]], dataset: str) -> dict[Unit, list[int]]:
    """Of data sets that only letter case tells apart the one that is spelled so."""
    name = dataset.partition("@")[0]
    return {unit: rids for unit, rids in together.items() if unit.dataset == name} or together


def _unit(together: Mapping[Unit, Sequence[int]], judged: Mapping[Unit, Judge | None], run: int | None) -> Unit:
    """The data set of the run; without one the first that can be judged."""
    if run is None:
        return next(
            (unit for unit in together if (each := judged[unit]) is not None and each.way), next(iter(together))
        )
    for unit, members in together.items():
        if run in members:
            return unit
    raise NotFound("the run is not on that data set")


def _chosen(
    cursor: Cursor,
    unit: Unit,
    members: Sequence[int],
    judge: Judge | None,
    states: Mapping[int, str],
    comparing: Comparing,
    names: Names,
    lens: Lens,
) -> _Set:
    values = {} if judge is None else numbers(cursor, judge.column, names, lens)
    way = judge.way if judge is not None else None
    ranking = Ranking((), len(members)) if way is None else rank(members, values, way)
    return _Set(unit, members, judge, ranking, values, states, comparing)


def _directions(found: Ground) -> dict[str, Json]:
    """Which way metrics are better of which the policy says so, as a guard or for themselves."""
    guarded = {
        each.column.name: each.way for each in found.guards if each.column is not None and each.column.kind == "metric"
    }
    return {**found.lens.directions, **guarded}


def _note(judge: Judge | None, placed: Sequence[Placed]) -> str:
    """Why nothing could be ranked; "" where something was."""
    if judge is None:
        return "no metric whose name tells which way it is better; name one with --metric, or in the policy"
    if judge.way is None:
        return f"nothing tells which way {judge.column.spec} is better: say --direction, or [directions] in the policy"
    return "" if placed else f"no run has a finite {judge.column.spec}"


class _Around:
    """The runs that stand around the one that is reported."""

    def __init__(self, chosen: _Set, run: int, rivals: int, causes: Sequence[tuple[str, Sequence[int]]]) -> None:
        self.run = run
        self.champion = self._on(chosen, chosen.comparing.reference(run, "champion"))
        base = chosen.comparing.reference(run, "baseline")
        self.baseline = self._on(chosen, base)
        self.elsewhere = base if base is not None and self.baseline is None else None
        self.rivals = self._rivals(chosen, rivals)
        self.causes = [(cause, len(rids), [*rids[-MOST_EXAMPLES:]][::-1]) for cause, rids in causes[:MOST_CAUSES]]

    @property
    def beside(self) -> list[int]:
        """Those that it is compared with."""
        return [rid for rid in (self.champion, self.baseline, *self.rivals) if rid is not None]

    @property
    def shown(self) -> list[int]:
        """All of which something is told."""
        examples = (rid for _, _, rids in self.causes for rid in rids)
        elsewhere = () if self.elsewhere is None else (self.elsewhere,)
        return list(dict.fromkeys((self.run, *self.beside, *examples, *elsewhere)))

    def told(self, objects: _Objects) -> dict[str, Json]:
        """Their part of the answer."""
        return {
            "run": objects.of(self.run),
            "champion": None if self.champion is None else objects.against(self.champion),
            "baseline": None if self.baseline is None else objects.against(self.baseline),
            "elsewhere": None if self.elsewhere is None else objects.of(self.elsewhere)["name"],
            "rivals": [objects.against(rid) for rid in self.rivals],
            "causes": [
                {"cause": cause, "runs": runs, "examples": [objects.of(rid) for rid in rids]}
                for cause, runs, rids in self.causes
            ],
        }

    @staticmethod
    def _on(chosen: _Set, rid: int | None) -> int | None:
        """The run, where it is on this data set."""
        unit_of = chosen.comparing.found.unit_of
        there = rid is not None and chosen.members and unit_of.get(rid) == unit_of.get(chosen.members[0])
        return rid if there else None

    def _rivals(self, chosen: _Set, most: int) -> list[int]:
        """The best run of each other config, best first."""
        best: dict[object, int] = {}
        for placed in chosen.ranking.placed:
            best.setdefault(chosen.config(placed.rid), placed.rid)
        best.pop(chosen.config(self.run), None)
        return list(best.values())[:most]


@dataclass(frozen=True, slots=True)
class _Objects:
    """Makes the objects of the runs that are shown."""

    chosen: _Set
    run: int
    rows: Mapping[int, RunRow]
    configs: Mapping[int, Mapping[str, Json]]
    moments: Mapping[tuple[Unit, int], tuple[int | None, str | None]]
    show_secrets: bool

    def of(self, rid: int) -> dict[str, Json]:
        """One run."""
        row = self.rows[rid]
        started, ended, updated, took, stage, hypothesis, verdict, note, tags, cause = row.values
        step, time = self.moments.get((self.chosen.unit, rid), (None, None))
        return {
            "rank": next((placed.rank for placed in self.chosen.ranking.placed if placed.rid == rid), None),
            "rid": rid,
            "uid": row.uid,
            "name": row.name,
            "state": row.state,
            "reason": row.reason if self.show_secrets else mask_text(row.reason),
            "started": iso(started),
            "ended": iso(ended or updated),
            "value": _finite(self.chosen.values.get(rid)),
            "step": step,
            "time": time,
            "took": took,
            "stage": stage,
            "hypothesis": hypothesis,
            "verdict": verdict,
            "note": note,
            "tags": tags,
            "cause": cause,
            "seeds": self._seeds(rid),
        }

    def against(self, rid: int) -> dict[str, Json]:
        """One run, and how the one that is reported does against it."""
        versus = self.chosen.versus(self.run, rid)
        told: dict[str, Json] = {
            "change": {**asdict(versus.change), "verdict": versus.change.verdict},
            "guards": [asdict(guard) for guard in versus.guards],
        }
        return {**self.of(rid), "versus": told, "differs": self._differs(rid)}

    def _seeds(self, rid: int) -> dict[str, Json]:
        rids = self.chosen.siblings(rid)
        cell = spread(self.chosen.values.get(each) for each in rids)
        return {
            "rids": list(rids), "n": cell.n - cell.nonfinite, "mean": cell.mean, "std": cell.std, "low": cell.low,
            "high": cell.high,
        }  # fmt: skip

    def _differs(self, rid: int) -> list[Json] | None:
        """In which params it departs from the run that is reported; None where one of them recorded none."""
        if not self.configs.get(self.run) or not self.configs.get(rid):
            return None
        shown: Callable[[str, Json], Json] = (lambda key, value: value) if self.show_secrets else mask
        return [
            {"param": each.param, "run": shown(each.param, each.one), "other": shown(each.param, each.other)}
            for each in changes(self.configs[self.run], self.configs[rid])
        ]


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
