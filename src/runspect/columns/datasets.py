"""Which data set a run is about: the params and facts that name one, and the names that a policy gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from runspect.model import Json

DATASET_KEYS = (
    "dataset", "dataset.name", "data.name", "data.dataset", "dataset_name", "data.dataset_name", "dataset.path",
    "task_name", "data", "data_name", "train_dataset", "data.path", "dataset_path", "data_dir",
)  # fmt: skip
"""Params and facts that name a data set where no policy says which do."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A data set and the globs of the values that mean it, case aside; its own name is always one."""

    name: str
    globs: tuple[str, ...] = ()

    def means(self, value: str) -> bool:
        """Whether a param's value names this data set."""
        return any(fnmatchcase(value.lower(), glob.lower()) for glob in (self.name, *self.globs))


def dataset_of(values: Mapping[str, Json], keys: Sequence[str], spellings: Sequence[Spelling]) -> str | None:
    """The data set of a run with these params and facts, or None when none of the keys is there."""
    for key in keys:
        value = values.get(key)
        if isinstance(value, str) and value.strip():
            return canonical(value.strip(), spellings)
    return None


def canonical(value: str, spellings: Sequence[Spelling]) -> str:
    """The name of the data set that a value means; the value itself when none is known."""
    return next((known.name for known in spellings if known.means(value)), value)
