"""A model review: whether one run should be taken, and all that speaks for and against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runspect.columns.cells import metric_text
from runspect.counted import counted
from runspect.practice.best_words import judged_text
from runspect.practice.report.beside import changed, comparison
from runspect.practice.report.charts import curves
from runspect.practice.report.document import Cell, Facts, Report, Section, Words
from runspect.practice.report.gates import gate_text, gates
from runspect.practice.report.history import cycle, trajectory
from runspect.practice.report.material import Material
from runspect.practice.report.origin import intent, provenance
from runspect.practice.report.rivals import alternatives, failures, unknowns
from runspect.practice.report.words import seeds_text, took_text, utc, versus_of
from runspect.practice.versus_words import change_text


def review(material: Material, head: Sequence[tuple[str, str]] = ()) -> Report:
    """The report on the run that `material` is about."""
    sections = (
        data(material),
        trajectory(material.trajectory),
        comparison(material),
        changed(material),
        gates(material.gates),
        provenance(material),
        intent(material),
        curves(material),
        alternatives(material),
        failures(material),
        cycle(material.cycle),
        unknowns(material),
    )
    title = f"Model review: {material.review['run']['name']}{_on(material.review)}"
    return Report(title, summary(material), sections, tuple(head))


def summary(material: Material) -> tuple[Words, ...]:
    """The question, and the answer in a few sentences."""
    told = material.review
    run = told["run"]
    return (
        Words(f"Question: {material.question.words or _question(material)}"),
        Words(_answer(told, run), "strong"),
        Words(_beside(told, run)),
        Words(_standing(material)),
    )


def _question(material: Material) -> str:
    told = material.review
    if material.question.run:
        return f"may {told['run']['name']} be taken{_on(told)}?"
    return f"which run is the best{_on(told)}, and does its lead hold?"


def _on(told: Mapping[str, Any]) -> str:
    """` on cifar10`; of runs that name no data set ` among the runs of resnet`, or nothing."""
    if told["dataset"] is not None:
        return f" on {told['title']}"
    return f" among the runs of {told['place']}" if told["place"] else ""


def _answer(told: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    metric = told["metric"] or "the objective"
    if run["value"] is None or run["rank"] is None:
        return f"{run['name']} has no finite {metric}: it cannot be ranked among {counted(told['compared'], 'run')}."
    ties = f", a value that {counted(told['ties'], 'run')} share" if run["rank"] == 1 and told["ties"] > 1 else ""
    return (
        f"{run['name']} reaches {metric} {metric_text(run['value'])}, rank {run['rank']:,} of {counted(told['compared'], 'run')}"
        f"{ties} ({seeds_text(run['seeds'])})."
    )


def _beside(told: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    champion, rivals = told["champion"], told["rivals"]
    if champion is not None and champion["rid"] == run["rid"]:
        first = "It is the champion of this data set itself."
    elif champion is not None:
        first = f"Against the champion {champion['name']}: {_change(champion)}."
    else:
        first = "There is no champion on this data set."
    if not rivals:
        return f"{first} No other config was compared."
    return f"{first} Against the best other config, {rivals[0]['name']}: {_change(rivals[0])}."


def _change(other: Mapping[str, Any]) -> str:
    versus = versus_of(other)
    link = "and" if versus.change.verdict == "worse" else "but"
    bought = f", {link} worse in {', '.join(versus.worse_guards)}" if versus.worse_guards else ""
    return f"{change_text(versus.change)}{bought}"


def _standing(material: Material) -> str:
    run = material.review["run"]
    told = material.run.get("provenance")
    parts = [
        f"provenance {told['score']} of 100" if told else "provenance unknown",
        f"verdict {run['verdict']}" if run["verdict"] else "no verdict",
        f"stage {run['stage']}" if run["stage"] else "no stage",
        f"state {run['state']}",
        *(gate_text(each) for each in material.gates),
    ]
    said = ", ".join(parts)
    return f"{said[:1].upper()}{said[1:]}."


def data(material: Material) -> Section:
    """The data set, how it is judged, and what was looked at."""
    told, run = material.review, material.review["run"]
    states = ", ".join(f"{runs:,} {state}" for state, runs in told["states"].items())
    rows = [
        ("data set", Cell(told["title"])),
        ("version", Cell(told["version"]) if told["version"] else Cell("not recorded", "warn")),
        ("objective", Cell(judged_text(told))),
        ("runs", Cell(f"{counted(told['runs'])} ({states}), {told['compared']:,} with a value")),
        ("asked for", Cell(_asked(material))),
        ("recommended", Cell(run["name"], "strong")),
        ("its id", Cell(run["uid"])),
        ("ran", Cell(f"{utc(run['started'])}, {took_text(run['took'])}, {run['state']}: {run['reason']}")),
    ]
    if others := told["others"]:
        names = ", ".join(f"{each['title']} ({counted(each['runs'])})" for each in others[:8])
        more = f", {len(others) - 8:,} more" if len(others) > 8 else ""
        rows.append(("not reported", Cell(f"other data sets among these runs: {names}{more}", "dim")))
    return Section("Data and objective", (Facts(tuple(rows)),))


def _asked(material: Material) -> str:
    question = material.question
    which = f"the run {question.run}" if question.run else "the best run"
    of = f"the runs of {question.query}" if question.query else "all runs"
    outside = "" if material.review["in_query"] else "; it is none of them"
    return f"{which} among {of}{outside}"
