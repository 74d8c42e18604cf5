"""Weak roots: series files gathered into clusters by the habits of the tools that wrote them."""

from __future__ import annotations

from collections.abc import Iterable

from runspect.dataclass import dataclass, field
from runspect.model import Claim
from runspect.resolve.draft import Cluster, Leftover, Use
from runspect.resolve.folding import fold
from runspect.resolve.parallel import parallel
from runspect.resolve.paths import above, base, checkpoint_step, parent, relative, within
from runspect.resolve.ranks import home_of, ranks_folded, torchrun_rank
from runspect.resolve.tables import split_tables, stem

EVENTS, HF_STATE, HF_ARGS = "tfevents", "hf-trainer", "hf-args"
HF_BOARDS = frozenset({"runs", "logs"})
"""Where the Hugging Face Trainer keeps its event files, below its output directory."""
PARTS_OF_RUNS = frozenset(
    {"metrics", "logs", "log", "tb", "tensorboard", "tb_logs", "tf_logs", "events", "summary", "summaries", "csv"}
)
"""Directories that hold a part of the run beside them rather than a run of their own."""


@dataclass(slots=True)
class Ground:
    """What weak claims of one scope come to."""

    clusters: list[Cluster] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)
    no_run: list[Claim] = field(default_factory=list)
    """Series that make no run."""


def gather(claims: Iterable[Claim]) -> Ground:
    """Gather series into clusters; configs, consoles and status files are left over, unless they mark a run."""
    ground = Ground()
    claims = list(claims)
    if not claims:
        return ground
    founding = [claim for claim in claims if _founds(claim)]
    clusters = _Clusters()
    states = [claim for claim in founding if claim.reader == HF_STATE]
    boards = _trainer_roots(states, (claim for claim in claims if claim.reader == HF_ARGS))
    _add_states(clusters, states)
    _add_events(clusters, [claim for claim in founding if claim.reader == EVENTS], boards, ground)
    _add_tables(clusters, [claim for claim in founding if claim.reader not in (EVENTS, HF_STATE)])
    ground.leftovers = _leftovers(claim for claim in claims if not _founds(claim))
    ground.clusters = clusters.sorted()
    _give_checkpoint_copies(ground)
    return ground


def lift(ground: Ground, strong: Iterable[str]) -> tuple[list[Cluster], list[Leftover]]:
    """Join `exp/metrics/` or `exp/tb/` with what lies beside it in `exp/`, where no other run lies below `exp`.

    A run that is nothing but a console log in `exp/logs/` lies beside the others in `exp/`.
    """
    runs_below: dict[str, set[str]] = {}
    for root in [*(cluster.root for cluster in ground.clusters), *strong]:
        for up in above(root):
            runs_below.setdefault(up, set()).add(root)
    at: dict[str, list[Cluster]] = {}
    for cluster in ground.clusters:
        at.setdefault(cluster.root, []).append(cluster)
    beside = {leftover.home for leftover in ground.leftovers if leftover.claim.kind == "config"} | set(at)
    beside |= {parent(cluster.root) for cluster in ground.clusters if _is_console(cluster) and cluster.root != "."}
    for up in sorted(beside & set(runs_below)):
        own = [cluster for root in (up, *sorted(runs_below[up])) for cluster in at.get(root, ())]
        if _is_one_run(up, runs_below[up], own):
            whole = at[up][0] if up in at else Cluster(up, hosts={up})
            for cluster in own:
                if cluster is not whole:
                    whole.parts += cluster.parts
                    whole.hosts |= cluster.hosts
                    del at[cluster.root]
            at[up] = [whole]
    return sorted((c for group in at.values() for c in group), key=lambda c: (c.root, c.key)), ground.leftovers


def _is_console(cluster: Cluster) -> bool:
    return all(part.claim.kind == "console" for part in cluster.parts)


def _is_one_run(up: str, roots: set[str], clusters: list[Cluster]) -> bool:
    if any(parent(root) != up or base(root) not in PARTS_OF_RUNS for root in roots):
        return False
    readers = [reader for cluster in clusters for reader in cluster.readers()]
    return len(clusters) >= len(roots) and not any(c.key for c in clusters) and len(readers) == len(set(readers))


def _founds(claim: Claim) -> bool:
    """Whether a weak claim makes a run by itself."""
    return claim.kind == "series" or claim.hint("marker") == "run"


class _Clusters:
    def __init__(self) -> None:
        self._by_place: dict[tuple[str, str], Cluster] = {}

    def at(self, root: str, key: str = "", label: str = "") -> Cluster:
        """The cluster of a place, made when it is new."""
        cluster = self._by_place.setdefault((root, key), Cluster(root, key, label))
        cluster.hosts.add(root)
        return cluster

    def sorted(self) -> list[Cluster]:
        """All of them by root and key."""
        return [self._by_place[place] for place in sorted(self._by_place)]


def _trainer_roots(states: Iterable[Claim], args: Iterable[Claim]) -> set[str]:
    """Output directories of the Hugging Face Trainer into which event files fold: those of a single history."""
    histories: dict[str, dict[str, list[Claim]]] = {_home(claim): {} for claim in args}
    for root, seen in _histories(states).items():
        histories[root] = seen
    return {root for root, seen in histories.items() if len(seen) <= 1}


def _add_states(clusters: _Clusters, states: list[Claim]) -> None:
    """The newest state of each history is read; older checkpoints are its prefixes."""
    for root, histories in _histories(states).items():
        for history, group in histories.items():
            group.sort(key=_state_order)
            newest = group[-1]
            key = "" if len(histories) == 1 else history or "no-history"
            cluster = clusters.at(root, key, parent(newest.path) if key else "")
            for claim in group:
                cluster.add(claim, "read" if claim is newest else "also_in")


def _histories(states: Iterable[Claim]) -> dict[str, dict[str, list[Claim]]]:
    """Output directory → history → its states."""
    by_root: dict[str, dict[str, list[Claim]]] = {}
    for claim in states:
        by_root.setdefault(claim.root, {}).setdefault(claim.hint("history"), []).append(claim)
    for histories in by_root.values():
        _join_states_without_history(histories)
    return by_root


def _join_states_without_history(histories: dict[str, list[Claim]]) -> None:
    """A checkpoint from before the first log entry is a prefix of the only history, unless it had another goal."""
    known = sorted(set(histories) - {""})
    if len(known) != 1 or "" not in histories:
        return
    goals = {claim.hint("goal") for claim in histories[known[0]]} - {""}
    early = histories.pop("")
    strangers = [claim for claim in early if goals and claim.hint("goal") not in goals | {""}]
    histories[known[0]] += [claim for claim in early if claim not in strangers]
    if strangers:
        histories[""] = strangers


def _state_order(claim: Claim) -> tuple[bool, int, str]:
    step = claim.hint("step")
    return (not step.isdigit(), int(step) if step.isdigit() else 0, claim.path)


def _add_events(clusters: _Clusters, events: list[Claim], boards: set[str], ground: Ground) -> None:
    folds, writers = fold(events), parallel(events)
    by_trainer = {claim.root for claim in events if claim.hint("callback") == HF_STATE}
    for claim in events:
        target = folds[claim.root]
        if target is None:
            ground.no_run.append(claim)
            continue
        root = _trainer_of(target.root, boards, by_trainer) or target.root
        prefix = "/".join(filter(None, (writers.get(claim, ""), target.prefix)))
        clusters.at(root).add(claim, prefix=prefix)


def _trainer_of(directory: str, boards: set[str], by_trainer: set[str]) -> str | None:
    """The Trainer's output directory, when `directory` is its runs/, runs/<anything>, or another that its callback made.

    Such a one (`logging_dir`) lies anywhere in the output directory, or beside the only one that there is.
    """
    for root in (parent(directory), parent(parent(directory))):
        if root in boards and within(directory, root) and directory != root:
            return root if directory in by_trainer or relative(directory, root).split("/")[0] in HF_BOARDS else None
    if directory not in by_trainer or directory in boards:
        return None
    for up in (parent(directory), parent(parent(directory))):
        beside = [root for root in boards if root != "." and parent(root) == up]
        if beside:
            return beside[0] if len(beside) == 1 else None
    return None


def _add_tables(clusters: _Clusters, tables: list[Claim]) -> None:
    by_directory: dict[str, list[Claim]] = {}
    for claim in tables:
        by_directory.setdefault(_home(claim), []).append(claim)
    ranks = ranks_folded(by_directory)
    for directory, claims in by_directory.items():
        root, rank = home_of(directory, ranks)
        split = split_tables(claims)
        for claim in claims:
            if claim in split.apart:
                clusters.at(directory, base(claim.path), _stem_path(claim.path)).add(claim)
                continue
            use: Use = "also_in" if claim in split.copies else "read"
            clusters.at(root).add(claim, use, "/".join(filter(None, (rank, split.parts.get(claim, "")))))


def _leftovers(claims: Iterable[Claim]) -> list[Leftover]:
    """Copies in checkpoints speak for the run above; of several the outermost, then the newest is read."""
    same: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        name = base(claim.path) if torchrun_rank(claim.root) is None else claim.path  # each rank's log is its own
        same.setdefault((_home(claim), name), []).append(claim)
    leftovers = []
    for (home, _), group in same.items():
        newest = max(group, key=_copy_order) if len(group) > 1 else group[0]
        leftovers += [Leftover(claim, home, "read" if claim is newest else "also_in") for claim in group]
    return sorted(leftovers, key=lambda leftover: (leftover.claim.path, leftover.claim.reader))


def _copy_order(claim: Claim) -> tuple[bool, int, str]:
    step = checkpoint_step(parent(claim.path))
    return (step is None, step or 0, claim.path)


def _give_checkpoint_copies(ground: Ground) -> None:
    """Where several histories share a root, a checkpoint's configs belong to the history of that checkpoint."""
    owner: dict[str, Cluster] = {}
    for cluster in ground.clusters:
        for part in cluster.parts if cluster.key else ():
            if part.claim.reader == HF_STATE:
                owner[parent(part.claim.path)] = cluster
    shared_roots = {cluster.root for cluster in owner.values()}
    kept: list[Leftover] = []
    given: dict[tuple[int, str], list[Claim]] = {}
    for leftover in ground.leftovers:
        history = owner.get(parent(leftover.claim.path)) if leftover.home in shared_roots else None
        if history is None:
            kept.append(leftover)
        else:
            given.setdefault((id(history), base(leftover.claim.path)), []).append(leftover.claim)
    clusters = {id(cluster): cluster for cluster in owner.values()}
    for (number, _), claims in given.items():
        newest = max(claims, key=_copy_order)
        for claim in claims:
            clusters[number].add(claim, "read" if claim is newest else "also_in")
    ground.leftovers = kept


def _home(claim: Claim) -> str:
    """The directory a claim speaks for: that above where it lies in a checkpoint, or among torchrun's logs of ranks."""
    if claim.kind == "console" and (rank := torchrun_rank(claim.root)) is not None:
        return rank[0]
    return parent(claim.root) if checkpoint_step(claim.root) is not None and claim.reader != EVENTS else claim.root


def _stem_path(path: str) -> str:
    directory = parent(path)
    return stem(path) if directory == "." else f"{directory}/{stem(path)}"
