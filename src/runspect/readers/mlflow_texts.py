"""The small files of MLflow's file store: `meta.yaml` of runs, experiments and data sets, params and tags.

They are very many, so they are opened as plainly as can be.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import lru_cache

from runspect.errors import ReaderFault
from runspect.model import Json
from runspect.readers import yaml_plain

LARGEST_TEXT = 1 << 16
"""Bytes of a param or tag that are read; MLflow allows 6,000 and 8,000."""
MOST_FILES = 20_000
RUN = re.compile(r"[0-9a-f]{32}")
"""How a run's directory is called, and a data set's."""
_LINE = re.compile(r"([\w.-]+):(?: (.*))?")
_NOT_PLAIN = tuple('"[{&*!|>%@`')


def files(directory: str, above: str = "") -> list[tuple[str, str]]:
    """(name, path) of the files below a directory; a slash in a name is a directory."""
    found: list[tuple[str, str]] = []
    try:
        with os.scandir(directory) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return found
    for entry in listed:
        name = above + entry.name
        if entry.is_dir(follow_symlinks=False):
            if name.count("/") < 32:
                found += files(entry.path, f"{name}/")
        elif entry.is_file(follow_symlinks=False):
            found.append((name.encode("utf-8", "replace").decode(), entry.path))
        if len(found) > MOST_FILES:
            break
    return found


def texts(directory: str) -> dict[str, str]:
    """The texts of the files below a directory by their names."""
    found: dict[str, str] = {}
    for name, path in files(directory):
        with suppress(FileNotFoundError):  # removed since it was listed
            found[name] = text_of(path)
    return found


def text_of(path: str) -> str:
    """The beginning of a small file.

    Raises:
        OSError: It cannot be read.
    """
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(file, LARGEST_TEXT).decode("utf-8", "replace")
    finally:
        os.close(file)


def flat(text: str) -> dict[str, Json]:
    """A `meta.yaml`: one level of scalars, as MLflow dumps it; what looks otherwise is read as any YAML.

    Raises:
        ReaderFault: It is no mapping.
    """
    found: dict[str, Json] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        value = (match[2] or "").strip() if match else ""
        if not match or (value.startswith(_NOT_PLAIN) and value != "[]") or (value[:1] == "'" and value[-1:] != "'"):
            return _any_yaml(text)
        found[match[1]] = _scalar(value)
    if not found:
        raise ReaderFault("an empty meta.yaml", 0)
    return found


def _scalar(value: str) -> Json:
    if value[:1] == "'" and len(value) > 1:
        return value[1:-1].replace("''", "'")
    if value in ("null", "", "~", "[]"):
        return None
    return int(value) if value.isdigit() and len(value) < 20 else value


def _any_yaml(text: str) -> dict[str, Json]:
    found = yaml_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("no mapping in meta.yaml", 0)
    return found


def experiment(directory: str) -> str:
    """The name in the `meta.yaml` of the experiment's directory."""
    path = f"{directory}/meta.yaml"
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return ""
    return _named(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _named(path: str, mtime: int, size: int) -> str:
    try:
        meta = flat(text_of(path))
    except (ReaderFault, OSError):
        return ""
    return "" if "run_id" in meta else str(meta.get("name") or "")


def datasets(directory: str) -> tuple[tuple[str, str], ...]:
    """(name, digest) of the data sets among the run's inputs, which stand beside the runs of the experiment."""
    found: list[tuple[str, str]] = []
    for name, path in files(f"{directory}/inputs"):
        if name.endswith("meta.yaml"):
            try:
                source = str(flat(text_of(path)).get("source_id") or "")
            except (ReaderFault, OSError):
                continue
            if RUN.fullmatch(source):
                found += _dataset(f"{os.path.dirname(directory)}/datasets/{source}/meta.yaml")  # noqa: PTH120
    return tuple(found)


@lru_cache(maxsize=256)
def _dataset(path: str) -> tuple[tuple[str, str], ...]:
    """A data set is known by its content and never changes."""
    try:
        meta = flat(text_of(path))
    except (ReaderFault, OSError):
        return ()
    return ((str(meta.get("name") or ""), str(meta.get("digest") or "")),)
