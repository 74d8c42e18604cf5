"""Runs of a query against production, the best of the others, the marked baseline, or any run: material for a pipeline."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from runspect import columns
from runspect.columns import Lens
from runspect.columns.guards import Guard
from runspect.dataclass import dataclass
from runspect.errors import NotFound, NothingMatched, QueryError, UsageError
from runspect.index.reads.called import Called, called
from runspect.index.reads.comparing import Comparing
from runspect.index.reads.ground import Ground, ground, measured
from runspect.index.reads.scope import Cursor, Scope, among, fetch, split
from runspect.index.reads.table import matching, resolve_run
from runspect.index.reads.told import PLAIN as TOLD
from runspect.index.reads.told import Runs
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.reads.vocabulary import names as names_in
from runspect.model import SortKey
from runspect.practice.check.cases import Checked, Checking, Compared, Named, cases_of

PRODUCTION, BEST, BASELINE = "production", "best", "baseline"
_NEWEST = (SortKey("started", descending=True),)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be checked, and against what."""

    query: str
    against: str
    """production, best, baseline, a run, or a query of which the newest run counts."""
    metric: str
    """A column spec in place of the objective; "" for the objective."""
    tolerance: float
    relative: bool
    noise: bool
    metrics: tuple[Guard, ...]
    """Besides the guards of the lens."""


def check(
    cursor: Cursor,
    scope: Scope,
    asked: Asked,
    known: NamesIn = names_in,
    lens: Lens = Lens(),  # noqa: B008 - frozen
    names_of: Called = called,
    runs: Runs = TOLD,
) -> Checking:
    """Check the runs that match, the newest first.

    Raises:
        NothingMatched: No run matches.
        NotFound: What they are to be compared with is nowhere.
        QueryError: The query could not be understood.
        UsageError: No run has the metric.
    """
    rids = matching(cursor, scope, asked.query, _NEWEST, False, known, lens)
    if not rids:
        raise NothingMatched(f"no run matches {asked.query!r}" if asked.query.strip() else "there are no runs here")
    guards = {guard.spec: guard for guard in (*lens.guards, *asked.metrics)}
    lens = replace(lens, guards=tuple(guards.values()))
    if asked.metric and columns.meant(asked.metric, known(cursor, scope)).kind not in ("metric", "at"):
        raise UsageError(f"{asked.metric!r} is no metric; name one such as val/loss:min")
    found = ground(cursor, scope, known, lens, names_of, asked.metric)
    comparing = Comparing(cursor, found, measured(cursor, found), runs)
    one = _one(cursor, scope, asked.against, frozenset(rids), known, lens, names_of)
    return _Check(cursor, scope, asked, comparing, one, names_of(cursor, scope)).of(rids)


def _one(
    cursor: Cursor,
    scope: Scope,
    against: str,
    candidates: Collection[int],
    known: NamesIn,
    lens: Lens,
    names_of: Called,
) -> list[int]:
    """The run that was named, or those that a query names, newest first; none where the reference is another for each run."""
    if against in (PRODUCTION, BEST, BASELINE):
        return []
    try:
        return [resolve_run(cursor, scope, against, names_of)[0]]
    except NotFound as unknown:
        try:
            rids = matching(cursor, scope, against, _NEWEST, False, known, lens)
        except QueryError:
            raise unknown from None
        others = [rid for rid in rids if rid not in candidates]
        if not others:
            raise NotFound(f"--against {against}: {unknown}, and as a query it matches no other run") from None
        return others


class _Check:
    """Of one request."""

    def __init__(
        self,
        cursor: Cursor,
        scope: Scope,
        asked: Asked,
        comparing: Comparing,
        named: Sequence[int],
        names: Mapping[int, str],
    ) -> None:
        self._cursor = cursor
        self._scope = scope
        self._asked = asked
        self._comparing = comparing
        self._named = named
        self._names = names
        self._candidates: frozenset[int] = frozenset()

    @property
    def _found(self) -> Ground:
        return self._comparing.found

    def of(self, rids: Sequence[int]) -> Checking:
        """All of these."""
        self._candidates = frozenset(rids)
        references = {rid: self._reference(rid) for rid in rids}
        about = self._about({*rids, *(rid for rid, _ in references.values() if rid is not None)})
        return Checking(self._asked.against, tuple(self._checked(rid, *references[rid], about) for rid in rids))

    def _about(self, rids: Collection[int]) -> dict[int, tuple[str, ...]]:
        few = among(sorted(rids), "r.rid")
        rows = fetch(
            self._cursor,
            f"SELECT r.rid, r.uid, r.name, r.watch, r.abspath, r.state, r.reason FROM runs_now r WHERE {few.sql}",
            few.params,
        )
        return {
            rid: (uid, self._names.get(rid, name), split(self._scope, watch, path)[1], state, reason)
            for rid, uid, name, watch, path, state, reason in rows
        }

    def _checked(self, rid: int, reference: int | None, absent: str, about: Mapping[int, tuple[str, ...]]) -> Checked:
        uid, name, path, state, reason = about[rid]
        judge = self._found.judge(rid)
        spec = "" if judge is None else judge.column.spec
        asked = self._asked
        compared = Compared(spec, None, absent=absent, absence_fails=bool(self._named))
        if reference is not None and judge is not None:
            versus = self._comparing.versus(rid, reference)
            compared = Compared(spec, versus.change, versus.guards)
        cases = cases_of(state, reason, compared, asked.tolerance, relative=asked.relative, noise=asked.noise)
        return Checked(
            uid,
            name,
            path,
            state,
            self._dataset(rid),
            None if reference is None else Named(*about[reference][:2]),
            self._comparing.at_step(rid) if reference is not None else None,
            tuple(cases),
        )

    def _reference(self, rid: int) -> tuple[int | None, str]:
        """What a run is compared with, else why there is nothing."""
        against = self._asked.against
        if against == BEST:
            return self._best(rid)
        if against in (PRODUCTION, BASELINE):
            return self._standing(rid, "champion" if against == PRODUCTION else "baseline")
        reference = next((each for each in self._named if self._comparable(rid, each)), None)
        if reference is None:
            return None, f"{against} is on another data set than this run"
        return (None, "it is the reference itself") if reference == rid else (reference, "")

    def _standing(self, rid: int, against: str) -> tuple[int | None, str]:
        reference = self._comparing.reference(rid, "champion" if against == "champion" else "baseline")
        if reference is None:
            told = f"{self._found.lens.stages[-1]} run" if against == "champion" else "baseline"
            return None, f"there is no {told}{self._on(rid)}"
        if reference == rid:
            return None, f"it is the {self._found.lens.stages[-1] if against == 'champion' else against} run itself"
        if not self._comparable(rid, reference):
            return None, f"the {against} is on another data set"
        return reference, ""

    def _best(self, rid: int) -> tuple[int | None, str]:
        judge, unit = self._found.judge(rid), self._found.unit_of.get(rid)
        if judge is None or unit is None:
            return None, "nothing tells by which metric it is judged"
        told = {
            each: value
            for each in self._found.members[unit]
            if each not in self._candidates and each not in self._found.aside
            and (value := self._comparing.value(each)) is not None and math.isfinite(value)
        }  # fmt: skip
        if not told:  # all runs are checked: each against those that began before it
            before = self._comparing.usable(rid, "best")
            return before, "" if before is not None else f"no other run{self._on(rid)} has a value"
        return (min if judge.way == "down" else max)(told, key=lambda each: told[each]), ""

    def _dataset(self, rid: int) -> str:
        unit = self._found.unit_of.get(rid)
        return "" if unit is None or self._found.units[unit].dataset is None else self._found.units[unit].title

    def _on(self, rid: int) -> str:
        """` on cifar10@9f2c17d0a1b2`; ` in resnet`, ` among the runs without a data set` where none is recorded."""
        unit = self._found.unit_of.get(rid)
        where = None if unit is None else self._found.units[unit]
        if where is None or (where.dataset is None and not where.place):
            return " among the runs without a data set"
        return f" in {where.place}" if where.dataset is None else f" on {where.title}"

    def _comparable(self, rid: int, other: int) -> bool:
        """Whether both are on one version of one data set, as far as they tell."""
        one, two = self._found.unit_of.get(rid), self._found.unit_of.get(other)
        if one is None or two is None:
            return False
        units = self._found.units
        return one == two or (units[one].dataset is None and units[two].dataset is None)
