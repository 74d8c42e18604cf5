"""The README's table of figures: the lines of `lines.py` with the values that were kept, and what is said of the missed ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import groupby

from tests.benchmarks.figures import Figure, budget, value
from tests.benchmarks.kept import Kept
from tests.benchmarks.lines import LEET, LINES, Line
from tests.benchmarks.missed import MISSED

HEAD = "| # | what | measured | to reach | others |\n|---|---|---|---|---|"
NOT_MEASURED = "not measured"


def readme(
    kept: Mapping[str, Kept], lines: Sequence[Line] = LINES, missed: Mapping[str, str] = MISSED, leet: str = LEET
) -> str:
    """Machines and days, the table, and a note for each figure that is beyond its budget."""
    found = {line.what: figures(line, kept) for line in lines}
    peers = {line.what: _peers(line, found[line.what], kept.get(leet)) for line in lines}
    table = "\n".join([HEAD, *(_row(line, found[line.what], peers[line.what]) for line in lines)])
    beyond = [line.what for line in lines if any(figure.missed for figure in found[line.what])]
    return "\n\n".join(part for part in (_machines(kept), table, _notes(beyond, missed)) if part)


def figures(line: Line, kept: Mapping[str, Kept]) -> tuple[Figure, ...]:
    """The kept figures of a line, in its order; fewer where some were not measured."""
    of = kept.get(line.benchmark)
    return tuple(figure for wanted in line.figures if (figure := _named(wanted, of)) is not None)


def _named(wanted: str, of: Kept | None) -> Figure | None:
    return next((each for each in of.figures if fnmatchcase(each.name, wanted)), None) if of is not None else None


def _row(line: Line, found: Sequence[Figure], peers: str) -> str:
    measured = _joined([value(each) for each in found], [each.unit for each in found], [each.missed for each in found])
    if line.noted and found:
        measured = f"{found[0].note}: {measured}" if found[0].note else measured
    if len(found) < len(line.figures):
        measured = f"{measured}; {NOT_MEASURED}" if found else NOT_MEASURED
    limits = [each for each in found if each.budget is not None]
    wanted = _joined([budget(each) for each in limits], [each.unit for each in limits])
    cells = (
        str(line.row or ""),
        line.what,
        measured,
        wanted + (", **missed**" if any(each.missed for each in found) else ""),
        peers,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _joined(values: Sequence[str], units: Sequence[str], bold: Sequence[bool] = ()) -> str:
    """Values with their unit once, or each with its own where they differ."""
    marked = [f"**{each}**" if at < len(bold) and bold[at] else each for at, each in enumerate(values)]
    if len(set(units)) > 1:
        return " / ".join(f"{each} {unit}".strip() for each, unit in zip(marked, units, strict=True))
    return f"{' / '.join(marked)} {units[0]}".strip() if units else ""


def _peers(line: Line, found: Iterable[Figure], leet: Kept | None) -> str:
    said = [figure.peer for figure in found if figure.peer and "not installed" not in figure.peer]
    if line.leet and (theirs := _named(line.leet, leet)):
        said.append(f"LEET {value(theirs)} {theirs.unit}")
    return "; ".join(dict.fromkeys(said))


def _machines(kept: Mapping[str, Kept]) -> str:
    """Where and when; which benchmarks, too, where not all were measured together."""
    if not kept:
        return ""
    ordered = sorted(kept.items(), key=lambda each: (each[1].machine, each[1].day))
    groups = [(key, dict(some)) for key, some in groupby(ordered, key=lambda each: (each[1].machine, each[1].day))]
    told = []
    for (machine, day), some in groups:
        which = f" ({', '.join(some)})" if len(groups) > 1 else ""
        loads = sorted((each.load for each in some.values()), key=float)
        busy = loads[0] if loads[0] == loads[-1] else f"{loads[0]} to {loads[-1]}"
        told.append(f"Measured on {day}{which}: {machine}; load before each benchmark {busy}.")
    return "\n".join(told)


def _notes(beyond: Sequence[str], missed: Mapping[str, str]) -> str:
    if not beyond:
        return ""
    told = [f"- **{what}**: {missed.get(what, 'not explained yet.')}" for what in beyond]
    return "\n".join(["What is missed, and what was tried:", "", *told])
