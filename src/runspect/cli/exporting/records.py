"""Runs as directories of the open format, each complete or not there at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from runspect.dataclass import dataclass
from runspect.errors import ReaderFault
from runspect.model import Json
from runspect.pathtext import to_disk
from runspect.practice.export import head, rows
from runspect.practice.export.names import Names, component
from runspect.readers import archived_console
from runspect.workspace.exporting import Exported, Stretch

HEAD, METRICS, TEXTS, CONSOLE, CONSOLES = "run.json", "metrics.jsonl", "texts.jsonl", "console.log", "consoles"
UNTRACKED = "untracked"
PART = ".part"
"""Ends the name of a directory that is being written; it begins with a dot, so that nobody takes it for a run."""
OnPoints = Callable[[Stretch], None]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written of a run."""

    name: str
    """Its directory."""
    points: int
    texts: int
    console_bytes: int
    missing: tuple[str, ...]
    """Console logs that could not be read, with the reason."""


class RecordFolder:
    """The directory that takes the records; mutable."""

    def __init__(self, directory: Path, when: str, writer: str) -> None:
        self.directory = directory
        self._when = when
        self._writer = writer
        there = [entry.name for entry in os.scandir(directory)] if directory.is_dir() else []
        self._names = Names(frozenset(there))
        self.held = dict(_exports_in(directory, there))
        """Id of an export → the directory that holds it already."""

    def name(self, run: Mapping[str, Json]) -> str:
        """A name for its directory, given to no other."""
        return self._names.unique(str(run["name"]))

    def write(self, each: Exported, name: str, on_points: OnPoints) -> Written:
        """Write a run under this name; `on_points` is told all its points on the way.

        Raises:
            OSError: It cannot be written; nothing of it stays.
            Moved: See `Exported.stretches`; nothing of it stays.
        """
        draft = self.directory / f".{name}{PART}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            points = _write_points(draft / METRICS, each, on_points)
            texts = _write_texts(draft / TEXTS, each)
            size, missing = _copy_consoles(draft, each.run)
            _copy_beside(draft, each.run)
            content = head.head(each.run, self._when, self._writer)
            (draft / HEAD).write_bytes(_json(content, indent=2))
            _age(draft, each.run)
            draft.rename(self.directory / name)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return Written(name, points, texts, size, missing)


def _exports_in(directory: Path, names: list[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        with suppress(OSError, ValueError):
            found = json.loads((directory / name / HEAD).read_bytes())
            if isinstance(found, dict) and "exported" in found:
                yield str(found.get("id")), name


def _write_points(path: Path, each: Exported, on_points: OnPoints) -> int:
    count = 0
    if not each.run["metrics"]:
        return 0
    with path.open("xb") as file:
        for stretch in each.stretches():
            count += len(stretch.arrays["step"])
            on_points(stretch)
            for piece in rows.lines(stretch.metrics, stretch.arrays):
                file.write(piece)
    return count


def _write_texts(path: Path, each: Exported) -> int:
    count = 0
    if not each.run["texts"]:
        return 0
    with path.open("xb") as file:
        for text in each.texts():
            count += 1
            file.write(_json(text))
    return count


def _copy_consoles(draft: Path, run: Mapping[str, Any]) -> tuple[int, tuple[str, ...]]:
    """The first console log as `console.log`, others below `consoles/` under their own names; byte for byte."""
    names, size, missing = Names(), 0, []
    for number, source in enumerate(map(to_disk, run["consoles"])):
        target = draft / CONSOLE
        if number:
            (draft / CONSOLES).mkdir(exist_ok=True)
            target = draft / CONSOLES / names.unique(component(os.path.basename(source)))  # noqa: PTH119
        try:
            size += target.stat().st_size if shutil.copyfile(source, target) else 0
        except OSError as error:
            target.unlink(missing_ok=True)
            missing.append(f"{source}: {error.strerror or error}")
    for archive, key in run["packed"][:1] if not run["consoles"] else ():
        try:
            size += archived_console.copy(Path(to_disk(archive)), key, draft / CONSOLE)
        except (OSError, ReaderFault) as error:
            (draft / CONSOLE).unlink(missing_ok=True)
            missing.append(f"{archive}: {error}")
    return size, tuple(missing)


def _copy_beside(draft: Path, run: Mapping[str, Any]) -> None:
    """Of a run that is a record itself: the patch, the list of packages and the sources that its head names."""
    heads = [
        Path(to_disk(file["path"])) for file in run["files"] if file["reader"] == "runspect" and file["use"] == "read"
    ]
    facts = run["facts"]
    for record in (path.parent for path in heads[:1]):
        for name in (facts.get("git_patch"), facts.get("packages")):
            if isinstance(name, str) and name == os.path.basename(name) and not (draft / name).exists():  # noqa: PTH119
                _copy_file(record / name, draft / name)
        for source in sorted((record / UNTRACKED).rglob("*")):
            target = draft / source.relative_to(record)
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy_file(source, target)


def _copy_file(source: Path, target: Path) -> None:
    """A plain file; what is a link or cannot be read is left out."""
    with suppress(OSError):
        if source.is_file() and not source.is_symlink():
            shutil.copyfile(source, target)


def _age(draft: Path, run: Mapping[str, Any]) -> None:
    """Files as old as the run: an export is no sign of life."""
    if not run["updated"]:
        return
    stamp = datetime.fromisoformat(run["updated"]).timestamp()
    for path in (path for path in draft.rglob("*") if path.is_file()):
        with suppress(OSError, OverflowError):
            os.utime(path, (stamp, stamp))


def _json(value: Json, indent: int | None = None) -> bytes:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"
