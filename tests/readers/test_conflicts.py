"""Texts that git could not merge: one side is read, and that is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.readers import claim_file, reader_named
from runspect.readers.conflicts import EFFECT, WHAT, one_side
from runspect.readers.contract import Reader
from runspect.readers.lines import Block
from tests.readers.entries import Found, entry_of, found_in

OURS, BASE, THEIRS = "<<<<<<< HEAD\n", "||||||| 1a2b3c\n", ">>>>>>> theirs\n"
TAIL = st.lists(st.sampled_from(("plain", "both", "base", "empty", "torn")), max_size=6)


def conflict(ours: str, theirs: str, base: str = "") -> str:
    return OURS + ours + (BASE + base if base else "") + "=======\n" + theirs + THEIRS


def read(root: Path, name: str, text: str) -> tuple[Reader, Found]:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    claim = claim_file(entry_of(root, path))
    assert claim is not None
    return reader_named(claim.reader), found_in(reader_named(claim.reader), path)


def told(found: Found) -> list[tuple[int | None, str, str]]:
    return [(problem.offset, problem.what, problem.effect) for problem in found.problems]


@pytest.mark.parametrize("base", [False, True])
@pytest.mark.parametrize("name", ["metrics.jsonl", "metrics.csv", "progress.tsv"])
def test_the_first_side_of_a_log(tmp_path: Path, name: str, base: bool) -> None:
    cut = "," if name.endswith("csv") else "\t"
    lines = name == "metrics.jsonl"

    def row(step: int, loss: float) -> str:
        return f'{{"step": {step}, "loss": {loss}}}\n' if lines else f"{step}{cut}{loss}\n"

    head = "" if lines else f"step{cut}loss\n"
    before = head + row(1, 0.5)
    text = before + conflict(row(2, 0.25), row(2, 9) + row(3, 8), row(2, 7) if base else "") + row(4, 0.125)
    _, found = read(tmp_path, name, text)
    assert found.values == {"loss": [0.5, 0.25, 0.125]} and found.steps["loss"] == [1, 2, 4]
    assert told(found) == [(len(before), WHAT, EFFECT)]


@pytest.mark.parametrize("name", ["metrics.jsonl", "metrics.csv"])
def test_a_log_that_begins_with_a_conflict(tmp_path: Path, name: str) -> None:
    ours, theirs = ('{"step": 1, "loss": 2}\n', '{"step": 1, "loss": 3}\n')
    if name.endswith("csv"):
        ours, theirs = "step,loss\n1,2\n", "step,acc\n1,3\n"
    _, found = read(tmp_path, name, conflict(ours, theirs))
    assert found.values == {"loss": [2.0]} and told(found) == [(0, WHAT, EFFECT)]


@pytest.mark.parametrize(
    ("name", "before", "ours", "theirs", "after"),
    [
        ("config.yaml", "seed: 1\n", "lr: 0.1\n", "lr: 0.2\nextra: 3\n", "net: big\n"),
        ("config.json", '{"seed": 1,\n', '"lr": 0.1,\n', '"lr": 0.2,\n"extra": 3,\n', '"net": "big"}\n'),
        ("config.toml", "seed = 1\n", "lr = 0.1\n", "lr = 0.2\nextra = 3\n", 'net = "big"\n'),
    ],
)
def test_the_first_side_of_a_config(tmp_path: Path, name: str, before: str, ours: str, theirs: str, after: str) -> None:
    _, found = read(tmp_path, name, before + conflict(ours, theirs) + after)
    assert found.params == {"seed": 1, "lr": 0.1, "net": "big"}
    assert told(found) == [(len(before), WHAT, EFFECT)]


def test_a_config_that_no_side_completes_is_one_problem(tmp_path: Path) -> None:
    _, found = read(tmp_path, "config.json", '{"a": 1,\n' + conflict('"b": 2\n', '"b": 3}\n'))
    assert not found.params
    assert told(found) == [(9, WHAT, "nothing was read from it")]


def test_lines_that_only_look_like_marks_are_left_alone() -> None:
    for data in (b"=======\n", b">>>>>>> x\n", b"<<<<<<<\n", b"a <<<<<<< b\n", b"||||||| x\n"):
        assert one_side(Block(0, len(data), data), "") == (Block(0, len(data), data), "")


@settings(max_examples=60, deadline=None)
@given(kinds=TAIL, cuts=st.lists(st.integers(0, 2000), max_size=6), table=st.booleans())
def test_pieces_of_a_conflict_are_the_whole(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], cuts: list[int], table: bool
) -> None:
    def row(step: int, value: int) -> str:
        return f"{step},{value}\n" if table else f'{{"step": {step}, "loss": {value}}}\n'

    text, wanted = "step,loss\n" if table else "", []
    for number, kind in enumerate(kinds):
        ours, theirs = row(2 * number, 1) + row(2 * number + 1, 1), row(2 * number, 2)
        parts = {
            "plain": ours,
            "both": conflict(ours, theirs),
            "base": conflict(ours, theirs, theirs),
            "empty": conflict("", theirs),
            "torn": OURS + ours,
        }
        text += parts[kind]
        wanted += [] if kind == "empty" else [2 * number, 2 * number + 1]
    root = tmp_path_factory.mktemp("log")
    path = root / ("metrics.csv" if table else "metrics.jsonl")
    path.write_text(text)
    reader = reader_named("csv" if table else "jsonl")
    whole, pieces = found_in(reader, path), Found()
    for end in [*sorted(cuts), len(text)]:
        path.write_text(text[:end])
        pieces.add(reader.read(path, pieces.cursor))
    assert pieces.series() == whole.series()
    assert whole.steps.get("loss", []) == wanted and set(whole.values.get("loss", [])) <= {1.0}
    assert {problem.what for problem in whole.problems} <= {WHAT, "an empty file"}


LOGS = {
    "train.log": "epoch {0} loss={1}\n",
    "log_1700000000.txt": "Step {0} | loss:{1} lr:0.1\n",
    "20240101_000000.log.json": '{{"mode": "train", "epoch": 1, "iter": {0}, "lr": 0.1, "loss": {1}}}\n',
    "results.txt": "      {0}/9     0.87G   0.1   0.05   0.02  {1}    30   640  0.1 0.2 0.3 0.4 0.1 0.1 0.1\n",
}


@pytest.mark.parametrize(
    ("name", "reader"),
    zip(LOGS, ("console-metrics", "torchtune", "mmcv", "yolo"), strict=True),
    ids=lambda text: text,
)
def test_the_first_side_of_a_log_for_people(tmp_path: Path, name: str, reader: str) -> None:
    row = LOGS[name].format
    before = row(1, 0.5) + row(2, 0.25)
    whole = before + conflict(row(3, 0.125), row(3, 9) + row(4, 8), row(3, 7)) + row(4, 0.5) + row(5, 0.5)
    path, found = tmp_path / name, Found()
    for end in (len(before) + 60, len(whole) - 40, len(whole)):  # in the first side, and in the other
        path.write_text(whole[: whole.rfind("\n", 0, end) + 1])
        found.add(reader_named(reader).read(path, found.cursor))
    [values] = [
        values for metric, values in found.values.items() if metric in ("loss", "train/loss", "train/total_loss")
    ]
    assert values == [0.5, 0.25, 0.125, 0.5, 0.5]
    assert [problem[1:] for problem in told(found) if problem[0] == len(before)] == [(WHAT, EFFECT)]
