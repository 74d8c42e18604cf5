"""Files that are there and tell nothing: no sign of life, and one line in Health."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from runspect.engine.reading import Task, read
from runspect.readers import readers
from runspect.readers.contract import Cursor, Reader
from runspect.readers.hollow import EMPTY, POINTER
from tests.engine.syncing import Bench, bench, log
from tests.readers import make_tfevents as tf
from tests.readers.test_tfevents import NAME, body

CONTENT = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
FILES = (
    "metrics.jsonl", "metrics.csv", "progress.tsv", NAME, "trainer_state.json", "history.json",
    "wandb/run-20240101_000000-abc/run-abc.wandb",
)  # fmt: skip


def _problems(bench: Bench) -> list[tuple[object, ...]]:
    return bench.sql("SELECT path, offset_bytes, what FROM problems_now ORDER BY path")


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.name)
def test_a_pointer_of_any_kind_is_one_problem(tmp_path: Path, reader: Reader) -> None:
    _put(tmp_path / "file", CONTENT)
    pieces = list(read(Task(0, reader.name, str(tmp_path), "file", Cursor(), len(CONTENT), 0.0, 0, hollow=True)))
    told = [problem for piece in pieces if piece.batch for problem in piece.batch.problems]
    assert [(problem.what, problem.offset) for problem in told] == [(POINTER, 0)]
    assert pieces[-1].ended and pieces[-1].size == len(CONTENT)


@pytest.mark.parametrize("name", FILES)
def test_a_pointer_is_no_sign_of_life_and_told_once(tmp_path: Path, name: str) -> None:
    _put(tmp_path / "tree/run" / name, CONTENT)
    _put(tmp_path / "tree/run/config.yaml", "lr: 1\n")
    with bench(tmp_path / "index.duckdb") as made:
        for _ in range(2):
            made.syncer.sync([tmp_path / "tree"])
        assert _problems(made) == [(f"run/{name}", 0, POINTER)]
        assert {(run["state"], run["reason"]) for run in made.runs()} <= {("unknown", POINTER)}


@pytest.mark.parametrize("name", [NAME, "metrics.jsonl", "metrics.csv"])
def test_an_empty_file_is_unknown_until_something_is_in_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / "tree/run" / name
    now = [time.time()]
    _put(path, "")
    with bench(tmp_path / "index.duckdb", lambda: now[0]) as made:
        made.syncer.sync([tmp_path / "tree"])
        (run,) = made.runs()
        assert (run["state"], run["reason"]) == ("unknown", EMPTY)
        now[0] += 7200
        made.syncer.sync([tmp_path / "tree"])
        (run,) = made.runs()
        assert run["state"] == "unknown" and run["reason"].startswith("nothing was logged, silent since 20")
        now[0] -= 7200
        if name == NAME:
            path.write_bytes(body(tf.simple("loss", 0.5)))
        else:
            path.write_text('{"step": 1, "loss": 0.5}\n' if name.endswith("l") else "step,loss\n1,0.5\n")
        made.syncer.sync([tmp_path / "tree"])
        (run,) = made.runs()
        assert run["metrics"]["loss"]["n"] == 1 and run["reason"] != EMPTY
        assert _problems(made) == []


def test_a_pointer_that_was_fetched_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tree/run/metrics.jsonl"
    _put(path, CONTENT)
    with bench(tmp_path / "index.duckdb") as made:
        made.syncer.sync([tmp_path / "tree"])
        path.unlink()
        log(path.parent, range(9))
        made.syncer.sync([tmp_path / "tree"])
        (run,) = made.runs()
        assert run["metrics"]["loss"]["n"] == 9 and run["state"] == "running"
        assert _problems(made) == []


def test_a_compressed_log_is_a_line_in_health(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    (runs / "a").mkdir(parents=True)
    (runs / "a/metrics.jsonl.gz").write_bytes(b"\x1f\x8b")
    with bench(tmp_path / "i") as made:
        made.syncer.sync([str(runs)])
        assert made.sql("SELECT path, what FROM problems_now") == [
            ("a/metrics.jsonl.gz", "a compressed log: unpack it to see it")
        ]
