"""What the index holds of who wrote the logs of a tree, where there are records of programs to which they may belong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from runspect.engine.elsewhere import Elsewhere
from runspect.engine.run_rows import LIVE, Home
from runspect.engine.tree import Tree
from runspect.engine.uids import Uids
from runspect.index.ingest import Ingest
from runspect.index.store import Store
from runspect.model import Claim, Json, RunPlan
from runspect.recorder.layout import ADDED, CONSOLE, HEAD, METRICS
from runspect.resolve.testimony import SILENCE, Heard, Testimony

_OWN_FILES = (HEAD, ADDED, METRICS, CONSOLE)
_WHO = ("host", "pid", "started", "program")
_OF_STORE = ("started", "program", "parent")


class Hearing:
    """Mutable, of the syncing thread."""

    def __init__(self, store: Store, ingest: Ingest, homes: Mapping[int, Home], uids: Uids) -> None:
        """`homes`: where the runs are."""
        self._ingest = ingest
        self._homes = homes
        self._roots: set[str] = set()
        """Watches that hold records."""
        self._known: dict[int, tuple[Json, ...]] = {}
        """What a run said of its process when that was looked at last."""
        self._of_rows: dict[tuple[int, str], Testimony] = {}
        self._elsewhere = Elsewhere(store, ingest, uids)
        self._concerned: set[str] = set()

    def heard(self, tree: Tree, claims: Sequence[Claim]) -> Heard:
        """What is known of the runs of a tree; nothing where no record is."""
        records = [claim for claim in claims if claim.kind == "status" and claim.hint("span")]
        self._of_rows = {}
        marks = self._ingest.told_by_file(("record",)) if records or any(c.tool == "mlflow" for c in claims) else {}
        own_marks = {rid: str(facts["record"]) for (rid, _), facts in marks.items() if self._is_of(rid, tree.root)}
        self._concerned |= self._elsewhere.take(tree.root, records, own_marks)
        if not records:
            self._roots.discard(tree.root)
            return SILENCE
        self._roots.add(tree.root)
        lost = {claim.root: sign for claim in records if (sign := self._lost(tree, claim)) is not None}
        told: Mapping[tuple[int, str], Mapping[str, Json]] = marks
        wrote = "\n".join(claim.hint("wrote") for claim in records)
        stores = {claim.path for claim in claims if claim.kind == "store"}
        if held := {path for path in stores if path.rpartition("/")[2] in wrote} | {path for _, path in told} & stores:
            told = _joined(told, self._ingest.told_by_file(_OF_STORE, held))
        tools = {claim.path: claim.root for claim in claims if claim.rank == "tool" and claim.kind != "store"}
        if tools and any(map(_is_unended, records)):
            told = _joined(told, self._ingest.told_by_file(_WHO))
        own = {key: facts for key, facts in told.items() if self._is_of(key[0], tree.root)}
        self._of_rows = {key: _testimony(facts) for key, facts in own.items() if key[1] in stores}
        return Heard(_by_path(own, tools), lost)

    def of_row(self, rid: int, path: str) -> Testimony:
        """What a store said of a run of it, when that was `heard` last."""
        return self._of_rows.get((rid, path), Testimony())

    def concerned(self) -> set[str]:
        """Watches in which runs may have other parents since the last call, by what was heard of others."""
        found, self._concerned = self._concerned, set()
        return found

    def parent_elsewhere(self, watch: str, rid: int, plan: RunPlan) -> str | None:
        """The uid of the record in another watch that a run belongs to."""
        return self._elsewhere.parent(watch, rid, plan)

    def news(self, rids: Iterable[int]) -> set[str]:
        """Files of these runs were read; the watches in which it may be known now whose they are."""
        found: set[str] = set()
        for rid in rids:
            home, record = self._homes.get(rid), self._ingest.runs.get(rid)
            if home is None or record is None or home.watch not in self._roots:
                continue
            said = record.started, record.host, record.evidence.pid, home.plan.key
            if self._known.get(rid) != said:
                self._known[rid] = said
                if any(part.claim.rank == "tool" for part in home.plan.parts):
                    found.add(home.watch)
        return found

    def ended(self, rids: Iterable[int]) -> set[str]:
        """The states of these runs changed; the watches with a record among them that has no end and lives no more."""
        homes = [home for rid in rids if (home := self._homes.get(rid)) is not None and home.watch in self._roots]
        return {
            home.watch
            for home in homes
            if self._ingest.runs[home.rid].state not in LIVE
            and any(_is_unended(part.claim) for part in home.plan.parts)
        }

    def _lost(self, tree: Tree, claim: Claim) -> float | None:
        """The last sign of life of a record that has no end and does not live."""
        if not _is_unended(claim):
            return None
        runs = [self._ingest.runs.get(source.rid) for source in self._ingest.tellers(tree.root, claim.path)]
        if not runs or any(run is None or run.state in LIVE for run in runs):
            return None
        beside = f"{claim.root}/" if claim.root != "." else ""
        files = [tree.files[path] for name in _OWN_FILES if (path := beside + name) in tree.files]
        return max((file.mtime for file in files), default=None)

    def _is_of(self, rid: int, root: str) -> bool:
        record = self._ingest.runs.get(rid)
        return record is not None and record.watch == root


def _is_unended(record: Claim) -> bool:
    return record.hint("span").endswith(" nan")


def _joined(
    one: Mapping[tuple[int, str], Mapping[str, Json]], other: Mapping[tuple[int, str], Mapping[str, Json]]
) -> dict[tuple[int, str], dict[str, Json]]:
    return {key: {**one.get(key, {}), **other.get(key, {})} for key in (*one, *other)}


def _by_path(told: Mapping[tuple[int, str], Mapping[str, Json]], tools: Mapping[str, str]) -> dict[str, Testimony]:
    """What the files of each tool's run say together, by each of their paths."""
    together: dict[str, dict[str, Json]] = {}
    for (_, path), facts in told.items():
        if path in tools:
            together.setdefault(tools[path], {}).update(facts)
    made = {root: _testimony(facts) for root, facts in together.items()}
    return {path: made[root] for path, root in tools.items() if root in made}


def _testimony(facts: Mapping[str, Json]) -> Testimony:
    pid, started = facts.get("pid"), facts.get("started")
    return Testimony(
        record=_text(facts.get("record")),
        host=_text(facts.get("host")),
        pid=pid if isinstance(pid, int) else None,
        started=float(started) if isinstance(started, int | float) else None,
        program=_text(facts.get("program")),
        parent=_text(facts.get("parent")),
    )


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
