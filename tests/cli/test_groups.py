"""`runspect groups` and `runspect pivot` on logs with a known answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import runspect


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Two learning rates by two optimizers, three seeds of each but one; one run without a config."""
    root = tmp_path / "exp"
    for lr in ("1e-3", "1e-2"):
        for opt in ("adam", "sgd"):
            for seed in range(3 if (lr, opt) != ("1e-2", "sgd") else 1):
                name = f"{opt}-{lr}-s{seed}"
                run = root / name
                run.mkdir(parents=True)
                spelled = lr if seed else str(float(lr))
                (run / "config.yaml").write_text(
                    f"lr: {spelled}\nopt: {opt}\nseed: {seed}\nout_dir: {run}\ncache: /tmp/{seed}\nrun_name: {name}\n"
                )
                loss = float(lr) * 100 + (opt == "sgd") + seed / 10
                (run / "metrics.jsonl").write_text(json.dumps({"step": 1, "time": 1.7e9, "val/loss": loss}) + "\n")
    (root / "bare").mkdir()
    (root / "bare" / "metrics.jsonl").write_text(json.dumps({"step": 1, "time": 1.7e9, "val/loss": 9.0}) + "\n")
    return root


def test_seeds_of_one_config_are_a_group(runs: Path) -> None:
    found = runspect("groups", "-C", runs, "--sort", "val/loss:best", "--json").json()
    assert [(group["title"], group["n"]) for group in found] == [
        ("adam-1e-3", 3), ("adam-1e-2", 3), ("sgd-1e-3", 3), ("sgd-1e-2-s0", 1), ("bare", 1),
    ]  # fmt: skip
    best = found[0]["values"]["val/loss:best"]
    assert best["mean"] == pytest.approx(0.2)
    assert best["std"] == pytest.approx(0.1)
    assert (best["n"], best["low"], best["high"]) == (3, pytest.approx(0.1), pytest.approx(0.3))
    assert len(found[0]["runs"]) == 3
    text = runspect("groups", "-C", runs, "--least", "2").out
    assert "0.2000 ±0.10 *" in text and text.count("*") == 1
    assert "bare" not in text


def test_groups_by_columns(runs: Path) -> None:
    found = runspect(
        "groups", "-C", runs, "--by", "opt,lr", "--cols", "val/loss:min,state", "--sort", "-n", "opt:sgd", "--json"
    ).json()
    assert [(group["keys"], group["n"]) for group in found] == [
        ({"opt": "sgd", "lr": 0.001}, 3),
        ({"opt": "sgd", "lr": 0.01}, 1),
    ]
    assert found[1]["values"]["val/loss:min"]["std"] is None
    lines = runspect(
        "groups", "-C", runs, "--by", "opt", "--cols", "val/loss:min", "--sort", "opt", "--csv"
    ).out.splitlines()
    assert lines[0] == "opt,n,val/loss:min mean,val/loss:min std,val/loss:min n,val/loss:min min,val/loss:min max"
    assert lines[1].startswith("adam,6,0.6")
    assert lines[3].startswith("─,1,9")


def test_what_is_ignored_can_be_said(runs: Path) -> None:
    found = runspect("groups", "-C", runs, "--ignore", "opt", "--json").json()
    assert sorted(group["n"] for group in found) == [1, 4, 6]


def test_a_pivot(runs: Path) -> None:
    found = runspect("pivot", "-C", runs, "lr", "opt", "val/loss:min", "--json").json()
    assert found["rows"] == {"by": "lr", "values": [0.001, 0.01]}
    assert found["columns"] == {"by": "opt", "values": ["adam", "sgd"]}
    assert [[cell["n"] for cell in line] for line in found["cells"]] == [[3, 3], [3, 1]]
    assert found["best"] == [0, 0]
    text = runspect("pivot", "-C", runs, "lr", "opt", "val/loss:min").out
    usual = runspect("pivot", "-C", runs, "lr", "opt", "--json").json()
    assert usual["metric"] == "val/loss:best" and usual["cells"] == found["cells"]
    (runs / "runspect.toml").write_text('objective = "val/loss:last"\n')
    assert runspect("pivot", "-C", runs, "lr", "opt", "--json").json()["metric"] == "val/loss:last"
    points = runspect("scatter", "-C", runs, "lr", "--json").json()
    assert points == runspect("scatter", "-C", runs, "lr", "val/loss:last", "--json").json()
    assert "0.2000 ±0.10 (3) *" in text
    assert runspect("pivot", "-C", runs, "lr", "opt", "val/loss:min", "--csv").out.splitlines()[0] == "lr,adam,sgd"


def test_what_cannot_be_grouped(runs: Path) -> None:
    assert runspect("groups", "-C", runs, "name:nobody", "--json").code == 1
    assert runspect("groups", "-C", runs, "--by", ",").code == 2
    unknown = runspect("groups", "-C", runs, "--by", "opt,learnrate")
    assert unknown.code == 2 and "'learnrate'" in unknown.err
    assert runspect("groups", "-C", runs, "--cols", "val/los:min").code == 2
    assert runspect("pivot", "-C", runs, "nothing", "opt", "val/loss").code == 2
    assert runspect("pivot", "-C", runs, "lr", "opt", "val/loss", "name:bare").code == 1
    assert runspect("pivot", "-C", runs, "lr", "cache", "val/loss", "name:bare").code == 1


@pytest.mark.parametrize("query", ["has:nan", "name:bare", "name:nobody"])
def test_a_column_that_no_run_of_the_query_has_is_empty(runs: Path, query: str) -> None:
    done = runspect("ls", "-C", runs, query, "--cols", "name,lr,val/loss:nan.step", "--csv")
    assert done.code == 0
    assert done.out.splitlines() == ["name,lr,val/loss:nan.step", *(["bare,,"] if query == "name:bare" else [])]


def test_columns_of_no_runs_are_a_header(tmp_path: Path) -> None:
    done = runspect("ls", "-C", tmp_path, "--cols", "name,lr,~loss,a - b,loss:min", "--sort", "-lr", "--csv")
    assert (done.code, done.out) == (0, "name,lr,~loss,a - b,loss:min\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["groups", "--by", "opts"], "'opts'; did you mean opt?"),
        (["groups", "--by", "opt", "--cols", "val/los"], "'val/los'; did you mean val/loss?"),
        (["groups", "--by", "opt", "--sort", "-lr"], "groups are sorted by what is shown, opt, val/loss:best, n, not by lr"),
        (["pivot", "lrr", "opt", "val/loss", "--json"], "'lrr'; did you mean lr?"),
        (["scatter", "lrr", "val/loss", "--json"], "'lrr'; did you mean lr?"),
        (["ls", "--sort", "-val/los"], "'val/los'; did you mean val/loss?"),
        (["ls", "--cols", "name,val/loss:mim"], "a metric has no 'mim', but last, first, min, max, best, mean, n, nan"),
    ],
)  # fmt: skip
def test_a_name_that_nothing_has_is_refused(runs: Path, words: list[str], said: str) -> None:
    done = runspect(words[0], "-C", runs, *words[1:])
    assert (done.code, done.out) == (2, "")
    assert said in done.err
