"""TensorBoard: which event directories are one run.

Writers make sub-directories of their own accord: hparams sessions, `add_scalars` curves, `train/` and `validation/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from runspect.dataclass import dataclass
from runspect.model import Claim
from runspect.resolve.paths import STAMP, above, base, parent, relative
from runspect.resolve.ranks import ranks_folded

SPLITS = frozenset(
    {"train", "training", "train_inner", "learn", "validation", "val", "valid", "eval", "evaluation", "test", "testing"}
    | {"dev"}
)
"""Names of sibling directories, in whatever case, that hold one run's curves on several parts of the data."""

FAIRSEQ_TRAIN = "train_inner"
_FAIRSEQ_SPLIT = re.compile(r"(?:valid|test)[\w-]*")
"""fairseq names the others by subset: valid, valid1, valid_other."""
_ESTIMATOR_EVAL = re.compile(r"eval_\w+")
"""TensorFlow's Estimator keeps each evaluation that has a name in `eval_<name>` below the training's events."""
CATBOOST_TRAIN = "learn"
_CATBOOST_SPLIT = re.compile(r"test\d+")


@dataclass(frozen=True, slots=True)
class Fold:
    """Where the events of a directory go."""

    root: str
    prefix: str = ""


def fold(events: Iterable[Claim]) -> dict[str, Fold | None]:
    """Each event directory → the run it belongs to; None for directories that hold no run at all."""
    tree = _Tree(events)
    return {directory: tree.target(directory) for directory in tree.directories}


class _Directory:
    """What the hints of all event files of one directory say together."""

    def __init__(self, path: str, claims: list[Claim]) -> None:
        self.path = path
        self.claims = claims
        self.tags = tuple(dict.fromkeys(tag for claim in claims for tag in claim.hint("tags").split("\n") if tag))
        self.scalars = bool(self.tags) or any(claim.hint("scalars") != "no" for claim in claims)
        self.session = any(claim.hint("hparams") == "session" for claim in claims)
        self.experiment_only = not self.scalars and not self.session and _all(claims, "hparams", "experiment")
        self.bare = not self.scalars and not self.session and not any(claim.hint("hparams") for claim in claims)
        self.writers = frozenset(claim.hint("writer") for claim in claims)

    def same_writer(self, other: _Directory) -> bool:
        """Whether one process may have written both; writers that give no pid may always."""
        return "" in self.writers or "" in other.writers or bool(self.writers & other.writers)

    def known_same_writer(self, other: _Directory) -> bool:
        return bool((self.writers & other.writers) - {""})


class _Tree:
    def __init__(self, events: Iterable[Claim]) -> None:
        by_directory: dict[str, list[Claim]] = {}
        for claim in events:
            by_directory.setdefault(claim.root, []).append(claim)
        self.directories = {path: _Directory(path, claims) for path, claims in sorted(by_directory.items())}
        self._children: dict[str, list[_Directory]] = {}
        for path, directory in self.directories.items():
            if path != ".":
                self._children.setdefault(parent(path), []).append(directory)
        self._steps: dict[str, Fold] = {}
        self._split_parents: set[str] = set()
        self._steps |= {path: Fold(*step) for path, step in ranks_folded(self.directories).items()}
        self._fold_splits()
        self._fold_added_scalars()
        self._fold_sessions()

    def target(self, path: str) -> Fold | None:
        """Follow the folds upward; each leads strictly up, so this ends."""
        prefix = ""
        place = path
        while (step := self._steps.get(place)) is not None:
            prefix = "/".join(filter(None, (step.prefix, prefix)))
            place = step.root
        if place == path and self._is_no_run(path):
            return None
        return Fold(place, prefix)

    def _fold_splits(self) -> None:
        siblings: dict[str, list[str]] = {}
        numbered = {parent(path): _FAIRSEQ_SPLIT for path in self.directories if base(path) == FAIRSEQ_TRAIN}
        numbered |= {parent(path): _CATBOOST_SPLIT for path in self.directories if base(path) == CATBOOST_TRAIN}
        for path in self.directories:
            if path == "." or path in self._steps:
                continue
            if (
                base(path).lower() in SPLITS
                or ((more := numbered.get(parent(path))) and more.match(base(path)))
                or (_ESTIMATOR_EVAL.fullmatch(base(path)) and self._has_content(parent(path)))
            ):
                siblings.setdefault(parent(path), []).append(path)
        for up, paths in siblings.items():
            if len(paths) > 1 or self._has_content(up):
                self._split_parents.add(up)
                for path in paths:
                    self._steps[path] = Fold(up, base(path))

    def _fold_added_scalars(self) -> None:
        for path, directory in self.directories.items():
            if path in self._steps or not directory.tags:
                continue
            for up in self._event_directories_above(path):
                if directory.same_writer(up) and _made_by_add_scalars(relative(path, up.path), directory):
                    self._steps[path] = Fold(up.path, relative(path, up.path))
                    break

    def _fold_sessions(self) -> None:
        for up, children in self._children.items():
            if up not in self.directories:
                continue
            holder = self.directories[up]
            sessions = [child for child in children if child.session and child.path not in self._steps]
            for child in sessions:
                if self._is_session_of(child, holder, alone=len(sessions) == 1):
                    self._steps[child.path] = Fold(up)

    def _is_session_of(self, child: _Directory, holder: _Directory, alone: bool) -> bool:
        """Whether `child` only holds the hparams of `holder`'s run."""
        made_by_writer = bool(STAMP.fullmatch(base(child.path))) or child.known_same_writer(holder)
        if holder.experiment_only or not child.same_writer(holder):
            return False
        stamped = bool(STAMP.fullmatch(base(child.path)))
        if not self._has_scalars(holder.path):
            # several sessions of a writer without curves of its own are the trials of a sweep
            return made_by_writer and ((stamped and alone) or not self._has_scalars(child.path))
        return stamped or alone or not self._has_scalars(child.path)

    def _has_content(self, path: str) -> bool:
        directory = self.directories.get(path)
        return directory is not None and not directory.experiment_only

    def _has_scalars(self, path: str) -> bool:
        return path in self._split_parents or self.directories[path].scalars

    def _is_no_run(self, path: str) -> bool:
        """An experiment's description, or the empty file of a writer that only wrote hparams sessions below."""
        directory = self.directories[path]
        if path in self._split_parents:
            return False
        if directory.experiment_only:
            return True
        return directory.bare and any(
            child.session and child.path not in self._steps and child.same_writer(directory)
            for child in self._children.get(path, ())
        )

    def _event_directories_above(self, path: str) -> Iterator[_Directory]:
        return (self.directories[up] for up in above(path) if up in self.directories)


def _made_by_add_scalars(below: str, directory: _Directory) -> bool:
    """torch: `<tag with / replaced>_<key>/`; tensorboardX: `<tag>/<key>/`; each such directory holds one tag."""
    if len(directory.tags) != 1:
        return False
    tag = directory.tags[0]
    return ("/" not in below and below.startswith(tag.replace("/", "_") + "_")) or below.startswith(tag + "/")


def _all(claims: list[Claim], name: str, value: str) -> bool:
    return all(claim.hint(name) == value for claim in claims)
