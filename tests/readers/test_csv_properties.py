"""Tables as writers really leave them: any separator, line ends and marks; restarts, other columns, ragged rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.readers.csv_table import READER
from tests.readers.entries import Found, found_in

METRICS = ("loss", "acc", "lr")
CELLS = st.one_of(st.none(), st.integers(-9999, 9999), st.floats(-1e6, 1e6))


@dataclass(frozen=True)
class Part:
    """What one start of a program wrote: a header, and rows of a step and some cells."""

    metrics: tuple[str, ...]
    rows: tuple[tuple[float | None, ...], ...]


ROW = st.lists(CELLS, max_size=5).map(tuple)
PARTS = st.lists(
    st.builds(Part, st.permutations(METRICS).map(lambda names: tuple(names[:2])), st.lists(ROW, max_size=8).map(tuple)),
    min_size=1,
    max_size=4,
)


def text_of(parts: list[Part], separator: str, end: str, commas: bool) -> str:
    """The file: steps count on over all parts."""
    lines, step = [], 0
    for part in parts:
        lines.append(separator.join(("step", *part.metrics)))
        for cells in part.rows:
            shown = [("" if cell is None else repr(cell)) for cell in cells]
            shown = [cell.replace(".", ",") for cell in shown] if commas else shown
            lines.append(separator.join((str(step), *shown)))
            step += 1
    return "".join(line + end for line in lines)


def wanted(parts: list[Part]) -> dict[str, list[tuple[int, float]]]:
    """Every filled cell that has a name."""
    found: dict[str, list[tuple[int, float]]] = {}
    step = 0
    for part in parts:
        for cells in part.rows:
            for name, cell in zip(part.metrics, cells, strict=False):
                if cell is not None:
                    found.setdefault(name, []).append((step, float(cell)))
            step += 1
    return found


@settings(max_examples=150, deadline=None)
@given(
    parts=PARTS,
    separator=st.sampled_from(",;\t|"),
    end=st.sampled_from(("\n", "\r\n")),
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16-le", "utf-16-be")),
    commas=st.booleans(),
    cuts=st.lists(st.integers(0, 1200), max_size=5),
)
def test_any_table_in_any_pieces(
    tmp_path_factory: pytest.TempPathFactory,
    parts: list[Part],
    separator: str,
    end: str,
    encoding: str,
    commas: bool,
    cuts: list[int],
) -> None:
    text = text_of(parts, separator, end, commas and separator == ";")
    content = (("\ufeff" if encoding.startswith("utf-16") else "") + text).encode(encoding)
    path: Path = tmp_path_factory.mktemp("log") / "metrics.csv"
    pieces = Found()
    for upto in [*sorted(cuts), len(content)]:
        path.write_bytes(content[:upto])
        pieces.add(READER.read(path, pieces.cursor))
    whole = found_in(READER, path)
    assert pieces.series() == whole.series()
    series = {name: list(zip(whole.steps[name], whole.values[name], strict=True)) for name in whole.values}
    assert series == wanted(parts)
    surplus = any(any(cell is not None for cell in cells[2:]) for part in parts for cells in part.rows)
    assert bool(whole.problems) == surplus
