"""The recommended run beside the champion and the baseline: values, noise, and what was changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runspect.columns.cells import value_text
from runspect.diff import diff_runs
from runspect.practice.report.document import Block, Cell, Section, Table, Words
from runspect.practice.report.material import Material
from runspect.practice.report.words import NONE, change_cell, cut, seeds_text, utc, value_cell, versus_of
from runspect.practice.versus_words import guard_text

MOST_ROWS = 40
ORIGINS = (
    "git_commit", "git_branch", "git_dirty", "dataset", "dataset_version", "python", "packages_sha256", "gpu", "gpu_count",
    "command",
)  # fmt: skip
"""Facts that a reader of a config diff wants to see as well."""


def comparison(material: Material) -> Section:
    """One row for each reference."""
    review = material.review
    run = review["run"]
    rows = [(Cell("recommended", "strong"), *_row(run), NONE)]
    for title, other in references(review):
        rows.append((Cell(title), *_row(other), change_cell(versus_of(other).change)))
    blocks: list[Block] = [
        Table(
            ("", "run", str(review["metric"]), "its seeds", "when", "state", "the recommended run against it"),
            tuple(rows),
            frozenset((2,)),
        )
    ]
    blocks += _guards(review)
    blocks += [Words(text, "warn") for text in _missing(review)]
    blocks.append(
        Words(
            "Noise: σ is the standard deviation over runs that differ only in the seed, of 3 or more; within noise is what "
            "two such runs differ by in 95 of 100 pairs.",
            "dim",
        )
    )
    return Section("Against champion and baseline", tuple(blocks))


def _missing(review: Mapping[str, Any]) -> Iterator[str]:
    """References that there are not."""
    if review["champion"] is None:
        yield "No run on this data set is in the last stage: there is no champion to replace."
    elif review["champion"]["rid"] == review["run"]["rid"]:
        yield "The recommended run is the champion itself."
    if review["elsewhere"]:
        yield f"The marked baseline, {review['elsewhere']}, is on another data set and is not compared."


def _guards(review: Mapping[str, Any]) -> Iterator[Block]:
    """The metrics that must not get worse, against each reference."""
    if not review["guards"]:
        return
    found = [
        (Cell(title), Cell(guard_text(guard), "bad" if guard.worse else "plain"))
        for title, other in references(review)
        for guard in versus_of(other).guards
    ]
    if found:
        yield Table(("guards against", "there → recommended"), tuple(found))
    else:
        yield Words(f"Guards of the policy: {', '.join(review['guards'])}; nothing to compare them with.", "dim")


def references(review: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What the run is measured by, the most telling first: (what it is, run)."""
    run, seen = review["run"]["rid"], set[int]()
    best = next((each for each in review["rivals"] if each["rank"] is not None), None)
    for title, other in (
        ("champion", review["champion"]),
        ("baseline", review["baseline"]),
        ("best other config", best),
    ):
        if other is not None and other["rid"] != run and other["rid"] not in seen:
            seen.add(other["rid"])
            yield title, other


def _row(run: Mapping[str, Any]) -> tuple[Cell, ...]:
    return (
        Cell(run["name"]),
        value_cell(run["value"]),
        Cell(seeds_text(run["seeds"])),
        Cell(utc(run["time"] or run["started"] or run["ended"])),
        Cell(run["state"]),
    )


def changed(material: Material) -> Section:
    """The config beside that of the champion, else of the baseline, else of the nearest rival."""
    reference = next(references(material.review), None)
    if reference is None:
        return Section("What was changed", (Words("There is no other run to compare the config with.", "dim"),))
    title, other = reference
    blocks: list[Block] = [Words(f"Against the {title}, {other['name']}:")]
    blocks += _params(other["differs"], title)
    if material.reference is not None:
        blocks += _origins(material.run, material.reference, title)
    return Section("What was changed", tuple(blocks))


def _params(differs: Sequence[Mapping[str, Any]] | None, there: str) -> Iterator[Block]:
    if differs is None:
        yield Words("Unknown: one of the two runs recorded no config.", "warn")
    elif not differs:
        yield Words("The same config, seeds, paths and what the policy ignores aside.")
    else:
        rows = tuple((Cell(each["param"]), _value(each["other"]), _value(each["run"])) for each in differs[:MOST_ROWS])
        more = f"{len(differs) - MOST_ROWS:,} more params differ." if len(differs) > MOST_ROWS else ""
        yield Table(("param", there, "recommended"), rows, note=more)


def _origins(run: Mapping[str, Any], other: Mapping[str, Any], title: str) -> Iterator[Block]:
    """What differs in code, data and environment, as far as both recorded it."""
    rows = [
        (Cell(row.key), _value(row.values[0]), _value(row.values[1]))
        for section in diff_runs([other, run]).sections
        if section.title in ("Code", "Data", "Environment")
        for row in section.rows
        if row.key in ORIGINS
    ]
    if rows:
        yield Table(("code, data, environment", title, "recommended"), tuple(rows))


def _value(value: Any) -> Cell:
    return NONE if value is None else Cell(cut(value_text(value)))
