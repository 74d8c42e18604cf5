"""`runspect report` on logs with a known answer, and on logs that would like to be more than text."""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.cli.program import runspect

SECRET = "hf_" + "a1b2c3d4" * 4
POLICY = """
[datasets.cifar10]
objective = "val/acc:max"
[guards]
"val/loss:last" = {direction = "down", tolerance = "5 %"}
[gates.candidate]
metrics = ["val/acc:max >= 0.8"]
seeds = 2
"""


def write(
    root: Path, name: str, config: dict[str, Any], accs: list[float], losses: list[float], after: float = 0.0
) -> None:
    run = root / name
    run.mkdir(parents=True)
    (run / "config.json").write_text(
        json.dumps({"dataset": "cifar10", "dataset_version": "v1", "api_key": SECRET, **config})
    )
    rows = [
        {"step": 10 * at, "time": 1.79e9 + after + 60 * at, "val/acc": acc, "val/loss": loss}
        for at, (acc, loss) in enumerate(zip(accs, losses, strict=True))
    ]
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Two configs of three seeds, a rival beyond the noise, one that crashed, one on another data set."""
    root = tmp_path / "exp"
    for seed, acc in enumerate((0.90, 0.91, 0.92)):
        write(root, f"good-{seed}", {"lr": 0.1, "seed": seed}, [0.5, acc, acc - 0.01], [0.9, 0.5, 0.4])
    for seed, acc in enumerate((0.70, 0.71, 0.72)):
        write(root, f"old-{seed}", {"lr": 0.01, "seed": seed}, [0.4, acc], [0.9, 0.3], -9999)
    write(root, "odd", {"lr": 1.0, "opt": "sgd"}, [0.1, 0.2], [2.0, 2.5])
    (root / "odd" / "train.log").write_text(
        'Traceback (most recent call last):\n  File "t.py", line 1\nRuntimeError: CUDA out of memory\n'
    )
    write(root, "other", {"dataset": "svhn", "lr": 0.1}, [0.3], [0.4])
    (root / "runspect.toml").write_text(POLICY)
    return root


def test_the_best_run_is_reported_with_the_numbers_of_best_and_its_seeds(runs: Path) -> None:
    told = runspect("report", "-C", runs, "--json").json()
    (best,) = runspect("best", "-C", runs, "-d", "cifar10", "--json").json()
    assert (told["kind"], told["title"], told["on"]) == ("review", "Model review: good-2 on cifar10@v1", "cifar10@v1")
    run = told["run"]
    assert (run["uid"], run["value"], run["step"]) == tuple(best["best"][0][key] for key in ("uid", "value", "step"))
    assert (told["runs"], told["compared"], told["metric"]) == (best["runs"], best["compared"], best["metric"])
    assert run["seeds"]["n"] == 3
    assert run["seeds"]["std"] == pytest.approx(statistics.stdev((0.90, 0.91, 0.92)))
    assert [(each["name"], each["differs"]) for each in told["rivals"]] == [
        ("old-2", [{"param": "lr", "run": 0.1, "other": 0.01}]),
        ("odd", [{"param": "lr", "run": 0.1, "other": 1.0}, {"param": "opt", "run": None, "other": "sgd"}]),
    ]
    change = told["rivals"][0]["versus"]["change"]
    assert change["delta"] == pytest.approx(0.2)
    assert (change["verdict"], change["noise"]["n"]) == ("better", 3)
    assert change["noise"]["sigmas"] == pytest.approx(0.2 / statistics.stdev((0.70, 0.71, 0.72)))
    assert [(each["metric"], each["worse"]) for each in told["rivals"][0]["versus"]["guards"]] == [
        ("val/loss:last", True)
    ]
    assert told["directions"] == {"val/acc": "up", "val/loss": "down"}
    assert [(each["cause"], each["runs"]) for each in told["causes"]] == [("out of memory", 1)]
    assert "rid" not in json.dumps(told)


def test_what_people_read(runs: Path) -> None:
    text = runspect("report", "-C", runs, "--md").out
    assert text.startswith("# Model review: good-2 on cifar10@v1\n")
    assert "good-2 reaches val/acc:max 0.9200, rank 1 of 7 runs (0.9100 ± 0.0100 of 3 seeds)." in text
    assert "There is no champion on this data set." in text
    assert "+28 %, better, 20 σ of 3 seeds, but worse in val/loss:last" in text
    assert "| lr | 0.01 | 0.1 |" in text
    assert "Gate to candidate: " in text
    assert "1 of 7 runs on this data set ended badly" in text
    assert "svhn@v1 (1 run)" in text
    assert "no commit is recorded" in text
    for title in (
        "Trajectory",
        "Provenance",
        "Curves",
        "Alternatives considered",
        "Failures",
        "Cycle",
        "What is not known",
    ):
        assert f"\n## {title}\n" in text


def test_a_run_is_named_and_measured_against_the_champion(runs: Path) -> None:
    assert runspect("promote", "-C", runs, "old-1", "--to", "production", "--why", "first", "--force").code == 0
    told = runspect("report", "-C", runs, "--run", "good-0", "--question", "May it replace old-1?", "--json").json()
    assert (told["run"]["name"], told["run"]["rank"]) == ("good-0", 3)
    assert told["champion"]["name"] == "old-1"
    assert told["champion"]["versus"]["change"]["delta"] == pytest.approx(0.90 - 0.71)
    change = told["champion"]["versus"]["change"]
    versus = runspect("versus", "-C", runs, "good-0", "--json").json()["comparisons"][0]
    assert versus["against"] == "champion"
    assert [change[key] for key in ("delta", "percent", "noise")] == [
        versus[key] for key in ("delta", "percent", "noise")
    ]
    guards = told["champion"]["versus"]["guards"]
    assert [(each["metric"], each["delta"], each["worse"]) for each in guards] == [
        (each["metric"], each["delta"], each["worse"]) for each in versus["guards"]
    ]
    assert told["summary"][0] == "Question: May it replace old-1?"
    assert "Against the champion old-1: +27 %, better" in told["summary"][2]
    itself = runspect("report", "-C", runs, "--run", "old-1", "--md").out
    assert "The recommended run is the champion itself." in itself
    assert "nothing: it is better by the objective" in itself


def test_another_metric_judges_and_a_query_says_which_runs_count(runs: Path) -> None:
    told = runspect("report", "-C", runs, "lr<0.5", "-m", "val/loss:min", "--json").json()
    assert (told["run"]["name"][:3], told["metric"], told["runs"]) == ("old", "val/loss:min", 6)
    assert told["rivals"][0]["versus"]["change"]["verdict"] == "better"
    outside = runspect("report", "-C", runs, "name:old*", "--run", "good-1", "--md").out
    assert "it is none of them" in outside


def test_standard_metrics_of_the_policy_are_drawn(runs: Path) -> None:
    for path in runs.glob("*/metrics.jsonl"):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        odd = ({**row, **{f"zz/{at}": row["step"] for at in range(9)}} for row in rows)
        path.write_text("".join(json.dumps(row) + "\n" for row in odd))
    assert "\n**zz/8**\n" not in runspect("report", "-C", runs, "--md").out
    (runs / "runspect.toml").write_text(f'{POLICY}[metrics]\nstandard = ["zz/8", "zz/7*", "gone"]\n')
    told = runspect("report", "-C", runs, "--md").out
    titles = [line.strip("*") for line in told.splitlines() if line.startswith("**") and "/" in line.split()[0]]
    assert titles[:5] == ["val/acc: seeds as mean ± standard deviation", "val/acc", "val/loss", "zz/8", "zz/7"]


def test_runs_that_name_no_data_set_are_reported_without_one(tmp_path: Path) -> None:
    write(tmp_path / "exp", "one", {"dataset": None, "dataset_version": None}, [0.1, 0.2], [1.0, 0.5])
    told = runspect("report", "-C", tmp_path / "exp", "--md").out
    assert told.startswith("# Model review: one\n\nQuestion: which run is the best, and does its lead hold?\n")
    assert "start it with runspect record" in told


def test_one_index_gives_one_report_but_for_its_head(runs: Path) -> None:
    texts = [runspect("report", "-C", runs, "--md").out for _ in range(2)]
    bodies = [text[text.index("## Data") :] for text in texts]
    assert bodies[0] == bodies[1]
    digests = {runspect("report", "-C", runs, "--json").json()["digest"] for _ in range(2)}
    assert len(digests) == 1
    assert digests.pop() in texts[0]
    runspect("note", "-C", runs, "good-2", "now something else is known")
    assert runspect("report", "-C", runs, "--json").json()["digest"] not in texts[0]


def test_a_file_has_the_form_of_its_name(runs: Path, tmp_path: Path) -> None:
    page, text = tmp_path / "review.html", tmp_path / "review.md"
    done = runspect("report", "-C", runs, "-o", page)
    assert (done.code, done.out) == (0, "")
    assert str(page) in done.err
    root = ElementTree.fromstring(page.read_text().removeprefix("<!DOCTYPE html>"))
    charts = list(root.iter("{http://www.w3.org/2000/svg}title"))
    assert {chart.text for chart in charts} >= {"val/acc", "val/loss", "val/acc: seeds as mean ± standard deviation"}
    runspect("report", "-C", runs, "-o", text)
    assert text.read_text().startswith("# Model review")
    assert runspect("report", "-C", runs, "-o", tmp_path / "no" / "where.md").code == 2
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".review")) == []
    odd = tmp_path / "review.pdf"
    assert (runspect("report", "-C", runs, "-o", odd).code, odd.exists()) == (2, False)
    assert (runspect("report", "-C", runs, "-o", odd, "--md").code, odd.exists()) == (0, True)


def test_secrets_are_masked_in_every_form(runs: Path) -> None:
    write(runs, "leak", {"lr": 0.1, "token": SECRET, "opt": f"x {SECRET}"}, [0.95], [0.1])
    runspect("note", "-C", runs, "leak", f"export HF_TOKEN={SECRET}")
    for form in ("--md", "--html", "--json"):
        assert SECRET not in runspect("report", "-C", runs, form).out
        assert SECRET not in runspect("report", "-C", runs, "--since", "9999d", form).out


def test_names_and_texts_are_data(tmp_path: Path) -> None:
    root = tmp_path / "exp"
    names = ["<script>alert(1)", "a | b `c`", "line\nbreak", "\x1b[31mred\x1b[0m", "**bold** [x](http:evil)"]
    for at, name in enumerate(names):
        write(root, name, {"lr": at, "note|<b>": name, "opt": "```\n# x"}, [0.1, 0.2 + at / 10], [1.0, 0.5])
    page = runspect("report", "-C", root, "--html").out
    ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>"))
    assert "<script" not in page
    assert "<b>" not in page
    assert "\x1b" not in page
    text = runspect("report", "-C", root, "--md").out
    assert "\x1b" not in text
    assert not re.search(r"(?<!\\)<\w", text)
    wide = 0
    for line in text.splitlines():
        if line.startswith("|"):
            pipes = len(re.findall(r"(?<!\\)\|", line))
            assert wide in (0, pipes), line
            wide = pipes
        else:
            wide = 0
    assert text.count("```") == 2 * text.count("```text")


def test_what_happened_since(runs: Path) -> None:
    told = runspect("report", "-C", runs, "--since", "9999d", "--json").json()
    assert (told["kind"], told["runs"], told["touched"], told["failed"]) == ("digest", 8, 8, 1)
    assert [(each["title"], each["name"]) for each in told["records"]][-1] == ("cifar10@v1", "good-2")
    runspect("hypothesis", "new", "-C", runs, "a high rate is faster", "--by", "2w")
    runspect("promote", "-C", runs, "good-2", "--why", "it holds", "--force")
    told = runspect("report", "-C", runs, "--since", "1d", "--json").json()
    assert [each["text"] for each in told["hypotheses"]["opened"]] == ["a high rate is faster"]
    assert [(each["name"], each["from"], each["stage"], each["why"]) for each in told["stages"]] == [
        ("good-2", "exploration", "candidate", "it holds")
    ]
    assert told["records"] == []
    text = runspect("report", "-C", runs, "--since", "1d").out
    assert text.startswith("# Training runs from ")
    assert "1 opened, 0 answered, 0 overdue; 1 change of stage." in text
    assert "| good-2 | exploration → candidate |" in text


def test_when_there_is_nothing_to_report(runs: Path, tmp_path: Path) -> None:
    assert runspect("report", "-C", runs, "name:nobody").code == 1
    assert runspect("report", "-C", runs, "name:nobody", "--since", "7d").code == 1
    assert runspect("report", "-C", runs, "--dataset", "imagenet").code == 2
    assert runspect("report", "-C", runs, "--run", "nobody").code == 2
    assert runspect("report", "-C", runs, "--since", "soon").code == 2
    assert runspect("report", "-C", runs, "--since", "2999-01-01").code == 2
    assert runspect("report", "-C", runs, "--since", "7d", "--run", "good-1").code == 2
    write(tmp_path / "blank", "x", {}, [], [])
    assert runspect("report", "-C", tmp_path / "blank").code == 1


def test_an_old_history_that_was_copied_today_did_nothing_since(tmp_path: Path) -> None:
    root = tmp_path / "exp"
    write(root, "old", {"lr": 0.1}, [0.1, 0.2], [1.0, 0.5], -4e7)
    head = {"format": "runspect-record", "version": 1, "id": "old", "name": "old", "status": "finished"}
    times = {"started": "2025-06-01T00:00:00Z", "ended": "2025-06-01T01:00:00Z"}
    (root / "old" / "run.json").write_text(json.dumps({**head, **times}))
    told = runspect("report", "-C", root, "--since", "7d", "--json").json()
    assert (told["runs"], told["touched"], told["began"], told["ended"], told["projects"]) == (1, 0, 0, 0, [])
    assert runspect("report", "-C", root, "--since", "2025-05-31", "--json").json()["ended"] == 1
