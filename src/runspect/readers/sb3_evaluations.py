"""Stable-Baselines3's evaluations.npz: the rewards and lengths of all episodes of each evaluation."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from runspect.errors import ReaderFault
from runspect.model import Claim, Problem
from runspect.readers.claims import weak
from runspect.readers.contract import Batch, Cursor, Entry, Floats, Mode, Points, Steps, with_offset
from runspect.readers.hollow import is_pointer
from runspect.readers.stable_baselines import SB3, run_root

NAME = "evaluations.npz"
LARGEST = 64 << 20
"""Bytes of the file, and of one array unpacked."""
_STEPS = "timesteps"
_MEANS = {"results": "eval/mean_reward", "ep_lengths": "eval/mean_ep_length", "successes": "eval/success_rate"}
_SPREAD = "eval/std_reward"
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, ValueError, EOFError, RuntimeError, KeyError, MemoryError, OSError,
    SyntaxError, TypeError, OverflowError,
)  # fmt: skip


class Sb3EvaluationsReader:
    """Arrays only: an array of objects, which would be a pickle, is refused. The logger's own text is more telling."""

    name = "sb3-evaluations"
    mode: Mode = "replace"
    precision = 2
    names = (NAME,)

    def claim(self, entry: Entry) -> Claim | None:
        """By name."""
        head = entry.head() if entry.name == NAME else b""
        named = head.startswith(b"PK") or is_pointer(head)
        return weak(entry, self.name, SB3, strength=2, root=run_root(entry)) if named else None

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of means over the episodes, by the steps of the training."""
        end = with_offset(cursor, path.stat().st_size)
        try:
            if end.offset == 0:
                raise ReaderFault("an empty file", 0)
            yield Batch(end, points=_points(_arrays(path)))
        except ReaderFault as fault:
            problem = Problem(str(path), fault.offset, self.name, fault.what, "nothing was read from it")
            yield Batch(end, problems=(problem,))


def _arrays(path: Path) -> dict[str, Floats]:
    """The arrays that are wanted, as float64."""
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if is_pointer(data):
        raise ReaderFault("git-LFS pointer, content not fetched", 0)
    if len(data) > LARGEST:
        raise ReaderFault(f"larger than {LARGEST >> 20} MB")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = {info.filename.removesuffix(".npy"): info.file_size for info in archive.infolist()}
            names = [name for name in (_STEPS, *_MEANS) if name in sizes]
            if any(sizes[name] > LARGEST for name in names):
                raise ReaderFault(f"an array larger than {LARGEST >> 20} MB")
            return {name: _array(archive, name) for name in names}
    except _DAMAGE as error:
        raise ReaderFault(f"a damaged archive: {str(error)[:60]}") from error


def _array(archive: zipfile.ZipFile, name: str) -> Floats:
    with archive.open(f"{name}.npy") as member:
        found = np.lib.format.read_array(member, allow_pickle=False)
    if found.dtype.kind not in "fiub":
        raise ReaderFault(f"{name} holds no numbers")
    return found.astype(np.float64)


def _points(arrays: dict[str, Floats]) -> dict[str, Points]:
    steps = arrays.get(_STEPS, np.zeros(0))
    if steps.ndim != 1 or not np.all(np.isfinite(steps)) or np.any(np.abs(steps) > 2**53):
        raise ReaderFault("no steps of evaluations in it")
    whole: Steps = steps.astype(np.int64)
    times = np.full(len(whole), np.nan)
    found: dict[str, Points] = {}
    for name, metric in _MEANS.items():
        values = arrays.get(name)
        if values is None or values.ndim not in (1, 2) or len(values) != len(whole) or values.size == 0:
            continue
        episodes = values.reshape(len(whole), -1)
        found[metric] = Points(whole, times, episodes.mean(axis=1))
        if name == "results":
            found[_SPREAD] = Points(whole, times, episodes.std(axis=1))
    return found


READER = Sb3EvaluationsReader()
