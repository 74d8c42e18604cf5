"""Where annotations go: into the shared folder that speaks of what they are about, else home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from runspect.dataclass import dataclass
from runspect.engine.folders import Folders
from runspect.identity import PATH
from runspect.index.reads.addressed import (
    Whereabouts,
    hypotheses_of,
    hypothesis_roots,
    runs_below,
    whereabouts,
)
from runspect.index.reads.scope import Cursor
from runspect.index.store import Store
from runspect.journal import HOME, Addressed
from runspect.journal.journal import at_home
from runspect.model import Json, Op

RUN, HYPOTHESIS, PROJECT = "run:", "hyp:", "project:"


@dataclass(frozen=True, slots=True)
class Addressing:
    """Finds the folder of each op of a request; `scope` are the directories that its client speaks of."""

    store: Store
    folders: Folders
    scope: tuple[str, ...]

    def __call__(self, ops: Sequence[Op]) -> Sequence[Addressed]:
        """Each op, in their order, on the name that its run has everywhere."""
        if not self.folders.all():
            return at_home(ops)
        runs, roots = self._known(ops)
        return [self._addressed(op, ops, runs, roots) for op in ops]

    def _known(self, ops: Sequence[Op]) -> tuple[Mapping[str, Whereabouts], Mapping[str, str]]:
        uids = {uid for op in ops for uid in (_uid(op), _pointed_at(op)) if uid}
        hypotheses = {op.target for op in ops if op.target.startswith(HYPOTHESIS)}
        with self.store.cursor() as cursor:
            found = whereabouts(cursor, sorted(uids)) if uids else {}
            roots = hypothesis_roots(cursor, sorted(hypotheses)) if hypotheses else {}
        return {uid: min(several, key=self._rank) for uid, several in found.items()}, roots

    def _rank(self, run: Whereabouts) -> tuple[bool, bool, int]:
        """Of a run in two places the one that the client sees, then one that is shared."""
        seen = any(_inside(run.place, directory) for directory in self.scope)
        return not seen, not self.folders.around(run.place), run.rid

    def _addressed(
        self, op: Op, ops: Sequence[Op], runs: Mapping[str, Whereabouts], roots: Mapping[str, str]
    ) -> Addressed:
        run = runs.get(_uid(op))
        if run is not None:
            base = self._base(run.place)
            if base != HOME and _uid(op).startswith(PATH):  # another host knows the place by this one alone
                op = replace(op, target=RUN + lasting_name(self.folders, run))
            return Addressed(op, base, tuple(RUN + name for name in run.names))
        place = self._place(op, ops, runs, roots)
        if base_op := runs.get(_pointed_at(op)):
            op = replace(op, value=lasting_name(self.folders, base_op))
        return Addressed(op, self._base(place) if place else HOME)

    def _place(self, op: Op, ops: Sequence[Op], runs: Mapping[str, Whereabouts], roots: Mapping[str, str]) -> str:
        """The directory that an op is about, "" where nothing tells."""
        told = op.value.get("root") if isinstance(op.value, dict) else None
        if isinstance(told, str) and told.startswith("/"):
            return told
        if op.target.startswith(HYPOTHESIS):
            said = [each.value for each in ops if (each.target, each.key) == (op.target, "root")]
            if root := next((each for each in said if isinstance(each, str)), roots.get(op.target, "")):
                return root
        if op.target.startswith(f"{PROJECT}/"):
            return op.target.removeprefix(PROJECT)
        pointed = runs.get(_pointed_at(op))
        if pointed is not None:
            return pointed.place
        return self.scope[0] if len(self.scope) == 1 else ""

    def _base(self, place: str) -> str:
        around = self.folders.around(place)
        return around[0].base if around else HOME


def lasting_name(folders: Folders, run: Whereabouts) -> str:
    """What a run is called for all who share the nearest folder around it, even if its row does not tell it yet.

    Folders are seen as soon as somebody made them; the rows of their runs follow when the runs are counted anew.
    """
    if run.is_gone or not run.uid.startswith(PATH):
        return run.uid
    return next((name for _, name in folders.names(run.place, run.key)), run.uid)


def counted_in(folders: Folders, run: Whereabouts) -> tuple[str, str]:
    """(base, name): the nearest folder that the row of a run tells of already, and what the run is called there."""
    if run.is_gone or not run.uid.startswith(PATH):
        return next((folder.base for folder in folders.around(run.place)), HOME), run.uid
    known = ((folder.base, name) for folder, name in folders.names(run.place, run.key) if name in run.names)
    return next(known, (HOME, run.uid))


def belongings(cursor: Cursor, base: str, folders: Folders) -> dict[str, str]:
    """What annotations of the runs in a directory are about, and what they are called in its shared folder."""
    runs = runs_below(cursor, base)
    lasting = {run.rid: lasting_name(folders, run) for run in runs}
    names = {
        RUN + name: RUN + (lasting[run.rid] if name.startswith(PATH) else name) for run in runs for name in run.names
    }
    hypotheses = hypotheses_of(cursor, runs, [base])
    return {**names, **{target: target for target in hypotheses}, f"{PROJECT}{base}": f"{PROJECT}{base}"}


def _uid(op: Op) -> str:
    return op.target.removeprefix(RUN) if op.target.startswith(RUN) else ""


def _pointed_at(op: Op) -> str:
    """The run that the value names, of what is said of a project."""
    value: Json = op.value
    return value if isinstance(value, str) and op.target.startswith(PROJECT) else ""


def _inside(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory.rstrip('/')}/")
