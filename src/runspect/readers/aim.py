"""Aim's repository: `.aim/run_metadata.sqlite` lists the runs; a RocksDB for each holds its settings and its series.

`meta/chunks/<run>`: `meta/chunks/<run>/{attrs/**, contexts/<context>/**, end_time}`. `seqs/chunks/<run>`:
`seqs/v2/chunks/<run>/<context>/<metric>/{val,step,time}/<hash of the step>`, in older versions
`seqs/chunks/<run>/<context>/<metric>/val/<step>`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runspect.dataclass import dataclass, field
from runspect.errors import ReaderFault
from runspect.model import Claim, Json, Problem
from runspect.readers.aim_tree import Branch, path_of, tree, value_of
from runspect.readers.aim_tree import Path as Place
from runspect.readers.claims import run_key
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points
from runspect.readers.curves import Curves
from runspect.readers.flatten import flatten
from runspect.readers.numbers import number
from runspect.readers.rocksdb import contents
from runspect.readers.sqlite_store import Row, Store, read_store, tables_in
from runspect.readers.times import utc

_TABLES = ("run", "experiment", "tag", "run_tag")
_SYSTEM = "__system_params"
_OWN = ("hparams",)
"""Where Aim's own loggers put the settings; it is no part of their names."""
_LEFT_OUT = "__"
_PROGRESS = "meta/progress"
"""Holds a file for each run whose process has it open, or was killed."""
MOST_RUNNING = 200
"""Runs in progress whose logs are looked at."""

_Leaves = dict[Place, Json | Branch]


class AimReader:
    """Each run whose files changed is told anew, whole."""

    name = "aim"
    mode: Mode = "store"
    precision = 3
    names = ("run_metadata.sqlite",)

    def claim(self, entry: Entry) -> Claim | None:
        """By name and tables; the runs are those of the directory."""
        if entry.name != "run_metadata.sqlite" or not set(_TABLES) <= tables_in(entry).keys():
            return None
        return Claim(self.name, entry.path, entry.directory, "tool", "store", 2, "aim")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One batch a run; the last moves the cursor.

        Raises:
            OSError: A file cannot be read now.
        """
        return read_store(path, self.name, lambda store: _read(path, store, cursor))

    def beside(self, path: Path) -> Iterator[Path]:
        """What grows instead of the list of runs: the directories of databases, the logs of runs in progress."""
        progress = path.parent / _PROGRESS
        yield from (progress, path.parent / "meta/chunks")
        try:
            running = [file.name for file in progress.iterdir() if file.name.isalnum()]
            for name in running[:MOST_RUNNING]:
                for kind in ("meta", "seqs"):
                    yield from (path.parent / kind / "chunks" / name).glob("*.log")
        except OSError:
            return


READER = AimReader()


@dataclass(slots=True)
class _Run:
    """What the database of runs tells of one."""

    hash: str
    row: Row
    experiment: str = ""
    tags: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, Json]:
        told = {
            "name": self.row[2] or self.hash,
            "run_id": self.hash,
            "notes": self.row[3] or "\n".join(self.notes),
            "project": self.experiment,
            "tags": self.tags,
            "started": utc(self.row[4]),
        }
        return {name: value for name, value in told.items() if value not in (None, "", [])}


def _read(path: Path, store: Store, cursor: Cursor) -> Iterator[Batch]:
    before = _stamps(cursor)
    runs = _runs(store)
    restart = not before or not before.keys() <= runs.keys()
    after: dict[str, str] = {}
    for run in runs.values():
        stamp = after[run.hash] = _stamp(path.parent, run)
        if restart or before.get(run.hash) != stamp:
            yield _batch(path, run, restart)
            restart = False
    yield Batch(Cursor(state=json.dumps(after, separators=(",", ":"))), restart=restart)


def _stamps(cursor: Cursor) -> dict[str, str]:
    try:
        seen = json.loads(cursor.state) if cursor.state else {}
        return {str(run): str(stamp) for run, stamp in seen.items()}
    except (ValueError, AttributeError):
        return {}


def _stamp(repository: Path, run: _Run) -> str:
    """Changes with what is told of a run: its row, its tags, the files of its databases."""
    told: list[object] = [run.row, run.experiment, run.tags, run.notes, _in_progress(repository, run)]
    for directory in _directories(repository, run):
        try:
            files = sorted(directory.iterdir())
            told += [(file.name, file.stat().st_size) for file in files if file.suffix in (".sst", ".log")]
        except OSError:
            continue
    return _digest(told)


def _digest(told: object) -> str:
    """A short digest that is the same in every process."""
    return hashlib.sha1(repr(told).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()[:16]


def _runs(store: Store) -> dict[str, _Run]:
    experiments = {row[0]: str(row[1]) for row in store.rows("experiment", ("name",))}
    tags = {row[0]: str(row[1]) for row in store.rows("tag", ("name",))}
    columns = ("hash", "name", "description", "created_at", "experiment_id")
    runs = {
        row[0]: _Run(str(row[1]), row, experiments.get(row[5], "")) for row in store.rows("run", columns) if row[1]
    }  # fmt: skip
    for _, run, tag in store.rows("run_tag", ("run_id", "tag_id")):
        if run in runs and tag in tags:
            runs[run].tags.append(tags[tag])
    for _, run, note in store.rows("note", ("run_id", "content")):
        if run in runs and isinstance(note, str):
            runs[run].notes.append(note)
    return {run.hash: run for run in runs.values()}


def _batch(path: Path, run: _Run, restart: bool) -> Batch:
    facts = run.facts()
    params: dict[str, Json] = {}
    points: dict[str, Points] = {}
    problems: list[Problem] = []
    meta, series = (_leaves(path, directory, problems) for directory in _directories(path.parent, run))
    own = _below(meta, ("meta", "chunks", run.hash))
    attributes = tree(_below(own, ("attrs",)).items())
    if isinstance(attributes, dict):
        params, told = _settings(attributes)
        facts |= told
    ended = own.get(("end_time",))
    if isinstance(ended, int | float) and not _in_progress(path.parent, run):
        facts |= {"ended": float(ended), "end_state": "finished", "end_reason": "Aim recorded its end"}
    points = _series(series, run.hash, _below(own, ("contexts",)))
    ids = (f"aim:{run.hash}",)
    key = run_key(run.hash)
    return Batch(Cursor(), key, points, params, facts, ids, (), tuple(problems), whole=True, restart=restart, more=True)


def _directories(repository: Path, run: _Run) -> tuple[Path, Path]:
    """Of the settings and of the series; a name that leads elsewhere leads nowhere."""
    name = run.hash if run.hash.isalnum() else "-"
    return repository / "meta/chunks" / name, repository / "seqs/chunks" / name


def _in_progress(repository: Path, run: _Run) -> bool:
    return run.hash.isalnum() and (repository / _PROGRESS / run.hash).exists()


def _leaves(path: Path, directory: Path, problems: list[Problem]) -> _Leaves:
    try:
        found = contents(directory)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except ReaderFault as fault:
        what = f"{directory.relative_to(path.parent)}: {fault.what}"
        problems.append(Problem(str(path), None, READER.name, what, "the run's settings or series are not shown"))
        return {}
    decoded = ((path_of(key), value) for key, value in found.items())
    return {place: value_of(value) for place, value in decoded if place is not None}


def _below(leaves: _Leaves, place: Place) -> _Leaves:
    """What lies below a place, by the rest of the path."""
    size = len(place)
    return {path[size:]: value for path, value in leaves.items() if path[:size] == place and len(path) > size}


def _settings(attributes: Mapping[str, Any]) -> tuple[dict[str, Json], dict[str, Json]]:
    """Params, and the facts among what Aim notes of the machine."""
    params: dict[str, Any] = {}
    for name, value in attributes.items():
        if name in _OWN and isinstance(value, dict):
            params |= value
        elif not name.startswith(_LEFT_OUT):
            params[name] = value
    system = attributes.get(_SYSTEM)
    return flatten(params), _system_facts(system) if isinstance(system, dict) else {}


def _system_facts(system: Mapping[str, Any]) -> dict[str, Json]:
    git = system.get("git_info")
    git = git if isinstance(git, dict) else {}
    commit = git.get("commit")
    told = {
        "executable": system.get("executable"),
        "git_branch": git.get("branch"),
        "git_remote": git.get("remote_origin_url"),
        "git_commit": commit.get("hash") if isinstance(commit, dict) else commit,
        "command": " ".join(map(str, arguments)) if isinstance(arguments := system.get("arguments"), list) else None,
    }
    return {name: value for name, value in told.items() if isinstance(value, str) and value}


def _series(leaves: _Leaves, run: str, contexts: _Leaves) -> dict[str, Points]:
    """The metrics; where one has several contexts, each goes before its name."""
    found: dict[tuple[object, str], dict[str, dict[object, Json]]] = {}
    for start in (("seqs", "v2", "chunks", run), ("seqs", "chunks", run)):
        for path, value in _below(leaves, start).items():
            if len(path) == 4 and isinstance(path[1], str) and not isinstance(value, Branch):
                columns = found.setdefault((path[0], path[1]), {})
                columns.setdefault(str(path[2]), {})[path[3]] = value
    names = [name for _, name in found]
    curves = Curves()
    for (context, name), columns in found.items():
        prefix = _context_name(contexts, context) if names.count(name) > 1 else ""
        _add(curves, f"{prefix}/{name}" if prefix else name, columns)
    return curves.take()


def _add(curves: Curves, name: str, columns: Mapping[str, Mapping[object, Json]]) -> None:
    steps, times = columns.get("step", {}), columns.get("time", {})
    rows = []
    for index, value in columns.get("val", {}).items():
        step, when = steps.get(index, None if steps else index), times.get(index)
        if (told := number(value)) is not None and isinstance(step, int | float):
            rows.append((step, float(when) if isinstance(when, int | float) else None, told))
    for step, when, told in sorted(rows, key=lambda row: row[0]):
        curves.add(name, step, when, told)


def _context_name(contexts: _Leaves, context: object) -> str:
    """The values of a context: of `{"subset": "train"}` it is "train"."""
    own = sorted((path, value) for path, value in contexts.items() if path[0] == context and isinstance(value, str))
    return "/".join(str(value) for _, value in own)
