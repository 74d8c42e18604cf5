"""Claims → runs: a pure function of the set of claims, whatever the order in which files appeared.

Containers (a Hydra job) rank above tool runs (W&B), which rank above weak roots (the directory of an event file or a
CSV): `scopes` parts the claims by the nearest strong root, `weak` and `folding` gather weak ones into clusters,
`adoption` gives configs and consoles to runs, `names` makes names that say something.
"""

from __future__ import annotations

from collections.abc import Iterable

from runspect.dataclass import dataclass
from runspect.model import Claim, Part, Problem, RunPlan
from runspect.resolve import consoles, outcomes, recorded
from runspect.resolve.adoption import Adoption, adopt
from runspect.resolve.alongside import pairs, twins
from runspect.resolve.draft import Cluster, Draft
from runspect.resolve.names import distinct, group_of, plain_name
from runspect.resolve.paths import common, in_copied_code, relative, telling
from runspect.resolve.scopes import Scopes
from runspect.resolve.testimony import SILENCE, Heard
from runspect.resolve.weak import gather, lift

HINTS = {
    "tags": "tfevents: first scalar tags in the head, joined by newlines",
    "hparams": 'tfevents: "session" when the head holds session_start_info, "experiment" for the experiment alone',
    "scalars": 'tfevents: "yes" or "no", whether the head holds any scalar',
    "callback": 'tfevents: "hf-trainer" where the callback of the Hugging Face Trainer wrote the file',
    "writer": 'tfevents: "<host>:<pid>" from the file name, "" if it is not there',
    "last": "tfevents: time in seconds since 1970 of the last record in the head: the writer was still writing then",
    "start": "seconds since 1970 at which the writer began, from the file name",
    "id": 'tool id known from path or head, for example "wandb-id:abc123"',
    "step": 'hf-trainer: the N of checkpoint-N, "" for the root state',
    "history": "hf-trainer: digest of the first log_history entry; two states of one run agree in it",
    "goal": "hf-trainer: max_steps, where the head tells it",
    "group": "directory that groups the run with others, where the tool's files beside it tell so",
    "marker": '"run" on a config that by itself marks a run',
    "metrics": "console: the pattern whose metrics stand in it",
    "config": 'console: "yes" where a configuration is printed in it',
    "partial": '"yes" on a log whose tool also prints metrics that are not in it',
    "young": 'console: "yes" on a short one without metrics, which is to be asked again when it grows',
    "columns": "tables: names of the columns or keys, joined by newlines",
    "values": "first values of its series: lines of step, value as float32 keeps it, name",
    "hollow": "why the file tells nothing: it is empty, or a git-LFS pointer",
    "copy": "path of the file that holds the same",
    "process": 'record: "<host>:<pid>" of the run\'s process',
    "span": "record: seconds since 1970 at which the run began and ended, nan where that is not known",
    "moments": "wandb: seconds since 1970 at which its directory was made, as UTC and as local time, parted by a space",
    "record": "record: its id",
    "away": "record: absolute paths of files outside of the walked root that its run wrote, joined by newlines",
    "below": "record: what of the walked root lies below the run's working directory",
    "words": "record: names of files that its command line may name, joined by newlines",
    "wrote": "record: lines of from, to (seconds since 1970), and a file outside of it that the run wrote, relative to the "
    "walked root, to the working directory and to the repository, empty where it does not lie in there; and `shared` where "
    "others may have written it; parted by tabs",
    "tools": "record: the tools that logged the run that it was made of, joined by newlines",
    "console": "record: name of the file beside it with all that the run's terminal got",
    "exported": '"yes" on a record that was made of a run of another tool, "packed" on an archive of records',
    "session": "directory that one start of a program made in the run's work directory, named so that names sort by time",
    "begun": "seconds since 1970 at which the tool recorded the start, where event files may lie in another tree",
    "over": "seconds since 1970 at which the tool recorded the end, beside `begun`",
    "attempts": "beginning of the names of directories that hold earlier attempts of the same run",
    "outcome": 'last values that are a run where nothing else is: "yes"',
    "saved": '"yes" where a directory of checkpoints lies beside the file, "no" where none does',
    "above": '"yes" on a file of a project that speaks of the only run below it, of whatever tool',
    "begins": "the step from which a session trained on, 0 from the beginning; absent while there are no rows",
}
"""What claims may tell `resolve` beyond their fields."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """All runs of a set of claims, and what belongs to none. Sorted."""

    runs: tuple[RunPlan, ...]
    stores: tuple[Claim, ...]
    """Files of many runs, which are known once they are read."""
    loose: tuple[Claim, ...]
    """Claims that are part of no run."""
    doubts: tuple[Problem, ...]
    """Files that could belong to several runs and were given to none."""


def resolve(claims: Iterable[Claim], heard: Heard = SILENCE) -> Resolution:
    """Decide which runs there are and which files make them up.

    The result depends on the set of claims, and on what is `heard` of the runs, alone. A subtree that holds all claims of its runs gives the same runs.
    """
    made = sorted(set(claims), key=lambda claim: (claim.path, claim.reader, claim.root))
    copied = [claim for claim in made if in_copied_code(claim.path)]
    ordered = [claim for claim in made if not in_copied_code(claim.path)] if copied else made
    scopes = Scopes(claim for claim in ordered if claim.kind != "store")
    strong, open_ground = _strong_runs(scopes), gather(scopes.outside())
    for draft, clusters in recorded.link(strong.drafts, open_ground, heard):
        _take_in(draft, clusters)
    for draft, cluster in pairs(strong.drafts, open_ground.clusters):
        _take_in(draft, [cluster])
        open_ground.clusters.remove(cluster)
    for table, board in twins(open_ground.clusters):
        table.parts += board.parts
        table.hosts |= board.hosts
        open_ground.clusters.remove(board)
    elsewhere = [*(cluster.root for cluster in open_ground.clusters), *scopes.roots()]
    alone, open_ground.leftovers = consoles.founded(open_ground.leftovers, elsewhere)
    open_ground.clusters += alone
    results, open_ground.leftovers = outcomes.founded(
        open_ground.leftovers, [*(cluster.root for cluster in open_ground.clusters), *scopes.roots()]
    )
    open_ground.clusters += results
    clusters, leftovers = lift(open_ground, scopes.roots())
    weak = [Draft.of_cluster(cluster) for cluster in clusters]
    adoption = adopt(leftovers, weak, scope=None, others=[draft.root for draft in strong.drafts])
    drafts = [*strong.drafts, *weak]
    loose = [*copied, *open_ground.no_run, *strong.loose, *consoles.given(adoption.loose, strong.drafts, weak)]
    return Resolution(
        runs=_plans(drafts),
        stores=tuple(claim for claim in ordered if claim.kind == "store"),
        loose=tuple(sorted(loose, key=lambda claim: (claim.path, claim.reader))),
        doubts=tuple(sorted((*strong.doubts, *adoption.doubts), key=lambda doubt: doubt.path)),
    )


@dataclass(slots=True)
class _Strong:
    drafts: list[Draft]
    loose: list[Claim]
    doubts: list[Problem]


def _strong_runs(scopes: Scopes) -> _Strong:
    """The runs of containers and tools, with the weak evidence inside them."""
    result = _Strong([], [], [])
    for scope in scopes.strong():
        draft = Draft(scope.root, rank=scope.rank, parent=scope.parent)
        draft.parts += [Part(claim, use) for claim, use in scope.parts()]
        ground = gather(scope.weak)
        _take_in(draft, ground.clusters)
        adoption: Adoption = adopt(ground.leftovers, [draft], scope=scope.root, others=scope.children)
        result.drafts.append(draft)
        result.loose += [*ground.no_run, *adoption.loose]
        result.doubts += adoption.doubts
    return result


def _take_in(draft: Draft, clusters: list[Cluster]) -> None:
    """Give weak clusters to a strong run; where the same reader speaks from several places, the place is a prefix."""
    roots: dict[str, set[str]] = {}
    for cluster in clusters:
        for reader in cluster.readers():
            roots.setdefault(reader, set()).add(cluster.root)
    base = {reader: common(places) for reader, places in roots.items()}
    attempts = next((name for part in draft.parts if (name := part.claim.hint("attempts"))), "")
    for cluster in clusters:
        for part in cluster.parts:
            reader = part.claim.reader
            place = relative(cluster.root, base[reader]) if reader in base else ""
            prefix = "/".join(
                filter(None, (telling(place, attempts), cluster.key and cluster.label.rpartition("/")[2], part.prefix))
            )
            draft.parts.append(Part(part.claim, part.use, prefix, part.shared))
        draft.hosts |= cluster.hosts


def _plans(drafts: list[Draft]) -> tuple[RunPlan, ...]:
    drafts = sorted(drafts, key=lambda draft: (draft.root, draft.key))
    # an export bears its name in itself, and is no reason to tell what it was made from by a longer one
    told = [(draft.root, draft.label, plain_name(draft.root, draft.label)) for draft in drafts]
    own = [number for number, draft in enumerate(drafts) if not draft.is_export()]
    known = dict(zip(own, distinct([told[number] for number in own]), strict=True))
    names = [known.get(number, name) for number, (_, _, name) in enumerate(told)]
    return tuple(
        RunPlan(
            root=draft.root,
            key=draft.key,
            name=name,
            tools=draft.tools(),
            parts=tuple(sorted(consoles.told_by(draft.parts), key=lambda part: (part.claim.path, part.claim.reader))),
            ids=draft.ids(),
            parent=draft.parent,
            group=draft.group() or (group_of(draft.root) if draft.rank == "container" else None),
        )
        for draft, name in zip(drafts, names, strict=True)
    )
