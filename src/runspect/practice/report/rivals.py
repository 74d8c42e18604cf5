"""Alternatives that were considered and why they were not taken, and what failed on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runspect.counted import counted
from runspect.practice.report.document import Block, Bullets, Cell, Section, Table, Tone, Words, cells
from runspect.practice.report.history import dead_ends
from runspect.practice.report.material import Material
from runspect.practice.report.words import (
    BAD_ENDS,
    change_cell,
    cut,
    differs_text,
    seeds_text,
    utc,
    value_cell,
    versus_of,
)
from runspect.practice.versus import FEWEST_SEEDS, Guarded


def alternatives(material: Material) -> Section:
    """The nearest other configs, best first."""
    review = material.review
    rivals, compared = review["rivals"], review["compared"]
    if not rivals:
        return Section(
            "Alternatives considered",
            (Words("No other config on this data set has a value: nothing was compared.", "warn"),),
        )
    rows = tuple(
        (
            Cell(str(each["rank"])), Cell(each["name"]), value_cell(each["value"]), Cell(seeds_text(each["seeds"])),
            change_cell(versus_of(each).change), Cell(differs_text(each["differs"])), why_not(each),
        )
        for each in rivals
    )  # fmt: skip
    table = Table(
        (
            "rank",
            "run",
            str(review["metric"]),
            "its seeds",
            "the recommended run against it",
            "what it does differently",
            "why not",
        ),
        rows,
        frozenset((0, 2)),
        f"The best run of each other config, the nearest {len(rivals):,}; {counted(compared, 'run')} of {review['runs']:,} have a value.",
    )
    return Section("Alternatives considered", (table, *dead_ends(material.trajectory)))


def why_not(rival: Mapping[str, Any]) -> Cell:
    """What speaks against a rival; that nothing does is said as well."""
    versus = versus_of(rival)
    reasons: list[tuple[str, Tone]] = [_WORDS[versus.change.verdict]]
    if spared := [guard.metric for guard in versus.guards if guard.worse is not None and _is_worse_there(guard)]:
        reasons.append((f"worse in {', '.join(spared)}", "plain"))
    if versus.worse_guards:
        reasons.append((f"better in {', '.join(versus.worse_guards)}", "warn"))
    if rival["state"] in BAD_ENDS:
        reasons.append((f"{rival['state']}: {rival['cause'] or 'cause unknown'}", "bad"))
    elif rival["state"] in ("running", "quiet"):
        reasons.append((f"still {rival['state']}", "warn"))
    if rival["verdict"] in ("refuted", "inconclusive"):
        reasons.append((f"its hypothesis was judged {rival['verdict']}", "bad"))
    if rival["note"]:
        reasons.append((f"note: {cut(rival['note'], 80)}", "plain"))
    return Cell("; ".join(text for text, _ in reasons), reasons[0][1])


_WORDS: Mapping[str, tuple[str, Tone]] = {
    "better": ("worse by the objective", "plain"),
    "worse": ("nothing: it is better by the objective", "bad"),
    "as good": ("as good within noise: the objective does not tell them apart", "warn"),
    "unknown": ("which is better is unknown", "dim"),
}
"""What the recommended run's verdict against a rival says of the rival."""


def _is_worse_there(guard: Guarded) -> bool:
    """Whether the rival is worse in a guard metric by more than is allowed."""
    if guard.delta is None or guard.way is None or guard.allowed is None:
        return False
    return (guard.delta if guard.way == "up" else -guard.delta) > guard.allowed


def failures(material: Material) -> Section:
    """What ended runs badly, by cause."""
    review = material.review
    failed, runs = review["failed"], review["runs"]
    if not failed:
        return Section("Failures", (Words(f"None of {counted(runs)} on this data set failed, crashed or was killed."),))
    rows = tuple(
        (Cell(each["cause"]), Cell(f"{each['runs']:,}"), Cell("; ".join(_example(run) for run in each["examples"])))
        for each in review["causes"]
    )
    rest = failed - sum(each["runs"] for each in review["causes"])
    more = f" {counted(rest)} of rarer causes are left out." if rest else ""
    blocks: tuple[Block, ...] = (
        Words(f"{failed:,} of {counted(runs)} on this data set ended badly ({100 * failed / runs:.0f} %).{more}"),
        Table(("cause", "runs", "newest"), rows, frozenset((1,))),
    )
    return Section("Failures", blocks)


def _example(run: Mapping[str, Any]) -> str:
    return f"{run['name']} ({utc(run['ended'] or run['started'])})"


def unknowns(material: Material) -> Section:
    """What a reader should not take for known."""
    review, run = material.review, material.review["run"]
    told = []
    if review["judged_by"] == "guess":
        why = f"no run has {review['unmet']} of the policy" if review.get("unmet") else "no policy says so"
        told.append(f"That {review['metric']} is the objective is a guess from its name: {why}.")
    elif review["judged_by"] == "recorded" and review.get("unmet"):
        told.append(
            f"{review['metric']} is the objective that the logs name: no run has {review['unmet']} of the policy."
        )
    if review["dataset"] is None:
        told.append("No run names its data set: that they are on the same one is an assumption.")
    elif review["version"] is None:
        told.append("The version of the data set is not recorded.")
    if review["runs"] > review["compared"]:
        told.append(
            f"{review['runs'] - review['compared']:,} of {counted(review['runs'])} have no finite {review['metric']}."
        )
    if run["state"] != "finished":
        told.append(f"The recommended run is {run['state']}, not finished: {cut(run['reason'])}.")
    if run["seeds"]["n"] < FEWEST_SEEDS:
        told.append(
            f"How much seeds make: {counted(run['seeds']['n'], 'seed')} of this config ended, {FEWEST_SEEDS} are needed."
        )
    if not material.run.get("params"):
        told.append("The recommended run recorded no config.")
    told += [f"{part['part']}: {part['gap']}." for part in _gaps(material.run)]
    if problems := material.run.get("problems"):
        count = len(problems) if isinstance(problems, list) else problems
        told.append(f"{counted(count, 'problem')} in reading its files; `runspect health` lists them.")
    items = cells(told) if told else cells(("Nothing that was looked for is missing.",))
    return Section("What is not known", (Bullets(items),))


def _gaps(run: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [part for part in (run.get("provenance") or {}).get("parts", ()) if part["gap"]]
