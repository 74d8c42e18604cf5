"""W&B logs of both key forms: rows, config, run, end, damage; the quick way equals the exact one."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.readers.contract import Batch, Points, read_all
from runspect.readers.protobuf import BYTES, fields
from runspect.readers.wandb import READER
from runspect.readers.wandb_history import History
from tests.readers import make_wandb as wb
from tests.readers.entries import Found, entry_of, found_in
from tests.readers.make_tfevents import part, varint
from tests.test_truth import runs_in

BLOCK = 32768


def write(path: Path, *records: bytes) -> Path:
    path.write_bytes(wb.log(records))
    return path


def only(path: Path) -> Batch:
    (batch,) = read_all(READER, path)
    return batch


@pytest.mark.parametrize("nested", [True, False])
def test_a_row_gives_a_point_for_each_number(tmp_path: Path, nested: bool) -> None:
    items = {
        "loss": "0.5", "diverged": "NaN", "high": "Infinity", "count": "3", "flag": "true", "label": '"a"',
        "none": "null", "_step": "7", "_timestamp": "1700000000.5",
        "_runtime": "1.5", "_wandb": '{"x": 1}', "list": "[1, 2]",
        "image": '{"_type": "image-file", "size": 3}', "nest": '{"a": 1, "b": {"c": 2, "d": "x"}}',
    }  # fmt: skip
    found = found_in(READER, write(tmp_path / "run-x.wandb", wb.history(1, 7, items, nested)))
    values = {name: found.values[name][0] for name in sorted(found.values)}
    assert math.isnan(values.pop("diverged"))
    assert values == {"count": 3.0, "high": math.inf, "loss": 0.5, "nest.a": 1.0, "nest.b.c": 2.0}
    assert found.steps["loss"] == [7] and found.times["loss"] == [1700000000.5]


def test_nested_keys_are_joined_with_dots(tmp_path: Path) -> None:
    body = wb.item(("nested", "a"), "1") + wb.item(("nested", "b", "c"), "2") + part(2, b"")
    batch = only(write(tmp_path / "run-x.wandb", b"\x08\x01" + part(2, body)))
    assert {name: points.values.tolist() for name, points in batch.points.items()} == {
        "nested.a": [1.0],
        "nested.b.c": [2.0],
    }


def test_steps_come_from_the_record_then_from_the_row_then_by_counting(tmp_path: Path) -> None:
    rows = [
        wb.history(1, 0, {"loss": "0"}),
        wb.history(2, 130, {"loss": "1", "_step": "5"}),
        wb.history(3, None, {"loss": "2", "_step": "140"}),
        wb.history(4, None, {"loss": "3"}),
    ]
    assert only(write(tmp_path / "run-x.wandb", *rows)).points["loss"].steps.tolist() == [0, 130, 140, 141]


def test_config_is_updated_unwrapped_and_taken_back(tmp_path: Path) -> None:
    path = write(
        tmp_path / "run-x.wandb",
        wb.config(1, {"lr": "0.1", "model": '{"depth": 2, "name": "a"}', "_wandb": '{"t": 1}', "old": "1"}),
        wb.config(2, {"lr": '{"desc": null, "value": 0.2}', "model": '{"depth": 3}'}, remove=["old"]),
    )
    assert only(path).params == {"lr": 0.2, "model.depth": 3, "old": None}


def test_the_run_is_known_by_two_ids(tmp_path: Path) -> None:
    batch = only(write(tmp_path / "run-x.wandb", wb.run(1, "abc", "vision", 1_700_000_000, "team")))
    assert batch.ids == ("wandb:team/vision:abc", "wandb-id:abc")
    assert batch.facts == {"run_id": "abc", "project": "vision", "entity": "team", "started": 1.7e9}
    assert batch.writer_start == 1.7e9


@pytest.mark.parametrize(("code", "state"), [(0, "finished"), (3, "failed"), (255, "killed")])
def test_the_exit_record_ends_the_run(tmp_path: Path, code: int, state: str) -> None:
    path = write(tmp_path / "run-x.wandb", wb.run(1, "abc", start=1000), wb.finish(2, code, 60))
    facts = only(path).facts
    assert (facts["exit_code"], facts["end_state"], facts["ended"]) == (code, state, 1060.0)


def test_environment_facts(tmp_path: Path) -> None:
    git = part(9, part(1, b"git@host:x.git") + part(2, b"c0ffee"))
    slurm = part(27, part(1, b"job_id") + part(2, b"77"))
    body = (
        part(1, b"Linux") + part(5, b"--lr") + part(5, b"0.1 x") + part(6, b"train.py") + part(11, b"/w") + git + slurm
    )
    record = b"\x08\x01" + part(26, body + b"\x80\x01" + varint(8) + part(18, b"H100") + part(13, b"me"))
    assert only(write(tmp_path / "run-x.wandb", record)).facts == {
        "os": "Linux", "program": "train.py", "cwd": "/w", "git_remote": "git@host:x.git", "git_commit": "c0ffee",
        "slurm_job_id": "77", "cpu_count": 8, "gpu": "H100", "user": "me", "args": ["--lr", "0.1 x"],
        "command": "train.py --lr '0.1 x'",
    }  # fmt: skip


def test_a_damaged_block_is_told_and_the_rest_read(tmp_path: Path) -> None:
    rows = [wb.history(number, number, {"loss": str(number), "pad": '"' + "x" * 90 + '"'}) for number in range(1000)]
    content = bytearray(wb.log(rows))
    content[BLOCK + 900] ^= 0xFF
    path = tmp_path / "run-x.wandb"
    path.write_bytes(content)
    found = found_in(READER, path)
    assert [(problem.what, problem.offset is not None) for problem in found.problems] == [
        ("a record whose checksum is wrong", True)
    ]
    assert BLOCK < (found.problems[0].offset or 0) <= BLOCK + 900
    assert found.steps["loss"][-1] == 999 and 700 < len(found.steps["loss"]) < 1000
    assert list(READER.read(path, found.cursor)) == []


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "an empty file"),
        (b"something else", "not a W&B log: its header is missing"),
    ],
)
def test_what_is_no_log_is_told_once(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "run-x.wandb"
    path.write_bytes(content)
    found = found_in(READER, path)
    assert [problem.what for problem in found.problems] == [what]
    assert list(READER.read(path, found.cursor)) == []


def test_a_header_alone_says_nothing_yet(tmp_path: Path) -> None:
    path = tmp_path / "run-x.wandb"
    path.write_bytes(wb.HEADER[:5])
    assert read_all(READER, path) == []


@pytest.mark.parametrize(
    ("place", "root", "run_id"),
    [
        ("p/wandb/offline-run-20240101_000000-abc/run-abc.wandb", "p/wandb/offline-run-20240101_000000-abc", "abc"),
        ("p/wandb/latest-run/run-abc.wandb", "p/wandb/latest-run", "abc"),
        ("renamed/run-abc.wandb", "renamed", "abc"),
    ],
)
def test_claims_the_run_directory(tmp_path: Path, place: str, root: str, run_id: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    claim = READER.claim(entry_of(tmp_path, write(path)))
    assert claim is not None
    assert (claim.root, claim.rank, claim.hint("id")) == (root, "tool", f"wandb-id:{run_id}")


KEYS = st.one_of(
    st.sampled_from(("loss", "val/acc")),
    st.sampled_from(("_step", "_timestamp", "_wandb", "a.b", "é", "\x02\x01", "x" * 130)),
    st.text(max_size=6),
)
NUMBERS = st.floats().map(json.dumps)
ODD = ("1,2", "[1", "1]", "", " 1", "1e999", "-0", "NaN", "1" * 400, '{"a": 1}', '{"_type": "x", "n": 1}')
TEXTS = st.one_of(
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.integers().map(str),
    st.booleans().map(json.dumps),
    st.text(max_size=8).map(json.dumps),
    st.sampled_from(ODD),
)
ROWS = st.builds(
    wb.history,
    st.just(1),
    st.one_of(st.none(), st.integers(0, 1 << 40), st.sampled_from((0, 130, 16640))),
    st.builds(lambda loss, more: {"loss": loss, **more}, NUMBERS, st.dictionaries(KEYS, TEXTS, max_size=6)),
    st.booleans(),
)
"""Steps 130 and 16640 contain the bytes of a value tag."""


def row_bodies(records: list[bytes]) -> list[bytes]:
    """The history messages inside records made by `make_wandb.history`: the first of their fields of type 2."""
    return [next(record[low:high] for _, wire, low, high in fields(record) if wire == BYTES) for record in records]


def taken(bodies: list[bytes], quick: bool) -> list[object]:
    history = History(quick=quick)
    for number, body in enumerate(bodies):
        history.add(body, number)
    points = history.take_points()
    return [{name: shown(series) for name, series in points.items()}, history.unreadable, history.last_step]


def shown(points: Points) -> str:
    # -0 is an integer to JSON and a float to Arrow
    return repr([points.steps.tolist(), (points.times + 0.0).tolist(), (points.values + 0.0).tolist()])


@settings(max_examples=250, deadline=None)
@given(st.lists(ROWS, min_size=2, max_size=12), st.data())
def test_the_quick_way_equals_the_exact_one(records: list[bytes], data: st.DataObject) -> None:
    bodies = [bytearray(body) for body in row_bodies(records) * 16]
    spots = st.tuples(st.integers(0, len(bodies) - 1), st.integers(0, 80), st.integers(0, 255))
    for row, position, byte in data.draw(st.lists(spots, max_size=6)):
        if bodies[row]:
            bodies[row][position % len(bodies[row])] = byte
    whole = [bytes(body) for body in bodies]
    assert taken(whole, quick=True) == taken(whole, quick=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runspect.readers.wandb_history._ROWS", 20)
        assert taken(whole, quick=True) == taken(whole, quick=False)
        patch.setattr("runspect.readers.arrow_texts.LARGE", 0)
        patch.setattr("runspect.readers.arrow_texts.SMALL", 0)
        assert taken(whole, quick=True) == taken(whole, quick=False)


@settings(max_examples=40, deadline=None)
@given(st.lists(ROWS, max_size=40), st.lists(st.integers(0, 5000), max_size=5))
def test_reading_a_growing_file_is_reading_it_at_once(
    tmp_path_factory: pytest.TempPathFactory, records: list[bytes], cuts: list[int]
) -> None:
    content = wb.log([wb.run(1, "abc"), *records, wb.finish(3, 0, 5)])
    path = tmp_path_factory.mktemp("log") / "run-abc.wandb"
    pieces = Found()
    for end in [*sorted(cuts), len(content)]:
        path.write_bytes(content[:end])
        pieces.problems.clear()
        pieces.add(READER.read(path, pieces.cursor))
    whole = found_in(READER, path)
    assert pieces.series() == whole.series()
    assert (pieces.facts, pieces.cursor.offset) == (whole.facts, len(content))


def test_a_run_resumed_within_the_second_is_one_with_the_steps_of_both(tmp_path: Path) -> None:
    for name, first in (("offline-run-20231114_221320-abc12", 0), ("offline-run-20231114_221320-abc12-1", 5)):
        directory = tmp_path / "wandb" / name
        directory.mkdir(parents=True)
        rows = [wb.history(number, number, {"q": str(number)}) for number in range(first, first + 5)]
        write(directory / "run-abc12.wandb", wb.run(1, "abc12", start=1_700_000_000 + first), *rows, wb.finish(9, 0))
    (run,) = runs_in(tmp_path)
    metrics: Any = run["metrics"]
    assert (metrics["q"]["n"], metrics["q"]["last_step"]) == (10, 9)


def test_what_a_run_sets_in_its_summary_alone_is_there_when_it_has_ended(tmp_path: Path) -> None:
    rows = [wb.history(at, at, {"loss": f"{1 / (at + 1)}", "val/acc": "0.5"}) for at in range(3)]
    mirrored = wb.summary(9, {"loss": "0.1", "_timestamp": "1e9", "_step": "2"})
    values = {"test/acc": "0.75", "acc": "0.5", "loss": "0.25", "_x": "1", "name": '"best"', "done": "true"}
    records = [wb.run(1, "abc"), *rows, mirrored, wb.summary(10, values)]
    path = write(tmp_path / "run-abc.wandb", *records)
    assert set(only(path).points) == {"loss", "val/acc"}
    told = only(write(path, *records, b"\x08\x0b" + part(18, b""))).points
    assert {name: (list(told[name].steps), list(told[name].values)) for name in ("test/acc", "acc")} == {
        "test/acc": ([2], [0.75]),
        "acc": ([2], [0.5]),
    }
    assert (set(told), len(told["loss"])) == ({"loss", "val/acc", "test/acc", "acc"}, 3)
