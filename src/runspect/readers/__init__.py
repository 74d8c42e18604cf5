"""All log formats that runspect reads, and the choice of the reader of a file.

The readers' modules are imported when the first file is shown to them: importing this package costs nothing.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runspect.model import Claim
    from runspect.readers.contract import Entry, Reader

MODULES = (
    "runspect_record", "tfevents", "wandb", "wandb_files", "lightning", "hf_trainer", "hf_args", "hf_results", "hydra",
    "jsonl", "csv_table", "json_history", "configs", "console", "console_metrics",
)  # fmt: skip
"""Modules of this package that hold a `READER`, in the order in which equal claims are preferred."""


def __getattr__(name: str) -> tuple[Reader, ...]:
    if name == "READERS":
        return readers()
    raise AttributeError(name)


@lru_cache(maxsize=1)
def readers() -> tuple[Reader, ...]:
    """All readers; imports their modules."""
    return tuple(import_module(f"runspect.readers.{module}").READER for module in MODULES)


def reader_named(name: str) -> Reader:
    """The reader of that name.

    Raises:
        KeyError: There is none.
    """
    for reader in readers():
        if reader.name == name:
            return reader
    raise KeyError(name)


def claim_file(entry: Entry) -> Claim | None:
    """The strongest claim on a file; of equally strong ones that of the reader listed first."""
    claims = [claim for reader in readers() if (claim := reader.claim(entry)) is not None]
    return max(claims, key=lambda claim: claim.strength, default=None)
