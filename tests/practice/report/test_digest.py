"""What a digest counts: only what happened within its days."""

from __future__ import annotations

from typing import Any

from runspect.practice.report.digest import Week, digest
from runspect.rendering.markdown import markdown

RUNS: dict[str, Any] = {
    "runs": 9, "touched": 3, "began": 2, "ended": 3, "failed": 1, "stages": [],
    "projects": [{"project": "p", "runs": 3, "began": 2, "states": {"finished": 2, "crashed": 1}}],
    "causes": [{"cause": "NaN", "runs": 1, "examples": [{"uid": "u", "name": "r", "reason": "diverged", "ended": None}]}],
}  # fmt: skip


def hypothesis(id: str, written: str, by: str | None = None, judged: str | None = None) -> dict[str, Any]:
    verdict = {"verdict": "refuted", "note": "no", "who": "ada", "when": judged} if judged else None
    status = "answered" if judged else "open"
    return {"id": id, "text": f"text of {id}", "status": status, "written": written, "who": "ada", "by": by, "verdict": verdict, "runs": []}  # fmt: skip


def test_what_lies_before_and_behind_the_days_does_not_count() -> None:
    week = Week(
        "2026-11-10T00:00:00",
        "2026-11-17T00:00:00",
        "",
        RUNS,
        hypotheses=[
            hypothesis("old", "2026-11-01T00:00:00.000000Z", by="2026-11-12T00:00:00.000000Z"),
            hypothesis("new", "2026-11-11T00:00:00.000000Z", by="2026-11-30T00:00:00.000000Z"),
            hypothesis("judged", "2026-11-01T00:00:00.000000Z", judged="2026-11-16T23:59:59.500000Z"),
            hypothesis("later", "2026-11-18T00:00:00.000000Z", judged="2026-11-19T00:00:00.000000Z"),
        ],
        records=[
            {
                "title": "cifar10", "metric": "acc:max",
                "improvements": [
                    {"when": when, "uid": when, "name": when[:10], "value": 0.5, "delta": None, "percent": None, "noise": None, "changes": None}
                    for when in ("2026-11-09T23:59:59.000000Z", "2026-11-12T00:00:00.000000Z", "2026-11-17T00:00:01.000000Z")
                ],
            }
        ],
    )  # fmt: skip
    assert [each["id"] for each in week.opened] == ["new"]
    assert [each["id"] for each in week.answered] == ["judged"]
    assert [each["id"] for each in week.overdue] == ["old"]
    assert [each["name"] for _, each in week.improvements] == ["2026-11-12"]
    told = markdown(digest(week))
    assert "**3 runs of 9 were at work: 2 began, 3 ended, 1 of them badly.**" in told
    assert "1 new record; hypotheses: 1 opened, 1 answered, 1 overdue; 0 changes of stage." in told
    assert "| NaN | 1 | r (diverged) |" in told
    assert "refuted: no (ada)" in told


def test_days_in_which_nothing_happened() -> None:
    quiet = {**RUNS, "touched": 0, "ended": 0, "failed": 0, "projects": [], "causes": []}
    told = markdown(digest(Week("2026-11-10T00:00:00", "2026-11-17T00:00:00", "tag:x", quiet)))
    assert "None of 9 runs began, wrote or ended." in told
    assert "Only the runs of tag:x; hypotheses of all." in told


def test_rules_are_told_of_the_newest_week_that_has_runs() -> None:
    def kept(about: int, share: float | None) -> dict[str, Any]:
        return {"about": about, "kept": 0, "share": share}

    lint = {
        "weeks": [
            {"week": "2026-W46", "runs": 4, "rules": {"seed": kept(4, 0.75), "name": kept(0, None)}},
            {"week": "2026-W47", "runs": 0, "rules": {"seed": kept(0, None), "name": kept(0, None)}},
        ],
        "rules": {
            "seed": {"title": "a seed is recorded", **kept(8, 0.5), "trend": 0.25},
            "name": {"title": "it is named", **kept(0, None), "trend": None},
        },
    }
    week = Week("2026-11-10T00:00:00", "2026-11-17T00:00:00", "", RUNS, lint=lint)
    told = markdown(digest(week))
    assert "| kept by | 2026-W46 | 2 weeks | trend |" in told
    assert "| a seed is recorded | 75 % of 4 | 50 % of 8 | +25 points |" in told
    assert "it is named" not in told
    assert "## Rules" not in markdown(digest(Week("2026-11-10T00:00:00", "2026-11-17T00:00:00", "", RUNS)))
