"""What sections of a review say of small answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.practice.report.objects import against, material, run

from runspect.practice.report.beside import comparison, references
from runspect.practice.report.charts import curves, drawn_metrics, drawn_runs
from runspect.practice.report.document import Bullets, Chart, Table, Words
from runspect.practice.report.gates import gate_text
from runspect.practice.report.history import trajectory
from runspect.practice.report.material import Drawn
from runspect.practice.report.review import review
from runspect.practice.report.rivals import alternatives, unknowns, why_not
from runspect.practice.report.words import differs_text, seeds_text

BEST = run("best", 1, 0.9)


@pytest.mark.parametrize(
    ("other", "seeds", "said"),
    [
        (run("r", 2, 0.5), (0.49, 0.5, 0.51), "worse by the objective"),
        (run("r", 2, 0.89), (0.8, 0.9, 1.0), "as good within noise: the objective does not tell them apart"),
        (run("r", 2, 0.95), (), "nothing: it is better by the objective"),
        (run("r", 2, None), (), "which is better is unknown"),
        (
            run("r", 2, 0.5, state="crashed", cause="out of memory"),
            (),
            "worse by the objective; crashed: out of memory",
        ),
        (run("r", 2, 0.5, verdict="refuted"), (), "worse by the objective; its hypothesis was judged refuted"),
        (run("r", 2, 0.5, note="too\nslow"), (), "worse by the objective; note: too slow"),
        (run("r", 2, 0.5, state="running"), (), "worse by the objective; still running"),
    ],
)
def test_what_speaks_against_a_rival(other: dict[str, object], seeds: tuple[float, ...], said: str) -> None:
    assert why_not(against(BEST, other, seeds)).text == said


def test_guards_speak_for_and_against_a_rival() -> None:
    other = run("r", 2, 0.5)
    assert why_not(against(BEST, other, guard=(1.0, 2.0))).text == "worse by the objective; worse in loss"
    assert why_not(against(BEST, other, guard=(2.0, 1.0))).text == "worse by the objective; better in loss"
    assert why_not(against(BEST, other, guard=(1.0, 1.0))).text == "worse by the objective"


def test_seeds_have_a_spread_from_three_on() -> None:
    seeds = {"rids": [1, 2, 3], "n": 3, "mean": 0.5, "std": 0.1, "low": 0.4, "high": 0.6}
    assert seeds_text(seeds) == "0.5000 ± 0.1000 of 3 seeds"
    assert seeds_text({**seeds, "n": 2, "rids": [1, 2]}) == "mean 0.5000 of 2 seeds: spread unknown"
    assert seeds_text({**seeds, "n": 1, "rids": [1]}) == "1 seed: spread unknown"
    assert seeds_text({**seeds, "n": 0, "mean": None}) == "3 seeds, none with a value"


def test_the_champion_then_the_baseline_then_the_best_other_config() -> None:
    champion, base, rival = (against(BEST, run(name, rid, 0.5)) for name, rid in (("c", 2), ("b", 3), ("r", 4)))
    told = material(BEST, (champion, rival), champion=champion, baseline=base)
    assert [(title, each["name"]) for title, each in references(told.review)] == [("champion", "c"), ("baseline", "b")]
    assert [each["name"] for each in drawn_runs(told.review)] == ["best", "c", "b", "r"]
    itself = material(BEST, (rival,), champion=against(BEST, BEST))
    assert [title for title, _ in references(itself.review)] == ["best other config"]
    (said,) = [each.text for each in comparison(itself).blocks if isinstance(each, Words) and each.tone == "warn"]
    assert said == "The recommended run is the champion itself."


@pytest.mark.parametrize(("directions", "label"), [({}, "ms"), ({"ms": "down"}, "ms, lower is better")])
def test_an_axis_says_which_way_the_policy_wants_it(directions: dict[str, str], label: str) -> None:
    told = material(BEST, directions=directions)
    drawn = curves(replace(told, curves=(Drawn(1, "ms", (0.0, 1.0), (3.0, 2.0)),)))
    assert [block.y_label for block in drawn.blocks if isinstance(block, Chart)] == [label]


def test_the_objective_is_drawn_first_and_nothing_that_was_not_logged() -> None:
    assert drawn_metrics("acc", ["loss", "gone"], [], ["lr", "acc"], ["lr", "loss", "acc"]) == ["acc", "loss", "lr"]
    assert drawn_metrics(None, [], [], [], ["acc"]) == []


def test_standard_metrics_are_drawn_behind_the_guards_and_before_what_is_usual() -> None:
    logged = ["lr", "val/F1", "val/ece", "val/loss", "top1", "top5"]
    drawn = drawn_metrics("val/loss", ["val/ece"], ["f1", "top*", "val/loss", "gone"], ["lr"], logged)
    assert drawn == ["val/loss", "val/ece", "val/F1", "top1", "top5", "lr"]


def test_differences_are_few_and_what_is_unknown_is_said() -> None:
    many = [{"param": f"p{at}", "run": at, "other": None} for at in range(6)]
    assert differs_text(many).endswith("p3 ─ (not 3); 2 more")
    assert differs_text([]) == "nothing but seeds, paths and what the policy ignores"
    assert differs_text(None) == "unknown: a config is missing"


def test_gates_in_words() -> None:
    gate = {"criteria": [{}], "passed": 5, "of": 6, "word": "open"}
    assert gate_text({"to": "candidate", "stage": "exploration", "gate": gate}) == "gate to candidate: 5 of 6 met, open"
    assert gate_text({"to": "candidate", "stage": "exploration", "gate": None}) == "no gate to candidate"
    assert gate_text({"to": None, "stage": "production", "gate": None}) == "in the last stage, production"


def test_records_are_a_staircase_and_a_table() -> None:
    first = {
        "when": "2026-11-01T00:00:00.000000Z", "name": "a", "value": 0.5, "delta": None, "percent": None, "noise": None, "tries": 0,
        "changes": None, "hypothesis": None,
    }  # fmt: skip
    noise = {"kind": "within", "n": 5, "sigma": 0.1, "sigmas": 2.1, "limit": 0.4}
    second = {
        **first, "when": "2026-11-03T00:00:00.000000Z", "name": "b", "value": 0.7, "delta": 0.2, "percent": 40.0, "noise": noise,
        "changes": [{"param": "lr", "before": 0.1, "after": 0.2}],
    }  # fmt: skip
    told = {
        "improvements": [first, second],
        "compared": 9,
        "undated": 1,
        "metric": "acc:max",
        "direction": "up",
        "dead_ends": [],
    }
    _, chart, table = trajectory(told).blocks
    assert isinstance(chart, Chart)
    assert (chart.lines[0].x[1] - chart.lines[0].x[0], chart.lines[0].y) == (2 * 86400, (0.5, 0.7))
    assert isinstance(table, Table)
    assert [cell.text for cell in table.rows[1]][2:6] == [
        "0.7000",
        "+40 %, 2.1 σ of 5 seeds: within noise",
        "0",
        "lr 0.1 → 0.2",
    ]
    (nothing,) = trajectory(None).blocks
    assert nothing == Words("Unknown: no run tells a time.", "dim")


def test_a_review_of_a_lone_run_says_what_it_lacks() -> None:
    lone = run("lone", 1, 0.5, state="running", reason="it lives")
    told = material(lone, judged_by="guess", version=None)
    (unknown,) = unknowns(told).blocks
    assert isinstance(unknown, Bullets)
    said = " ".join(cell.text for cell in unknown.items)
    for words in (
        "is a guess",
        "version of the data set",
        "1 of 9 runs have no finite acc:max",
        "running, not finished",
        "1 seed",
    ):
        assert words in said
    whole = review(told)
    assert whole.title == "Model review: lone on cifar10@v1"
    assert "No other config was compared." in whole.summary[2].text
    assert alternatives(told).blocks[0] == Words(
        "No other config on this data set has a value: nothing was compared.", "warn"
    )


def test_a_run_without_a_value_is_no_recommendation_by_numbers() -> None:
    told = material(run("nan", 1, None, None), (against(run("nan", 1, None), run("r", 2, 0.5)),))
    assert "nan has no finite acc:max: it cannot be ranked among 8 runs." in review(told).summary[1].text


def test_a_worse_run_with_a_worse_guard_is_worse_in_both() -> None:
    low = run("low", 2, 0.1)
    for one, other, link in ((low, BEST, "and"), (BEST, low, "but")):
        rival = against(one, other, guard=(0.9, 0.1))
        assert f", {link} worse in loss." in review(material(one, (rival,))).summary[2].text
