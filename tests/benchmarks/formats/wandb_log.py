"""Directories of W&B runs, their logs as version 0.31 writes them."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

from tests.benchmarks.formats.recipe import MILLION, Recipe
from tests.readers import make_wandb as wb

_BLOCK, _HEAD = 32_768, 7


class WandbLogs:
    """`wandb/run-…-ID/run-ID.wandb` in one project, the config in its records."""

    def place(self, root: Path, recipe: Recipe) -> Path:
        return _path(root, recipe).parent

    def begin(self, root: Path, recipe: Recipe) -> None:
        path = _path(root, recipe)
        path.parent.mkdir(parents=True)
        config = {key: json.dumps(value) for key, value in recipe.config().items()}
        records = [wb.run(1, _id(recipe), start=recipe.start), wb.config(2, config)]
        path.write_bytes(wb.HEADER + framed(records, len(wb.HEADER)))

    def append(self, root: Path, recipe: Recipe, first: int, count: int) -> None:
        values = (recipe.micro(first, count) / MILLION).tolist()
        records = []
        for step, row in enumerate(values, first):
            items = {name: repr(value) for name, value in zip(recipe.names, row, strict=True)}
            items |= {"_step": str(step), "_timestamp": f"{recipe.start + step}.0", "_runtime": str(step)}
            records.append(wb.history(3 + step, step, items))
        _add(_path(root, recipe), records)

    def end(self, root: Path, recipe: Recipe) -> None:
        _add(_path(root, recipe), [wb.finish(3 + recipe.steps, 0, recipe.steps)])


def framed(records: Iterable[bytes], at: int) -> bytes:
    """Records in blocks of 32 KiB, for a file that is `at` bytes long."""
    out = bytearray()
    for record in records:
        done, first, last = 0, True, False
        while not last:
            room = _BLOCK - (at + len(out)) % _BLOCK
            if room < _HEAD:
                out += bytes(room)
                continue
            piece = record[done : done + room - _HEAD]
            done += len(piece)
            last = done == len(record)
            kind = (1 if last else 2) if first else (4 if last else 3)
            out += struct.pack("<IHB", zlib.crc32(piece, zlib.crc32(bytes([kind]))), len(piece), kind) + piece
            first = False
    return bytes(out)


def _add(path: Path, records: Iterable[bytes]) -> None:
    with path.open("ab", buffering=0) as file:
        file.write(framed(records, file.tell()))


def _id(recipe: Recipe) -> str:
    return f"r{recipe.number:07}"


def _path(root: Path, recipe: Recipe) -> Path:
    return root / "wandb" / f"run-20260601_000000-{_id(recipe)}" / f"run-{_id(recipe)}.wandb"
