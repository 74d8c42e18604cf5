"""What names and paths say of a file, before it is looked into."""

from __future__ import annotations

import re

from runspect.model import Claim, ClaimKind
from runspect.readers.contract import Entry

LOG_WORDS = frozenset(
    "metric metrics progress result results history log logs logger logging loss losses score scores eval evaluation"
    " training trainlog curve curves monitor scalars stats statistics learn".split()
)
"""Words in the name of a file that holds what a training logged."""
DATA_DIRECTORIES = frozenset(
    "data dataset datasets annotations raw processed input inputs corpus images labels corpora submission submissions"
    " predictions site-packages node_modules".split()
)
_SPLIT = re.compile(r"[^A-Za-z]+")


def stem_of(name: str) -> str:
    """The name without its last extension, lower case."""
    return name.rpartition(".")[0].lower() or name.lower()


def extension(name: str) -> str:
    """The last extension, lower case, without the dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def named_like_a_log(name: str) -> bool:
    """Whether a word of the file's name speaks of logged values ("val_losses.csv", "trainer_log.jsonl")."""
    words = _SPLIT.split(re.sub(r"([a-z])([A-Z])", r"\1 \2", stem_of(name) if name.islower() else name.rsplit(".", 1)[0]))
    return any(word.lower() in LOG_WORDS for word in words)


def among_data(path: str) -> bool:
    """Whether a directory of the path is one where data sets lie."""
    return any(part.lower() in DATA_DIRECTORIES for part in path.split("/")[:-1])


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
