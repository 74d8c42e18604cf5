"""TensorBoard event files: scalars as torch writes them, and as TF2 does."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from runspect.readers.crc32c import checksums
from tests.benchmarks.formats import directory
from tests.benchmarks.formats.matrix import Bytes, Piece, alike, joined, varint
from tests.benchmarks.formats.recipe import MILLION, Recipe, Whole
from tests.readers import make_tfevents as tf

_SENTINEL = 1.2345678
_MASK = 0xA282EAD8


class EventFiles:
    """One event file a run, with `config.json` beside it; `scalar` writes a tag and a value."""

    def __init__(self, scalar: Callable[[str, float], bytes]) -> None:
        self._scalar = scalar

    def place(self, root: Path, recipe: Recipe) -> Path:
        return directory(root, recipe)

    def begin(self, root: Path, recipe: Recipe) -> None:
        place = directory(root, recipe)
        place.mkdir(parents=True)
        (place / "config.json").write_text(json.dumps(recipe.config()))
        path(root, recipe).write_bytes(tf.record(tf.version(float(recipe.start))))

    def append(self, root: Path, recipe: Recipe, first: int, count: int) -> None:
        with path(root, recipe).open("ab", buffering=0) as file:
            for begin, pieces in ((0, 1), (1, count)):  # step 0 is left out of its record, as every writer does
                low, high = max(first, begin), first + count if begin else min(first + count, pieces)
                if low < high:
                    for at, many in alike(low, high - low, 128):
                        file.write(self._records(recipe, at, many))

    def end(self, root: Path, recipe: Recipe) -> None:
        """Nothing tells the end."""

    def _records(self, recipe: Recipe, first: int, count: int) -> bytes:
        steps = np.arange(first, first + count, dtype=np.int64)
        stamps = (recipe.start + steps).astype("<f8")[:, None].view(np.uint8)
        head: list[Piece] = [b"\x09", stamps, *((b"\x10", varint(steps)) if first else ())]
        values = (recipe.micro(first, count) / MILLION).astype("<f4")
        pieces: list[Piece] = []
        for at, name in enumerate(recipe.names):
            before, after = _around(self._scalar, name)
            floats = np.ascontiguousarray(values[:, at : at + 1]).view(np.uint8)
            pieces.append(_framed(joined(count, [*head, before, floats, after])))
        return joined(count, pieces).tobytes()


def path(root: Path, recipe: Recipe) -> Path:
    """The event file of a run."""
    return directory(root, recipe) / f"events.out.tfevents.{recipe.start}.host.{recipe.number}.0"


@lru_cache(maxsize=65_536)
def _around(scalar: Callable[[str, float], bytes], tag: str) -> tuple[bytes, bytes]:
    before, after = tf.summary(scalar(tag, _SENTINEL)).split(struct.pack("<f", _SENTINEL))
    return before, after


def _framed(data: Bytes) -> Bytes:
    """TFRecord frames of equally long records, shape (records, length + 16)."""
    count, length = data.shape
    head = tf.record(bytes(length))[:12]
    starts = np.arange(count, dtype=np.int64) * length
    sums = checksums(data.tobytes(), starts, np.full(count, length, dtype=np.int64))
    return joined(count, [head, data, _masked(sums)])


def _masked(sums: Whole | np.ndarray[tuple[int, ...], np.dtype[np.uint32]]) -> Bytes:
    with np.errstate(over="ignore"):
        masked = ((sums >> np.uint32(15)) | (sums << np.uint32(17))) + np.uint32(_MASK)
    return masked.astype("<u4")[:, None].view(np.uint8)
