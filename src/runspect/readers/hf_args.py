"""Hugging Face's training_args.bin: all training arguments in a pickle, read without torch and without executing it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runspect.errors import ReaderFault
from runspect.model import Claim, Json, Problem
from runspect.readers import inert_pickle
from runspect.readers.claims import weak
from runspect.readers.contract import Batch, Cursor, Entry, Mode, with_offset
from runspect.readers.flatten import flatten, plain
from runspect.readers.hf_trainer import CHECKPOINT

_HIDDEN = ("_n_gpu", "__cached__setup_devices", "distributed_state", "deepspeed_plugin")
_ZIP = b"PK\x03\x04"
_DEEPEST = 8
MOST_VALUES = 20_000
"""Values of the arguments, written out; a few hundred are usual."""


class HfArgsReader:
    """Zip archives (torch 1.6 and later) and bare pickles (before)."""

    name = "hf-args"
    mode: Mode = "replace"
    precision = 3
    names = ("training_args.bin",)

    def claim(self, entry: Entry) -> Claim | None:
        """By name; a checkpoint's arguments speak of the directory above it."""
        if entry.name != "training_args.bin":
            return None
        above = CHECKPOINT.fullmatch(entry.folder)
        root = entry.above if above else entry.directory
        return weak(entry, self.name, "hf-trainer", kind="config", strength=2, root=root)

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch of params."""
        end = with_offset(cursor, path.stat().st_size)
        try:
            if end.offset == 0:
                raise ReaderFault("an empty file", 0)
            yield Batch(end, params=_params(inert_pickle.loads(_pickle(path))))
        except ReaderFault as fault:
            problem = Problem(str(path), fault.offset, self.name, fault.what, "the training arguments are not known")
            yield Batch(end, problems=(problem,))


def _pickle(path: Path) -> bytes:
    """The bytes of the pickle that holds the arguments."""
    with path.open("rb") as file:
        data = file.read(inert_pickle.LARGEST + 1)
    if not data.startswith(_ZIP):
        return _last_of_legacy(data)
    try:
        with zipfile.ZipFile(path) as archive:
            name = next((name for name in archive.namelist() if name.endswith("data.pkl")), None)
            if name is None:
                raise ReaderFault("an archive without data.pkl")
            with archive.open(name) as member:
                return member.read(inert_pickle.LARGEST + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise ReaderFault(f"a damaged archive: {str(error)[:60]}") from error


def _last_of_legacy(data: bytes) -> bytes:
    """torch before 1.6 wrote five pickles in a row: magic number, version, system, the object, storage keys."""
    import io
    import pickletools

    stream = io.BytesIO(data)
    parts: list[bytes] = []
    try:
        while len(parts) < 5 and stream.tell() < len(data):
            start = stream.tell()
            for _ in pickletools.genops(stream):
                pass
            parts.append(data[start : stream.tell()])
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, UnicodeError):
        pass
    if not parts:
        raise ReaderFault("not a pickle")
    return parts[3] if len(parts) >= 4 else parts[0]


def _params(value: Any) -> dict[str, Json]:
    content = _plain(value, 0, [MOST_VALUES])
    if not isinstance(content, dict):
        raise ReaderFault("no training arguments in it")
    shown = {key: inner for key, inner in content.items() if key not in _HIDDEN}
    return flatten(shown)


def _plain(value: Any, depth: int, left: list[int]) -> Json:
    """Stubs as what they held, what JSON does not know as text; `left` counts down the values still allowed.

    Raises:
        ReaderFault: The value refers to itself or repeats itself beyond all measure.
    """
    left[0] -= 1
    if left[0] < 0:
        raise ReaderFault("a pickle that repeats itself beyond all measure")
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, inert_pickle.Stub):
        return _plain(value.content(), depth + 1, left)
    if isinstance(value, dict):
        return {_key(key): _plain(inner, depth + 1, left) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(inner, depth + 1, left) for inner in value]
    return plain(value) if not isinstance(value, bytes) else f"{len(value)} bytes"


def _key(key: object) -> str:
    return key[:200] if isinstance(key, str) else type(key).__name__


READER = HfArgsReader()
