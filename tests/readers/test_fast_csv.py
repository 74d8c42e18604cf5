"""Arrow's columns: equal to the exact path whatever stands in the cells."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.readers import fast_csv
from runspect.readers.csv_table import READER
from tests.readers.entries import found_in

CELLS = [
    "0",
    "1",
    "-3",
    "0.5",
    "-0.25",
    "1e5",
    "1e-05",
    "1E+05",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    "1e400",
    "+7",
    ".5",
    "5.",
    "123456789012345678901",
    "20",
    "10.05",
]
ODD = [
    "007",
    "-00.5",
    "+01",
    "1_0",
    "nan(ind)",
    "-nan(ind)",
    "1.#INF",
    "1.#QNAN",
    "tensor(0.5)",
    "true",
    "None",
    "x",
    "1,5",
    "1;5",
    "1",
    "2",
    "-",
    "--",
    "0x10",
    "1e",
    "0e5",
    "00",
    '"1"',
    'a"b',
    "1\r2",
    "\r",
    "1\x002",
    "2024-01-01",
    "é",
]
END = st.sampled_from(("\n", "\r\n"))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from((",", "\t", ";")), END, st.integers(1, 40), st.integers(0, 1 << 30), st.booleans(), st.data())
def test_columns_equal_the_exact_path(
    tmp_path_factory: pytest.TempPathFactory,
    separator: str,
    end: str,
    count: int,
    seed: int,
    blanks: bool,
    data: st.DataObject,
) -> None:
    noise = random.Random(seed)
    kinds = [*data.draw(st.lists(st.sampled_from(CELLS), min_size=1, max_size=6)), *[""] * blanks]
    rows = [[str(step), *(noise.choice(kinds) for _ in range(3))] for step in range(count)]
    for row, column, odd in data.draw(
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, 3), st.sampled_from(ODD)), max_size=3)
    ):
        rows[row][column] = odd
    for row, width in data.draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, 3)), max_size=1)):
        rows[row] = rows[row][:width]
    lines = [["step", "loss", "acc", "lr"], *rows]
    path = tmp_path_factory.mktemp("log") / "metrics.csv"
    path.write_bytes("".join(separator.join(line) + end for line in lines).encode())
    told = []
    for quick in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fast_csv, "pays", lambda data, quick=quick: quick)
            found = found_in(READER, path)
            told.append(repr((found.series(), found.problems, found.cursor)))
    assert told[0] == told[1]
