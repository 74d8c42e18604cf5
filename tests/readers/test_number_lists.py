"""Lists in logs: few numbers are metrics by their places, the rest is a line in the health view."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.readers import claim_file, reader_named
from runspect.readers.number_lists import EFFECT, LONG, LONGEST, MANY, MOST_KEYS, NESTED, UNEVEN
from tests.readers.entries import Found, entry_of, found_in

NUMBERS = st.sampled_from([0.5, 2, "1e-3", float("nan"), None])
CELLS = st.one_of(
    st.none(),
    st.just(1.5),
    st.just("word"),
    st.lists(NUMBERS, max_size=3),
    st.just([1.0] * (LONGEST + 1)),
    st.just([[1, 2], [3, 4]]),
    st.fixed_dictionaries({}, optional={"z": st.lists(NUMBERS, max_size=2)}),
)
ROWS = st.lists(
    st.fixed_dictionaries({"loss": st.just(0.5)}, optional={"a": CELLS, "b": CELLS}), min_size=1, max_size=8
)


def read(root: Path, rows: list[dict[str, Any]]) -> Found:
    path = root / "metrics.jsonl"
    path.write_text("".join(json.dumps({"step": at, **row}) + "\n" for at, row in enumerate(rows)))
    return found_in(reader_named("jsonl"), path)


def told(found: Found) -> list[tuple[str, str]]:
    assert all(problem.effect == EFFECT for problem in found.problems)
    return [tuple(problem.what.rsplit(": ", 1)) for problem in found.problems]  # type: ignore[misc]


def test_a_short_list_is_a_metric_for_each_place(tmp_path: Path) -> None:
    found = read(tmp_path, [{"loss": 1, "iou": [0.1, 0.2]}, {"loss": 2}, {"loss": 3, "iou": [0.3, None]}])
    assert found.values == {"loss": [1, 2, 3], "iou.0": [0.1, 0.3], "iou.1": [0.2]}
    assert found.steps["iou.0"] == [0, 2] and not found.problems


def test_a_list_of_one_number_is_that_number(tmp_path: Path) -> None:
    found = read(tmp_path, [{"loss": 1, "opt": {"lr": [0.1]}}, {"loss": 1, "opt": {"lr": 0.01}}])
    assert found.values == {"loss": [1, 1], "opt/lr": [0.1, 0.01]}


def test_what_is_no_metric_is_told_once(tmp_path: Path) -> None:
    rows = [{"loss": 1, "long": [0.5] * 500, "matrix": [[5, 1], [0, 4]], "names": ["a", "b"], "ok": [True]}] * 3
    found = read(tmp_path, [*rows, {"loss": 1}, *rows])
    assert set(found.values) == {"loss"} and told(found) == [("long", LONG), ("matrix", NESTED)]


def test_a_list_that_grows_is_not_ever_more_metrics(tmp_path: Path) -> None:
    found = read(tmp_path, [{"loss": 1 / at, "losses": [1 / each for each in range(1, at + 1)]} for at in range(1, 9)])
    assert set(found.values) == {"loss", "losses"} and len(found.values["losses"]) == 1
    assert told(found) == [("losses", UNEVEN)]


def test_a_log_of_very_many_lists_is_bounded(tmp_path: Path) -> None:
    found = read(tmp_path, [{"loss": 1, **{f"k{at}": [1, 2] for at in range(MOST_KEYS + 5)}}])
    assert len(found.values) == 1 + 2 * MOST_KEYS and {why for _, why in told(found)} == {MANY}


@settings(max_examples=60)
@given(rows=ROWS, data=st.data())
def test_lists_read_in_pieces_are_those_read_at_once(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = read(Path(folder), rows)
        path, pieces = Path(folder) / "metrics.jsonl", Found()
        content = path.read_bytes()
        for end in [*sorted(data.draw(st.lists(st.integers(1, len(content)), max_size=4))), len(content)]:
            path.write_bytes(content[:end])
            pieces.add(reader_named("jsonl").read(path, pieces.cursor))
        assert pieces.series() == whole.series()
        assert set(pieces.problems) == set(whole.problems)


def test_lists_in_the_objects_of_a_history(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_text(json.dumps([{"epoch": 1, "loss": 2.0, "f1": [0.5, 0.75]}, {"epoch": 2, "loss": 1.0, "cm": [[1]]}]))
    found = found_in(reader_named("json-history"), path)
    assert found.values == {"loss": [2.0, 1.0], "f1.0": [0.5], "f1.1": [0.75]} and told(found) == [("cm", NESTED)]


def test_lists_within_the_lists_of_a_history_are_told(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_text(json.dumps({"loss": [2.0, 1.0], "per_class": [[0.5, 0.6], [0.7, 0.8]], "tags": [["a"], ["b"]]}))
    found = found_in(reader_named("json-history"), path)
    assert found.values == {"loss": [2.0, 1.0]} and told(found) == [("per_class", NESTED)]


@pytest.mark.parametrize(
    ("reader", "name"), [("hf-trainer", "trainer_state.json"), ("mmcv", "20240101_000000.log.json")]
)
def test_lists_in_the_rows_of_a_tool(tmp_path: Path, reader: str, name: str) -> None:
    row = {"mode": "train", "epoch": 1, "iter": 1, "step": 1, "loss": 0.5, "iou": [0.5, 1.0], "hist": [1.0] * 99}
    path = tmp_path / name
    path.write_text(json.dumps({"log_history": [row]} if reader == "hf-trainer" else row) + "\n")
    claim = claim_file(entry_of(tmp_path, path))
    assert claim is not None and claim.reader == reader
    found = found_in(reader_named(reader), path)
    assert {"loss", "iou.0", "iou.1"} <= {name.removeprefix("train/") for name in found.values}
    assert [name.removeprefix("train/") for name, _ in told(found)] == ["hist"]


def test_episodes_of_rllib_are_neither_metrics_nor_told(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    lists = {"hist_stats": {"episode_reward": [1.0, 2.0]}}
    path.write_text(json.dumps({"training_iteration": 1, "episode_reward_mean": 1.5, **lists, "evaluation": lists}))
    found = found_in(reader_named("ray-tune"), path)
    assert found.values == {"episode_reward_mean": [1.5]} and not found.problems


@pytest.mark.parametrize(
    ("reader", "name", "prefix"),
    [
        ("dvclive-summary", "dvclive/metrics.json", ""),
        ("allennlp", "metrics_epoch_0.json", ""),
        ("mmengine-files", "20240101_000000/20240101_000000.json", "test/"),
    ],
)
def test_lists_among_last_values(tmp_path: Path, reader: str, name: str, prefix: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"acc": 0.5, "f1": [0.25, None, 0.75], "lr": [0.1], "nested": {"x": 1}, "cm": [[1]]}))
    found = found_in(reader_named(reader), path)
    assert {key.removeprefix(prefix): values for key, values in found.values.items()} == {
        "acc": [0.5], "f1.0": [0.25], "f1.2": [0.75], "lr": [0.1], "nested/x": [1],
    }  # fmt: skip
    assert told(found) == [("cm", NESTED)]


def test_lists_in_the_result_of_a_sacred_run(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"result": {"f1": [0.25, 0.75]}, "status": "COMPLETED"}))
    assert found_in(reader_named("sacred"), path).values == {"result/f1.0": [0.25], "result/f1.1": [0.75]}
