"""Where the recommended run came from: provenance with its gaps, the hypothesis, and what people said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runspect.practice.report.document import Block, Cell, Facts, Section, Table, Tone, Words
from runspect.practice.report.material import Material
from runspect.practice.report.words import NONE, UNKNOWN, cut, day, utc


def provenance(material: Material) -> Section:
    """The score, part by part, and what would close each gap."""
    told: Mapping[str, Any] | None = material.run.get("provenance")
    if told is None:
        return Section("Provenance", (Words("unknown", "dim"),))
    rows = tuple(
        (
            Cell(part["part"]),
            Cell(f"{part['percent']:.0f} %", _tone(part["percent"])),
            Cell(cut(part["known"])) if part["known"] else NONE,
            Cell(part["gap"] or "", "warn"),
            Cell((part["closes"] or "").replace("`", ""), "dim"),
        )
        for part in told["parts"]
    )
    gaps = sum(part["gap"] is not None for part in told["parts"])
    said = "everything that a rebuild needs is recorded" if not gaps else f"{gaps} of {len(rows)} parts have gaps"
    return Section(
        "Provenance",
        (
            Words(f"{told['score']} of 100: {said}.", "strong"),
            Table(("part", "known", "what", "gap", "what would close it"), rows, frozenset((1,))),
        ),
    )


def _tone(percent: float) -> Tone:
    return "good" if percent >= 100 else "bad" if percent <= 0 else "warn"


def intent(material: Material) -> Section:
    """Hypothesis, verdict, note and tags."""
    run, review = material.run, material.review["run"]
    told: Mapping[str, Any] | None = run.get("hypothesis_about")
    rows: list[tuple[str, Cell]] = []
    if told is None:
        rows.append(("hypothesis", Cell("none was written down", "warn")))
    else:
        rows.append(("hypothesis", Cell(told["text"], "strong")))
        after = told["lead_s"] is not None and told["lead_s"] < 0
        by = f" by {told['who']}" if told["who"] else ""
        lead = f", {told['lead']}" if told["lead"] else ""
        how = "in retrospect" if told["retrospective"] else ""
        words = " ".join(part for part in (how, f"{utc(told['written'])}{by}{lead}") if part)
        rows.append(("written", Cell(words, "warn" if after or told["retrospective"] else "plain")))
        if told["by"]:
            rows.append(("time box", Cell(f"until {day(told['by'])}")))
    verdict = run.get("verdict_about") or {}
    rows.append(("verdict", _verdict(verdict)))
    rows.append(("note", Cell(str(review["note"])) if review["note"] else Cell("none", "dim")))
    tags = review["tags"] or ()
    rows.append(("tags", Cell(", ".join(map(str, tags))) if tags else Cell("none", "dim")))
    rows.append(("stage", Cell(str(review["stage"])) if review["stage"] else UNKNOWN))
    blocks: tuple[Block, ...] = (Facts(tuple(rows)),)
    return Section("Hypothesis and verdict", blocks)


def _verdict(told: Mapping[str, Any]) -> Cell:
    if not told:
        return Cell("not judged yet", "warn")
    tones: Mapping[str, Tone] = {"supported": "good", "refuted": "bad"}
    note = f": {told['note']}" if told["note"] else ""
    who = f" ({told['who']}, {utc(told['when'])}{', in retrospect' if told['retrospective'] else ''})"
    return Cell(f"{told['verdict']}{note}{who}", tones.get(told["verdict"], "plain"))
