"""What a write says it changed: enough that nothing old is shown, little enough that a live run costs little."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runspect.index.annotations import load_ops
from tests.engine.syncing import Bench, bench, log

State = tuple[int, int, int, int]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two runs, one of them with params."""
    log(tmp_path / "tree" / "live", range(3))
    log(tmp_path / "tree" / "other", range(3))
    (tmp_path / "tree" / "live" / "config.json").write_text(json.dumps({"lr": 0.1}))
    return tmp_path / "tree"


@pytest.fixture
def running(tmp_path: Path, tree: Path) -> Iterator[Bench]:
    """The tree, indexed, and written to once so that its series are known to the writer."""
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tree])
        log(tree / "live", range(3, 4))
        made.syncer.sync([tree])
        yield made


def rid_of(running: Bench, name: str) -> int:
    return int(str(running.sql(f"SELECT rid FROM runs_now WHERE name = '{name}'")[0][0]))


def state(running: Bench) -> State:
    """Generations: of names, of judgements, of the live run, of what it told besides values."""
    found, rid = running.store.generations, rid_of(running, "live")
    return found.told, found.judged, found.of_run(rid), found.of_told(rid)


def test_values_of_known_metrics_change_the_run_alone(running: Bench, tree: Path) -> None:
    before, other = state(running), running.store.generations.of_run(rid_of(running, "other"))
    log(tree / "live", range(4, 6))
    running.syncer.sync([tree])
    after = state(running)
    assert (after[0], after[3]) == (before[0], before[3])
    assert after[2] > before[2]
    assert running.store.generations.of_run(rid_of(running, "other")) == other


def test_a_run_that_tells_no_start_moves_with_its_writes_and_is_judged_no_other(running: Bench, tree: Path) -> None:
    found = running.store.generations
    before = found.judged, found.ordered
    log(tree / "live", range(4, 6))
    running.syncer.sync([tree])
    assert found.judged == before[0] and found.ordered > before[1]


def test_a_run_that_tells_its_start_keeps_its_place(running: Bench, tree: Path) -> None:
    now = time.time()
    log(tree / "timed", range(3), time=now - 9)
    running.syncer.sync([tree])
    log(tree / "timed", range(3, 4), time=now - 8)
    running.syncer.sync([tree])
    found = running.store.generations
    before = found.judged, found.ordered
    log(tree / "timed", range(4, 6), time=now - 7)
    running.syncer.sync([tree])
    assert (found.judged, found.ordered) == before


@pytest.mark.parametrize("what", ["metric", "param", "run", "gone", "annotation"])
def test_whatever_may_bring_other_names_says_so(running: Bench, tree: Path, what: str) -> None:
    before, logged = state(running), running.store.generations.logged
    if what == "metric":
        log(tree / "live", range(4, 5), acc=0.5)
    elif what == "param":
        (tree / "live" / "config.json").write_text(json.dumps({"lr": 0.1, "momentum": 0.9}))
    elif what == "run":
        log(tree / "new", range(3))
    elif what == "gone":
        (tree / "live" / "config.json").unlink()
    else:
        uid = str(running.sql("SELECT uid FROM runs_now WHERE name = 'live'")[0][0])
        load_ops(running.store, [("1", 1, "ada", f"run:{uid}", "tag:good", True)])
    running.syncer.sync([tree])
    after = state(running)
    assert after[0] > before[0]
    assert (running.store.generations.logged > logged) == (what != "annotation")
    if what != "run":
        assert after[3] > before[3]


def test_a_remembered_answer_is_given_up_with_its_generation(running: Bench) -> None:
    store, asked = running.store, [0]

    def answer() -> int:
        asked[0] += 1
        return asked[0]

    generation = [1]
    assert store.remembered("a", answer, lambda: generation[0]) == 1
    assert store.remembered("a", answer, lambda: generation[0]) == 1
    generation[0] = 2
    assert store.remembered("a", answer, lambda: generation[0]) == 2


def test_an_answer_that_a_write_overtook_is_not_remembered(running: Bench) -> None:
    generation = [1]

    def overtaken() -> str:
        generation[0] += 1
        return "old"

    assert running.store.remembered("b", overtaken, lambda: generation[0]) == "old"
    assert running.store.remembered("b", lambda: "new", lambda: generation[0]) == "new"
