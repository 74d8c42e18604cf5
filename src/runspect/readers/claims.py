"""What names and paths say of a file, before it is looked into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from runspect.model import Claim, ClaimKind
from runspect.readers.contract import Entry, Points


def words(text: str) -> frozenset[str]:
    """The words of a text as a set: long lists of names stay readable."""
    return frozenset(text.split())


LOG_WORDS = words(
    "metric metrics progress result results history log logs logger logging loss losses score scores eval evals evaluation"
    " training trainlog curve curves monitor scalars stats statistics learn"
)
"""Words in the name of a file that holds what a training logged."""
DATA_DIRECTORIES = words(
    "data dataset datasets annotations raw processed input inputs corpus images labels corpora submission submissions"
    " predictions site-packages node_modules"
)
MOST_COLUMN_TEXT = 1000
CHECKPOINTS = "checkpoints"
SPLIT_FILES = words("train valid val validation test eval dev")
"""Names of files that each hold one split's metrics."""
_OF_SPLIT = re.compile(rf"(?:training|{'|'.join(sorted(SPLIT_FILES))})(?![a-z])", re.IGNORECASE)
"""A metric that says itself which split it is of."""
_SPLIT = re.compile(r"[^A-Za-z]+")


def stem_of(name: str) -> str:
    """The name without its last extension, lower case."""
    return name.rpartition(".")[0].lower() or name.lower()


def extension(name: str) -> str:
    """The last extension, lower case, without the dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def run_key(name: str) -> str:
    """What a tool calls a run as the key of a run in a store: never empty, never a path (`Batch.run`)."""
    return f".{name}" if name[:1] in ("", "/") else name


@lru_cache(maxsize=4096)
def named_like_a_log(name: str) -> bool:
    """Whether a word of the file's name speaks of logged values ("val_losses.csv", "trainer_log.jsonl")."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name.rpartition(".")[0] or name)
    return any(word.lower() in LOG_WORDS for word in _SPLIT.split(spaced))


def among_data(path: str) -> bool:
    """Whether a directory of the path is one where data sets lie."""
    return any(part.lower() in DATA_DIRECTORIES for part in path.split("/")[:-1])


def columns_hint(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The hint that tells tables of one kind: equal in files that log the same metrics."""
    text = "\n".join(name for name in names if name)[:MOST_COLUMN_TEXT]
    return (("columns", text),) if text else ()


def saved_hint(entry: Entry) -> tuple[tuple[str, str], ...]:
    """The hint whether a training saved its checkpoints beside the file; asked for anew when they come or go."""
    return (("saved", "yes" if CHECKPOINTS in entry.siblings else "no"),)


def split_root(entry: Entry) -> str:
    """The run's directory of a file: the one above, where `metrics/` holds a file for each split."""
    inside = entry.folder == "metrics" and stem_of(entry.name) in SPLIT_FILES
    return entry.above if inside else entry.directory


def prefixed(points: Mapping[str, Points], path: Path) -> dict[str, Points]:
    """The series of `train.jsonl` as "train/…", so that they do not mix with those of `valid.jsonl` beside it."""
    stem = stem_of(path.name)
    if stem not in SPLIT_FILES:
        return dict(points)
    return {name if _OF_SPLIT.match(name) else f"{stem}/{name}": series for name, series in points.items()}


def weak(
    entry: Entry,
    reader: str,
    tool: str,
    *,
    kind: ClaimKind = "series",
    strength: int = 1,
    root: str | None = None,
    hints: tuple[tuple[str, str], ...] = (),
) -> Claim:
    """A claim that says no more of the run's place than the file's directory, or `root`."""
    return Claim(reader, entry.path, entry.directory if root is None else root, "weak", kind, strength, tool, hints)
