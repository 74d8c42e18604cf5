"""A shared folder that was made a moment ago: the rows of its runs do not tell yet what they are called in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runspect.engine.addressing import belongings
from runspect.engine.annotations import Annotations
from runspect.engine.folders import Folders
from runspect.engine.sync import Syncer
from runspect.folder import make_folder
from runspect.identity import path_id
from runspect.index.reads import runs_json
from runspect.index.store import Store
from runspect.journal import Journal
from runspect.model import Op


class Desk:
    """An engine's parts, whose syncer has left before the inner folder was made; mutable."""

    def __init__(self, tmp_path: Path) -> None:
        self.exp = tmp_path / "exp"
        run = self.exp / "b/c"
        run.mkdir(parents=True)
        (run / "metrics.csv").write_text("step,loss\n1,0.5\n2,0.25\n")
        self.outer = make_folder(str(self.exp))
        self.folders = Folders()
        self.store = Store.open(tmp_path / "index.db")
        syncer = Syncer(self.store, "here", lambda rids, progress: None, folders=self.folders)
        syncer.start()
        syncer.sync([self.exp])
        syncer.stop()
        with self.store.cursor() as cursor:
            (self.run,) = json.loads(runs_json(cursor, ()))
        journal = Journal([tmp_path / "journal"], "here", "ada")
        self.annotations = Annotations(
            self.store, journal, lambda rids, progress: None, lambda: None, folders=self.folders
        )
        self.inner = make_folder(str(self.exp / "b"))
        self.folders.look([str(self.exp / "b")])

    def said_in(self, base: Path) -> list[tuple[str, str]]:
        lines: list[dict[str, Any]] = [
            json.loads(line)
            for path in (base / ".runspect/journal").iterdir()
            for line in path.read_text().splitlines()
        ]
        return [(line["target"], line["key"]) for line in lines if "target" in line]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.annotations.close()
    made.store.close()


def test_what_is_said_then_reaches_who_has_the_inner_directory_alone(desk: Desk) -> None:
    assert desk.run["uid"] == path_id(desk.outer.ids[0], "b/c", "")
    desk.annotations.annotate("1", "screen", "ada", [Op(f"run:{desk.run['uid']}", "note", "inner")])
    assert desk.said_in(desk.exp / "b") == [(f"run:{path_id(desk.inner.ids[0], 'c', '')}", "note")]


def test_a_snapshot_lies_only_where_its_run_is_known_by_that_name(desk: Desk) -> None:
    desk.annotations.remember(1, shared=True)
    desk.annotations.refresh()
    # in the inner one, others would take it for a run of the same place that is gone
    assert desk.said_in(desk.exp / "b") == []
    assert desk.said_in(desk.exp) == [(f"run:{desk.run['uid']}", "snapshot")]


def test_what_is_taken_along_has_the_name_of_the_new_folder(desk: Desk) -> None:
    with desk.store.cursor() as cursor:
        targets = belongings(cursor, str(desk.exp / "b"), desk.folders)
    assert targets[f"run:{desk.run['uid']}"] == f"run:{path_id(desk.inner.ids[0], 'c', '')}"
