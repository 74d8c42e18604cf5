"""MLflow's file store: a run is a directory of `meta.yaml` and a small file for each metric, param and tag.

`meta.yaml` speaks for the whole directory; the other files are its members. Metric files are only ever appended to, so
they are read on from offsets kept in `Cursor.state`; everything else is small and read again.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import numpy as np

from runspect.dataclass import dataclass, field
from runspect.errors import ReaderFault
from runspect.model import Claim, Problem
from runspect.readers import mlflow_run, mlflow_texts
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points
from runspect.readers.mlflow_run import MlflowRun

TRASH = ".trash"
"""Where MLflow keeps deleted experiments with their runs, which early versions left marked as active."""
MEMBERS = ("metrics", "params", "tags", "inputs", "outputs")
CHUNK = 4 << 20
"""Bytes of metrics that are read before what they hold is handed over."""
LARGEST_STATE = 1 << 14
"""Characters of offsets that are kept; a run with more metrics is read whole again when it grows."""
_TAIL = 32
_WORDS = (2, 3, 5)
"""Words of a whole line of a metric."""
_SIGNS = (b"artifact_uri:", b"lifecycle_stage:", b"experiment_id:")


class MlflowFilesReader:
    """Reads a whole run directory, of which the path of `meta.yaml` is given."""

    name = "mlflow-files"
    mode: Mode = "store"
    precision = 3
    names = ("meta.yaml",)
    marks_end = True

    def claim(self, entry: Entry) -> Claim | None:
        """A run's `meta.yaml`: those of experiments, data sets and models name no run and no artefacts of one."""
        if entry.name != "meta.yaml":
            return None
        head = entry.head()
        told = re.search(rb"^run_(?:id|uuid): *'?([0-9a-zA-Z_-]+)", head, re.MULTILINE)
        run = told[1].decode() if told and all(sign in head for sign in _SIGNS) else ""
        if not run and not _is_run_directory(entry):
            return None
        hints = (("id", mlflow_run.uid(run)),) if run else ()
        return Claim(
            self.name, entry.path, entry.directory, "tool", "series", 2, "mlflow", hints, members=MEMBERS
        )  # fmt: skip

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """What the run is, then what its metric files hold behind their offsets."""
        directory = os.fspath(path.parent)
        known = _offsets(cursor)
        reading = _Reading(path, self.name, known if known is not None and _continues(directory, known) else None)
        yield from reading.batches(directory)


def _is_run_directory(entry: Entry) -> bool:
    """While `meta.yaml` is being written anew it may be empty: then the place tells."""
    return bool(mlflow_texts.RUN.fullmatch(entry.folder)) and not entry.siblings.isdisjoint(MEMBERS[:3])


Offsets = dict[str, list[int]]
"""Metric → bytes that were read, a checksum of the last of them, and how many points they held."""


@dataclass(slots=True)
class _Reading:
    path: Path
    reader: str
    known: Offsets | None
    problems: list[Problem] = field(default_factory=list)

    def batches(self, directory: str) -> Iterator[Batch]:
        run, params = self._run(directory), mlflow_texts.texts(f"{directory}/params")
        anew = self.known is None
        offsets: Offsets = dict(self.known or {})
        facts = mlflow_run.facts(run, anew=anew)
        first = Batch(
            Cursor(),
            params=mlflow_run.params(params.items()),
            facts=facts,
            restart=anew,
            ids=(mlflow_run.uid(run.run_id),),
        )
        points: dict[str, Points] = {}
        gathered = 0
        for name, file in mlflow_texts.files(f"{directory}/metrics"):
            for data in self._new(name, file, offsets, torn_ends=run.status in ("RUNNING", "")):
                if name in points:
                    yield _piece(first, offsets, points, self._told())
                    first, points, gathered = Batch(Cursor()), {}, 0
                points[name] = data
                gathered += len(data)
            if gathered > CHUNK // 32:
                yield _piece(first, offsets, points, self._told())
                first, points, gathered = Batch(Cursor()), {}, 0
        yield _piece(first, offsets, points, self._told())

    def _told(self) -> tuple[Problem, ...]:
        told, self.problems = tuple(self.problems), []
        return told

    def _problem(self, what: str, effect: str) -> None:
        if len(self.problems) < 100:
            self.problems.append(Problem(str(self.path), None, self.reader, what, effect))

    def _run(self, directory: str) -> MlflowRun:
        own = os.path.basename(directory)  # noqa: PTH119 - this runs for each of very many small directories
        try:
            meta = mlflow_texts.flat(mlflow_texts.text_of(os.fspath(self.path)))
        except ReaderFault as fault:
            self._problem(fault.what, "name, state and times of the run are not known")
            meta = {}
        return MlflowRun(
            run_id=str(meta.get("run_id") or meta.get("run_uuid") or own),
            name=str(meta.get("run_name") or meta.get("name") or ""),
            experiment=mlflow_texts.experiment(os.path.dirname(directory)),  # noqa: PTH120
            status=mlflow_run.status_word(meta.get("status")) if meta else "",
            started=meta.get("start_time"),
            ended=meta.get("end_time"),
            user=str(meta.get("user_id") or ""),
            source=str(meta.get("source_name") or ""),
            commit=str(meta.get("source_version") or ""),
            deleted=meta.get("lifecycle_stage") == "deleted" or f"/{TRASH}/" in directory,
            tags=mlflow_texts.texts(f"{directory}/tags"),
            datasets=mlflow_texts.datasets(directory),
        )

    def _new(self, name: str, file: str, offsets: Offsets, torn_ends: bool) -> Iterator[Points]:
        """What a metric's file holds behind its offset, in pieces."""
        place = offsets[name][0] if name in offsets else 0
        done = offsets[name][2] if name in offsets else 0
        with open(file, "rb", buffering=0) as source:  # noqa: PTH123
            if place:
                source.seek(place)
            rest = b""
            while data := source.read(CHUNK):
                data = rest + data
                end = data.rfind(b"\n") + 1
                if len(data) < CHUNK and not torn_ends and end < len(data) and len(data[end:].split()) in _WORDS:
                    end = len(data)  # an ended run whose last line has no end
                rest = data[end:]
                if end:
                    points = self._points(name, data[:end], done)
                    place += end
                    done += len(points) if points is not None else 0
                    offsets[name] = [place, crc32(data[max(0, end - _TAIL) : end]), done]
                    if points is not None:
                        yield points

    def _points(self, name: str, data: bytes, done: int) -> Points | None:
        """Lines of `time value step`; the first versions wrote no step, the later ones may add the data set's name and digest."""
        words, lines = data.split(), data.count(b"\n") + (not data.endswith(b"\n"))
        if lines == 1 and len(words) == 3 and words[2].isdigit() and len(words[2]) < 18:
            with suppress(ValueError):  # most metrics are logged once, in very many runs
                time, value = float(words[0]), float(words[1])
                second = time / 1000 if time >= mlflow_run.EARLIEST_MS else time
                return Points(np.array([int(words[2])]), np.array([second]), np.array([value]))
        try:
            if len(words) != 3 * lines:
                raise ValueError
            columns = np.array(list(map(float, words))).reshape(-1, 3)
        except ValueError:
            columns = self._careful(name, data, done)
        if not len(columns):
            return None
        times = columns[:, 0]
        seconds = np.where(times >= mlflow_run.EARLIEST_MS, times / 1000, times)
        steps = np.nan_to_num(columns[:, 2], nan=0.0, posinf=0.0, neginf=0.0)
        return Points(np.clip(steps, -(2.0**62), 2.0**62).astype(np.int64), seconds, columns[:, 1].copy())

    def _careful(self, name: str, data: bytes, done: int) -> np.ndarray:
        rows: list[tuple[float, float, float]] = []
        for line in data.split(b"\n"):
            words = line.split()
            try:
                if len(words) in (2, 3) or len(words) >= 5:  # a data set's name may hold spaces
                    step = float(words[2]) if len(words) > 2 else float(done + len(rows))
                    rows.append((float(words[0]), float(words[1]), step))
                elif words:
                    raise ValueError
            except ValueError:
                self._problem(f"metrics/{name}: not `time value step`: {line[:60]!r}", "the line is not shown")
        return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _piece(first: Batch, offsets: Offsets, points: Mapping[str, Points], problems: tuple[Problem, ...]) -> Batch:
    state = json.dumps(offsets, separators=(",", ":"))
    cursor = Cursor(state=state if len(state) <= LARGEST_STATE else "")
    return Batch(
        cursor, points=points, params=first.params, facts=first.facts, ids=first.ids, problems=problems,
        restart=first.restart,
    )  # fmt: skip


def _offsets(cursor: Cursor) -> Offsets | None:
    try:
        told = json.loads(cursor.state)
        return {str(name): [int(place), int(digest), int(done)] for name, (place, digest, done) in told.items()}
    except (ValueError, TypeError, AttributeError):
        return None


def _continues(directory: str, offsets: Offsets) -> bool:
    """Whether every metric file still begins with what was read of it."""
    for name, (place, digest, _) in offsets.items():
        try:
            with open(f"{directory}/metrics/{name}", "rb", buffering=0) as file:  # noqa: PTH123
                file.seek(max(0, place - _TAIL))
                if crc32(file.read(min(place, _TAIL))) != digest:
                    return False
        except OSError:
            return False
    return True


READER = MlflowFilesReader()
