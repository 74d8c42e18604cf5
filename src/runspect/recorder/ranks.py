"""Which process of a distributed training this is, by the variables that launchers set; nothing is imported for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from runspect.recorder.process import host_name

_GLOBAL = (
    ("RANK", "WORLD_SIZE"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMIX_RANK", None),
    ("PMI_RANK", "PMI_SIZE"),
    ("HOROVOD_RANK", "HOROVOD_SIZE"),
    ("SLURM_PROCID", "SLURM_NTASKS"),
)
"""Variables with a rank, and with how many there are, launchers of processes before the scheduler around them."""
_LAUNCH = (
    "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT", "MASTER_ADDR", "MASTER_PORT", "SLURM_JOB_ID", "SLURM_STEP_ID",
    "SLURM_RESTART_COUNT", "PMIX_NAMESPACE",
)  # fmt: skip
"""Variables that are the same in all processes of a launch and, taken together, in no other."""


def rank_of(environment: Mapping[str, str]) -> int:
    """This process's rank, 0 for the only one."""
    started = _initialized()
    if started is not None:
        return started
    for name, size in _GLOBAL:
        rank = _count(environment.get(name))
        if rank is not None and (size is None or (_count(environment.get(size)) or 2) > 1):
            return rank
    local = _count(environment.get("LOCAL_RANK"))
    node = _count(environment.get("NODE_RANK")) or _count(environment.get("GROUP_RANK")) or 0
    each = _count(environment.get("LOCAL_WORLD_SIZE")) or 1
    return (local or 0) + node * each


def launch_key(environment: Mapping[str, str], nth: int) -> str:
    """What all ranks of one launch call their `nth` record, by which the others find that of rank 0."""
    told = [f"{name}={environment[name]}" for name in _LAUNCH if environment.get(name)]
    if not told:
        told = [f"parent={host_name()}:{os.getppid()}"]
    return " ".join([*told, f"record={nth}"])


def _initialized() -> int | None:
    """The rank that torch.distributed gave, where the program started it without a launcher's variables."""
    module = sys.modules.get("torch.distributed")
    try:
        if module is not None and module.is_available() and module.is_initialized():
            return int(module.get_rank())
    except Exception:  # noqa: BLE001 - a package amidst its import has none of these
        pass
    return None


def _count(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
