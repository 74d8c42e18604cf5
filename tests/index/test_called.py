"""Names are unique among what is shown and no longer than that takes, whatever else was ever opened."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runspect.errors import AmbiguousRun
from runspect.index import reads
from tests.engine.syncing import Bench, bench, log


def tree(top: Path) -> Path:
    """Runs of equal names below two directories."""
    places = ("l40/run0039", "l40/run0040", "l41/run0039", "l41/deep/a/train", "l41/deep/b/train")
    for number, place in enumerate(places):
        log(top / place, range(3), acc=number)
    for number, name in enumerate(("lr0.1.csv", "lr0.2.csv")):
        for sweep in ("l40/sweep", "l41/sweep"):
            (top / sweep).mkdir(exist_ok=True)
            (top / sweep / name).write_text(f"step,loss\n1,{sweep[2]}\n2,{number}\n")
    return top


def names(made: Bench, scope: Path) -> dict[str, str]:
    """Path → name as `ls --json` has them."""
    return {
        run["path"] + ("" if run["name"] not in ("lr0.1", "lr0.2") else run["name"]): run["name"]
        for run in made.runs(scope)
    }


@pytest.mark.parametrize("first", ["l40", "l41", "l41/deep", "."])
def test_a_directory_s_names_do_not_depend_on_what_was_opened_before(tmp_path: Path, first: str) -> None:
    top = tree(tmp_path / "tree")
    alone = {}
    for place in ("l40", "l41", "l41/deep"):
        with bench(tmp_path / f"{place.replace('/', '')}.duckdb") as made:
            made.syncer.sync([top / place])
            alone[place] = names(made, top / place)
    assert alone["l40"] == {"run0039": "run0039", "run0040": "run0040", "sweeplr0.1": "lr0.1", "sweeplr0.2": "lr0.2"}
    with bench(tmp_path / "index.duckdb") as made:
        for place in (first, "."):
            made.syncer.sync([top / place])
        assert {place: names(made, top / place) for place in alone} == alone
        whole = {run["name"] for run in made.runs(top)}
        assert whole >= {"l40/run0039", "l41/run0039", "l40/run0040", "a/train", "b/train", "l40/sweep/lr0.1"}
        assert len(whole) == len(made.runs(top))


def test_rows_and_run_arguments_speak_of_the_same_names(tmp_path: Path) -> None:
    top = tree(tmp_path / "tree")
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([top])
        child = (str(top / "l40"),)
        with made.store.cursor() as cursor:
            rids = reads.order(cursor, child).rids
            rows = reads.window(cursor, child, rids, ["name", "steps"])
            assert {row.name for row in rows} == {"run0039", "run0040", "lr0.1", "lr0.2"}
            assert all(row.values[0] == row.name for row in rows)
            for row in rows:
                assert reads.resolve_run(cursor, child, row.name) == (row.rid, row.uid, row.name)
            kept = {row.rid: row.name for row in reads.window(cursor, (str(top),), rids, [])}
            assert reads.resolve_run(cursor, child, "l40/run0039")[0] in kept
            up = str(top / "l39" / ".." / "l40" / "run0039")
            assert reads.resolve_run(cursor, child, up) == reads.resolve_run(
                cursor, child, str(top / "l40" / "run0039")
            )
            assert {reads.resolve_run(cursor, (str(top),), name)[0] for name in kept.values()} == set(rids)
            with pytest.raises(AmbiguousRun):
                reads.resolve_run(cursor, (str(top),), "run0039")


def test_names_that_people_gave_are_left_alone(tmp_path: Path) -> None:
    top = tree(tmp_path / "tree")
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([top])
        (run,) = [run for run in made.runs(top) if run["name"] == "l40/run0039"]
        made.annotate(run["uid"], "name", "run0040")
        assert sorted(run["name"] for run in made.runs(top / "l40"))[2:] == ["run0040", "run0040"]
        shutil.rmtree(top / "l40/run0040")
        made.syncer.sync([top])
        with made.store.cursor() as cursor:
            assert reads.called(cursor, (str(top),)) == {}
