"""DVCLive: a table for every metric, `<run>/plots/metrics/train/loss.tsv`; beside them metrics.json and params.yaml.

A table's header is `[timestamp\\t]step\\t<last part of the metric's name>`, times in milliseconds; the rest of the name is
the path. `metrics.json` holds the last values, nested, with `step`; it is written anew at each step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from runspect.errors import ReaderFault
from runspect.model import Claim
from runspect.readers import json_plain, number_lists
from runspect.readers.contract import Batch, Cursor, Entry, Mode, Points
from runspect.readers.csv_table import CsvReader
from runspect.readers.flatten import flatten
from runspect.readers.single import single
from runspect.readers.whole import read_whole

PLACES = ("plots/metrics", "plots/scalars", "scalars")
"""Where the tables lie below the run's directory; the later ones in versions before 1.0, which also put them into it."""
HOME = "dvclive"
SUMMARY = "metrics.json"
OLD_SUMMARY = f"{HOME}.json"


class DvcliveReader:
    """One table: a series named by its path."""

    name = "dvclive"
    mode: Mode = "append"
    precision = 3
    names = ("*.tsv",)

    def claim(self, entry: Entry) -> Claim | None:
        """A `.tsv` of one metric at one of the places."""
        place = _place(entry.path)
        if place is None or not _is_table(entry.name, entry.head()):
            return None
        root, _ = place
        return Claim(self.name, entry.path, root, "tool", "series", 3, "dvclive")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """As a table."""
        place = _place(path.as_posix())
        name = place[1] if place else path.stem
        for batch in CsvReader().read(path, cursor):
            problems = tuple(replace(problem, reader=self.name) for problem in batch.problems)
            points = {name if len(batch.points) == 1 else key: series for key, series in batch.points.items()}
            yield replace(batch, problems=problems, points=points)


class DvcliveSummaryReader:
    """The last values: those that have no table of their own, such as the best value."""

    name = "dvclive-summary"
    mode: Mode = "replace"
    precision = 2
    names = (SUMMARY, OLD_SUMMARY)

    def claim(self, entry: Entry) -> Claim | None:
        """`metrics.json` in a directory called dvclive, or with a step beside a `dvc.yaml`; before 1.0 beside the directory."""
        if entry.name == OLD_SUMMARY and HOME in entry.siblings and entry.head().lstrip().startswith(b"{"):
            root = HOME if entry.directory == "." else f"{entry.directory}/{HOME}"
            return Claim(self.name, entry.path, root, "tool", "series", 3, "dvclive")
        if entry.name != SUMMARY or not entry.head().lstrip().startswith(b"{"):
            return None
        at_home = entry.folder == HOME
        if not at_home and not ("dvc.yaml" in entry.siblings and b'"step":' in entry.head()):
            return None
        return Claim(self.name, entry.path, entry.directory, "tool", "series", 3, "dvclive")

    def read(self, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """One point a metric, at the step that the file names."""
        return read_whole(path, cursor, self.name, _summary)


def _place(path: str) -> tuple[str, str] | None:
    """(run's directory, metric) of a table, by its path."""
    directory, _, name = path.rpartition("/")
    metric = name.removesuffix(".tsv")
    if metric == name:
        return None
    for place in PLACES:
        above, found, below = f"/{directory}/".partition(f"/{place}/")
        if found:
            return above.removeprefix("/") or ".", f"{below}{metric}"
    return (directory, metric) if directory.rpartition("/")[2] == HOME else None


def _is_table(name: str, head: bytes) -> bool:
    columns = head.partition(b"\n")[0].decode("utf-8", "replace").strip("\r\ufeff").split("\t")
    return len(columns) in (2, 3) and columns[-2:] == ["step", name.removesuffix(".tsv")]


def _summary(path: Path, text: str) -> Batch:
    found = json_plain.load(text)
    if not isinstance(found, dict):
        raise ReaderFault("no JSON object", 0)
    at = found.get("step")
    step = at if type(at) is int and abs(at) < 2**53 else 0
    values, left = number_lists.last_values(flatten(found, "/"))
    points: dict[str, Points] = {key: single(step, value) for key, value in values.items() if key != "step"}
    return Batch(Cursor(), points=points, problems=number_lists.problems(left, path, DvcliveSummaryReader.name))


READER = DvcliveReader()
