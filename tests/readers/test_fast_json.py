"""JSON lines in columns: equal to the exact path whatever stands in the lines, and taken where all look alike."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.readers import arrow_texts, fast_json
from runspect.readers.contract import Cursor, read_all
from runspect.readers.jsonl import READER

TOKENS = [
    "0",
    "1",
    "-0",
    "17",
    "-3",
    "0.5",
    "-0.25",
    "1e5",
    "1E-05",
    "1e+3",
    "2.5e-300",
    "1e400",
    "-1e999",
    "123456789012345678901234567890",
    "18446744073709551615",
    "NaN",
    "Infinity",
    "-Infinity",
    "null",
    "true",
    "false",
    "0.1000000000000000055511151231257827",
    "1700000000.5",
    "20",
]
ODD = [
    "007",
    "+1",
    ".5",
    "5.",
    "-.5",
    "1.",
    "1.e5",
    "nan",
    "inf",
    "-nan",
    "-NaN",
    "Inf",
    "nul",
    "nulll",
    "1_0",
    "0x10",
    "1e",
    "1e5.5",
    '"1"',
    '"NaN"',
    '"x"',
    "[1]",
    "{}",
    "[]",
    '{"a":1}',
    "1,2",
    "1}",
    "--",
    "-",
    "e5",
    "1-2",
    "--1",
    "1,,",
    '"loss"',
    "truefalse",
    "0.0.1",
]
"""What JSON does not know, or what is no plain number."""
SHAPES = (
    '{{"step": {}, "loss": {}, "lr": {}}}',
    '{{"step":{},"train":{{"loss":{},"acc":{}}}}}',
    '{{"mode": "train", "epoch": {}, "loss": {}, "time": {}}}',
    '{{"split": "val", "n": "0.5", "step": {}, "a b": {}, "time": {}}}',
    '{{"a.e": {}, "b": {{"c": {}}}, "d": {{"e": {}}}}}',
    '{{"step": {}, "loss": {}, "lr": {}, "split": "val", "n": {{"m": "x"}}}}',
    '{{"a": {}, "a": {}, "b": {}}}',
    '{{"config": {{"lr": {}}}, "step": {}, "loss": {}}}',
    '{{"x": {}, "y": {}, "z": {{"w": {}, "v": {{"u": 1}}}}}}',
    ' {{ "step" : {} , "loss" : {} , "lr" : {} }} ',
    '{{"schritt": {}, "größe": {}, "lr": {}}}',
    '{{"step": {}, "loss": {}, "note": "a\\"b", "lr": {}}}',
)


def told(path: Path, quick: bool) -> str:
    with pytest.MonkeyPatch.context() as patch:
        if quick:
            patch.setattr(arrow_texts, "SMALL", 0)
            patch.setattr(arrow_texts, "LARGE", 0)
            patch.setattr(fast_json, "_AT_ONCE", 64)
        else:
            patch.setattr("runspect.readers.jsonl.group_of", lambda data: None)
        batches = read_all(READER, path)
    shown = []
    for batch in batches:
        points = {
            name: (series.steps.tolist(), series.times.tolist(), (series.values + 0.0).tolist())
            for name, series in sorted(batch.points.items())
        }
        shown.append((points, batch.params, batch.problems, batch.cursor))
    return repr(shown)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SHAPES), st.integers(1, 30), st.integers(0, 1 << 30), st.data())
def test_columns_equal_the_exact_path(
    tmp_path_factory: pytest.TempPathFactory, shape: str, count: int, seed: int, data: st.DataObject
) -> None:
    noise = random.Random(seed)
    tokens = data.draw(st.lists(st.sampled_from(TOKENS), min_size=1, max_size=6))
    rows = [[noise.choice(tokens) for _ in range(3)] for _ in range(count)]
    for row, column, odd in data.draw(
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, 2), st.sampled_from(ODD)), max_size=2)
    ):
        rows[row][column] = odd
    lines = [shape.format(*row) for row in rows]
    for at, line in data.draw(st.lists(st.tuples(st.integers(0, count - 1), st.sampled_from(SHAPES)), max_size=1)):
        lines[at] = line.format("1", "2", "3")
    content = bytearray("".join(line + "\n" for line in lines).encode())
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, 2000), st.sampled_from(b' ",:.{}0e\n-Nl\r')), max_size=2)
    ):
        if at < len(content):
            content[at] = byte
    path = tmp_path_factory.mktemp("log") / "metrics.jsonl"
    path.write_bytes(content)
    assert told(path, quick=True) == told(path, quick=False)


@pytest.mark.parametrize("shape", SHAPES[:6])
def test_lines_that_look_alike_are_taken_as_columns(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_texts, "SMALL", 0)
    monkeypatch.setattr(arrow_texts, "LARGE", 0)
    data = "".join(shape.format(*(noise, "-2.5", "null")) + "\n" for noise in ("1", "20", "NaN", "1e-05")).encode()
    group = fast_json.group_of(data)
    assert group is not None and len(group.rows) == 4
    row = json.loads(data.splitlines()[0])
    plain = [len(each) if isinstance(each, dict) else 1 for each in row.values()]
    assert len(group.keys) == sum(plain)


def test_reading_on_in_the_middle_is_reading_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runspect.readers.lines.CHUNK", 1000)
    monkeypatch.setattr(arrow_texts, "SMALL", 0)
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(f'{{"step": {step}, "loss": {step / 3}}}\n' for step in range(500)))
    whole = read_all(READER, path)
    cut = READER.read(path, whole[0].cursor) if len(whole) > 1 else READER.read(path, Cursor())
    assert sum(len(batch.points["loss"]) for batch in whole) == 500
    assert [batch.cursor for batch in cut] == [batch.cursor for batch in whole[1:]] or len(whole) == 1
