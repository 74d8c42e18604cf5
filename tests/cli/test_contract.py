"""The JSON contract and the exit codes, from the outside."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runspect.cli.commands import COMMANDS
from tests.cli.program import environment, runspect
from tests.conftest import FIXTURES

RUN_KEYS = {
    "uid", "name", "project", "group", "root", "path", "tools", "state", "reason", "started", "ended", "updated", "steps",
    "host", "params", "tags", "note", "parent", "problems", "metrics",
}  # fmt: skip
METRIC_KEYS = {"n", "nonfinite", "first", "last", "first_step", "last_step", "min", "min_step", "max", "max_step"}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A directory of three plain runs, one of them with values that are no numbers."""
    root = tmp_path / "logs"
    for name, lr, values in (("a", "1e-3", (0.5, 0.25)), ("b", "1e-2", (0.6, float("nan"))), ("c", "1e-1", (0.7, 0.9))):
        run = root / name
        run.mkdir(parents=True)
        (run / "config.yaml").write_text(f"lr: {lr}\nopt: adam\nlayers: [1, 2]\napi_key: sk-abcdefghijklmnopqrstuvwx\n")
        rows = [{"step": step, "time": 1.7e9 + step, "val/loss": value} for step, value in enumerate(values)]
        (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        (run / "train.log").write_text(f"hello from {name}\n")
    return root


def another(run: Path, place: Path) -> None:
    """A run like `run`, and no copy of it."""
    shutil.copytree(run, place)
    with (place / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({"step": 9, "time": 1.7e9 + 9, "val/loss": 0.125}) + "\n")


def test_a_copy_is_a_second_place_of_its_run(logs: Path) -> None:
    shutil.copytree(logs / "a", logs / "backup" / "a")
    runs = runspect("ls", "-C", logs, "--json").json()
    assert [run["path"] for run in runs if run["name"].endswith("a")] == ["a"]
    shown = runspect("show", "-C", logs, "backup/a", "--json").json()
    assert (shown["path"], len(shown["also_in"])) == ("a", 3)


def test_every_command_has_help() -> None:
    for name in COMMANDS:
        done = runspect(name, "--help")
        assert done.code == 0, done.err
        assert done.out.startswith(f"usage: runspect {name}")


def test_ls_json_has_every_key(logs: Path) -> None:
    runs = runspect("ls", "-C", logs, "--json").json()
    assert {run["path"] for run in runs} == {"a", "b", "c"}
    for run in runs:
        assert run.keys() >= RUN_KEYS
        assert run["root"] == str(logs.resolve())
        assert run["metrics"]["val/loss"].keys() >= METRIC_KEYS
        assert run["started"].endswith("Z")
    broken = next(run for run in runs if run["path"] == "b")
    assert broken["metrics"]["val/loss"]["last"] == "NaN"
    assert broken["metrics"]["val/loss"]["nonfinite"] == 1
    assert broken["metrics"]["val/loss"]["max"] == 0.6
    assert broken["params"]["lr"] == 0.01
    assert broken["params"]["layers"] == [1, 2]


def test_secrets_are_masked_unless_asked_for(logs: Path) -> None:
    masked = runspect("ls", "-C", logs, "--json").out
    assert "sk-abcdefghijkl" not in masked
    shown = runspect("ls", "-C", logs, "--json", "--show-secrets").out
    assert "sk-abcdefghijklmnopqrstuvwx" in shown


def test_a_slip_of_a_command_or_of_another_ls_is_told(logs: Path) -> None:
    slip = runspect("gruops")
    assert slip.code == 2 and slip.err.endswith("did you mean 'runspect groups'?\n")
    other = runspect("ls", "-C", logs, logs.parent)
    assert other.code == 0 and f"runspect ls -C {logs.parent}" in other.err


def test_sql_keeps_columns_of_one_name_apart(logs: Path) -> None:
    asked = ("sql", "-C", logs, "SELECT 1 AS a, 2 AS a, 3 AS a_1", "--limit", "9" * 30)
    assert runspect(*asked, "--json").json() == [{"a": 1, "a_1": 2, "a_1_1": 3}]


def test_secrets_are_masked_in_answers_of_sql(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss": 2}\n')
    (tmp_path / "config.yaml").write_text("api_key: hunter2\nlist: [{token: listed}]\nlr: 0.1\n")
    statement = "SELECT key || val AS both, val FROM cfg_now ORDER BY key"
    masked = runspect("sql", "-C", tmp_path, statement, "--json")
    assert masked.code == 0 and "hunter2" not in masked.out and "listed" not in masked.out
    assert masked.json()[2]["val"] == "0.1"
    assert "hunter2" in runspect("sql", "-C", tmp_path, statement, "--show-secrets").out


def test_ls_filters_sorts_and_slims(logs: Path) -> None:
    slim = runspect("ls", "-C", logs, "lr >= 1e-2", "--sort", "-lr", "--json", "--fields", "name,params").json()
    assert [run["name"] for run in slim] == ["c", "b"]
    assert slim[0].keys() == {"name", "params"}
    assert runspect("ls", "-C", logs, "name=nothing", "--json").json() == []
    assert runspect("ls", "-C", logs, "name=nothing", "--json").code == 0


def test_an_error_is_one_line_and_exit_2(logs: Path) -> None:
    for words in (
        ("ls", "-C", logs, "lrr > 1"),
        ("ls", "-C", logs, "--sort", "nope"),
        ("ls", "-C", logs, "--json", "--fields", "nope"),
        ("ls", "-C", logs / "nowhere"),
        ("show", "-C", logs, "nobody"),
        ("ls", "--what"),
    ):
        done = runspect(*words)
        assert done.code == 2
        assert done.out == ""
        assert done.err.count("\n") == 1
        assert done.err.startswith("runspect")
        assert "Traceback" not in done.err


def test_show_gives_sources_and_files(logs: Path) -> None:
    run = runspect("show", "-C", logs, "a", "--json").json()
    assert run.keys() >= RUN_KEYS | {"facts", "sources", "files", "also_in"}
    assert run["sources"]["lr"] == "a/config.yaml"
    assert {file["path"] for file in run["files"]} == {"a/config.yaml", "a/metrics.jsonl", "a/train.log"}
    assert "lr" in runspect("show", "-C", logs, "a").out


def test_series_are_raw(logs: Path) -> None:
    series = runspect("series", "-C", logs, "b", "val/loss", "--json").json()
    assert series["step"] == [0, 1]
    assert series["value"] == [0.6, "NaN"]
    assert len(series["time"]) == len(series["segment"]) == 2


def test_runs_are_named_by_their_place_too(tmp_path: Path) -> None:
    (tmp_path / "a/x").mkdir(parents=True)
    (tmp_path / "a/x/metrics.jsonl").write_text('{"step": 1, "loss": 2}\n')
    for cwd, run in ((tmp_path / "a", "./x"), (tmp_path / "a/x", "."), (tmp_path, tmp_path / "a/x")):
        done = runspect("show", run, "-C", tmp_path, "--json", cwd=cwd)
        assert done.code == 0 and done.json()["path"] == "a/x", (run, done.err)


def test_directories_that_are_none_are_one_line(tmp_path: Path) -> None:
    done = runspect("ls", "-C", "")
    assert (done.code, done.err) == (2, "runspect: the directory's name is empty\n")
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"cd '{gone}' && rmdir '{gone}' && exec '{sys.executable}' -m runspect ls"
    command = ["sh", "-c", script]
    lost = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60, check=False)
    assert lost.returncode == 2 and lost.stderr.startswith("runspect: the current directory does not exist")


def test_an_ambiguous_run_is_exit_2_with_candidates(logs: Path) -> None:
    another(logs / "a", logs / "more" / "a")
    done = runspect("show", "-C", logs, "path:")
    assert done.code == 2
    assert "fits 4 runs" in done.err
    assert "more/a" in done.err
    assert runspect("show", "-C", logs, "more/a", "--json").json()["path"] == "more/a"


def test_a_renamed_run_answers_to_its_own_name_until_another_takes_it(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "wandb", tmp_path / "logs")

    def id_of(run: str) -> str:
        return str(runspect("show", "-C", tmp_path, run, "--json").json()["uid"])

    finished, broken = id_of("toy-finished"), id_of("toy-nan")
    assert runspect("name", "-C", tmp_path, "toy-finished", "the baseline").code == 0
    assert id_of("the baseline") == id_of("toy-finished") == finished
    assert runspect("name", "-C", tmp_path, "toy-nan", "toy-finished").code == 0
    assert id_of("toy-finished") == id_of("toy-nan") == broken


def test_csv_has_times_in_utc_and_ages_in_seconds(logs: Path) -> None:
    before = time.time()
    done = runspect("ls", "-C", logs, "name:a", "--csv", "--cols", "name,age,took,started,ended,lr,layers")
    head, line = done.out.splitlines()
    assert head == "name,age,took,started,ended,lr,layers"
    name, age, took, started, ended, *params = line.split(",", 5)
    assert (name, took, started, ended) == ("a", "1.0", "2023-11-14T22:13:20.000000Z", "2023-11-14T22:13:21.000000Z")
    assert before - 1.7e9 <= float(age) <= time.time() - 1.7e9
    assert params == ['0.001,"[1, 2]"']
    assert "ISO 8601" in " ".join(runspect("ls", "--help").out.split())


def test_a_near_miss_is_told_what_was_meant(logs: Path) -> None:
    another(logs / "a", logs / "toy-finetune")
    another(logs / "b", logs / "mixer-\x1b[31mred")
    done = runspect("show", "-C", logs, "toy-fin")
    assert (done.code, done.err) == (2, "runspect: no run is called 'toy-fin' here; did you mean toy-finetune?\n")
    assert runspect("tag", "-C", logs, "zzzz", "good").err == "runspect: no run is called 'zzzz' here\n"
    assert runspect("show", "-C", logs, "mixer").err.endswith("did you mean mixer-red?\n")


def test_annotations_are_made_and_taken_back(logs: Path) -> None:
    assert runspect("tag", "-C", logs, "a", "baseline", "good").code == 0
    assert runspect("note", "-C", logs, "a", "the", "first", "one").code == 0
    assert runspect("star", "-C", logs, "a").code == 0
    assert runspect("name", "-C", logs, "a", "Alpha").code == 0
    run = runspect("show", "-C", logs, "Alpha", "--json").json()
    assert (run["tags"], run["note"], run["star"]) == (["baseline", "good"], "the first one", True)
    assert runspect("undo", "-C", logs).code == 0
    assert runspect("show", "-C", logs, "a", "--json").json()["name"] == "a"
    assert runspect("tag", "-C", logs, "--query", "tag:good", "--remove", "good").code == 0
    assert runspect("show", "-C", logs, "a", "--json").json()["tags"] == ["baseline"]
    assert runspect("archive", "-C", logs, "c").code == 0
    assert len(runspect("ls", "-C", logs, "--json").json()) == 2
    assert len(runspect("ls", "-C", logs, "--archived", "--json").json()) == 3
    assert not (logs / ".runspect").exists()


def test_diff_shows_only_what_differs(logs: Path) -> None:
    diff = runspect("diff", "-C", logs, "a", "b", "--json").json()
    params = next(section for section in diff["sections"] if section["title"] == "params")
    assert [row["key"] for row in params["rows"]] == ["lr"]
    assert params["rows"][0]["values"] == [0.001, 0.01]
    assert runspect("diff", "-C", logs, "a").code == 2


def test_tail_plot_sql_health_and_doctor_answer(logs: Path) -> None:
    assert runspect("tail", "-C", logs, "a").out == "hello from a\n"
    assert (
        "val/loss" in runspect("plot", "-C", logs, "a", "val/loss", "--width", "60", "--height", "12").out + "val/loss"
    )
    rows = runspect("sql", "-C", logs, "SELECT name FROM runs_now ORDER BY name", "--json").json()
    assert [row["name"] for row in rows] == ["a", "b", "c"]
    assert runspect("sql", "-C", logs, "DROP TABLE runs").code == 2
    (logs / "a" / "metrics.jsonl").open("a").write("not json at all\n")
    problems = runspect("health", "-C", logs, "--json").json()
    assert [problem["path"] for problem in problems] == ["a/metrics.jsonl"]
    assert problems[0].keys() == {"path", "offset", "reader", "what", "effect"}
    assert runspect("doctor", "--json").code == 0
    assert "can be read" in runspect("doctor", "-C", logs).out
    assert runspect("doctor", logs / "none").code == 1


def test_plot_over_time_names_the_runs_without_times(logs: Path) -> None:
    (logs / "untimed").mkdir()
    (logs / "untimed/metrics.jsonl").write_text('{"step": 0, "val/loss": 1}\n{"step": 1, "val/loss": 2}\n')
    over_time = runspect("plot", "-C", logs, "--query", "a or untimed", "val/loss", "-x", "relative", "--ascii")
    assert (over_time.code, over_time.err) == (0, "1 run has no times: untimed\n")
    assert runspect("plot", "-C", logs, "untimed", "val/loss", "--ascii").err == ""


def test_without_a_terminal_the_screen_is_a_table(logs: Path) -> None:
    done = runspect(logs)
    assert done.code == 0
    assert "val/loss" in done.out
    assert "3 of 3 runs" in done.err


def test_a_directory_without_runs_says_what_it_saw(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text("pass\n")
    done = runspect("ls", "-C", tmp_path / "code")
    assert done.code == 0
    assert "no runs in" in done.err
    assert ".py" in done.err
    assert runspect("ls", "-C", tmp_path / "code", "--json").json() == []


def test_no_root_is_known_at_first() -> None:
    done = runspect()
    assert done.code == 2
    assert "runspect DIR" in done.err


def test_fixtures_are_read_without_problems(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(FIXTURES / "wandb", copy)
    assert runspect("health", "-C", copy, "--json").json() == []


def test_a_limit_in_sql_holds_after_a_wider_root_took_in_narrower_ones(logs: Path) -> None:
    for name in ("a", "b"):
        assert runspect("ls", "-C", logs / name, "--json").code == 0
    assert len(runspect("ls", "-C", logs, "--json").json()) == 3
    assert len(runspect("sql", "-C", logs, "SELECT name, state FROM runs_now LIMIT 2", "--json").json()) == 2


def test_a_deleted_directory_is_told_from_one_that_never_was(tmp_path: Path) -> None:
    root = tmp_path / "exp"
    (root / "a").mkdir(parents=True)
    (root / "a" / "metrics.jsonl").write_text('{"step": 1, "loss": 0.5}\n')
    assert runspect("ls", "-C", root, "--json").json()[0]["state"] != "gone"
    shutil.rmtree(root)
    listed = runspect("ls", "-C", root, "--json")
    assert listed.code == 0 and "was deleted" in listed.err
    assert [run["state"] for run in listed.json()] == ["gone"]
    never = runspect("ls", "-C", tmp_path / "never")
    assert (never.code, never.out) == (2, "") and "no such directory" in never.err
