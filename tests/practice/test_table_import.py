"""Which column of a table of results is what, and what its rows say."""

from __future__ import annotations

import pytest

from runspect.errors import UsageError
from runspect.practice.table_import import roles, runs, value

HEADER = ["", "Name", "State", "lr", "batch", "model", "val_acc", "test/loss", "Notes", "Tags", "Created"]
ROWS = [
    [
        "0",
        "a",
        "finished",
        "1e-3",
        "32",
        "bert",
        "0.8",
        "0.4",
        "good, really",
        "base;sweep",
        "2024-05-01T10:00:00.000Z",
    ],
    ["1", "b", "crashed", "3e-4", "064", "gpt", "", "nan", "", "", ""],
]


def test_columns_are_guessed_by_name_and_cells() -> None:
    assert roles(HEADER, ROWS, {}) == {
        "Name": "name", "State": "state", "lr": "param", "batch": "param", "model": "param", "val_acc": "metric",
        "test/loss": "metric", "Notes": "note", "Tags": "tags", "Created": "started",
    }  # fmt: skip


def test_what_a_person_chooses_wins_over_the_guess() -> None:
    header, rows = ["name", "model", "acc"], [["x", "bert", "0.5"]]
    assert roles(header, rows, {"model": "name", "acc": "param"}) == {"name": "param", "model": "name", "acc": "param"}
    with pytest.raises(UsageError, match="no column is called modle; there are: name, model, acc"):
        roles(header, rows, {"modle": "name"})
    with pytest.raises(UsageError, match="only one column can be the name, not name and model"):
        roles(header, rows, {"model": "name", "name": "name"})


def test_a_metric_that_holds_words_is_a_param() -> None:
    assert roles(["loss"], [["mse"], ["mae"]], {}) == {"loss": "param"}


def test_rows_become_runs() -> None:
    first, second = runs(HEADER, ROWS, roles(HEADER, ROWS, {}), "/exp", "results.csv")
    assert (first.told["name"], first.told["state"], first.told["started"]) == (
        "a",
        "finished",
        "2024-05-01T10:00:00+00:00",
    )
    assert first.told["params"] == {"lr": 0.001, "batch": 32, "model": "bert"}
    assert (first.tags, first.note) == (("base", "sweep"), "good, really")
    assert first.told["metrics"]["val_acc"]["max"] == 0.8
    assert second.told["params"]["batch"] == "064"
    assert "val_acc" not in second.told["metrics"]
    assert second.told["metrics"]["test/loss"] | {} == {
        "n": 1, "nonfinite": 1, "first": "NaN", "last": "NaN", "first_step": None, "last_step": None, "min": None,
        "min_step": None, "max": None, "max_step": None,
    }  # fmt: skip


def test_ids_hold_while_the_table_is_edited_and_tell_equal_names_apart() -> None:
    header, rows = ["name", "acc"], [["a", "0.1"], ["a", "0.2"], ["b", "0.3"]]
    meaning = roles(header, rows, {})
    before = [run.uid for run in runs(header, rows, meaning, "/exp", "r.csv")]
    assert len(set(before)) == 3
    edited = [["b", "0.9"], ["", ""], ["a", "0.1"], ["a", "0.2"]]
    after = [run.uid for run in runs(header, edited, meaning, "/exp", "r.csv")]
    assert after == [before[2], before[0], before[1]]
    elsewhere = [run.uid for run in runs(header, rows, meaning, "/other", "r.csv")]
    assert not set(elsewhere) & set(before)


@pytest.mark.parametrize(
    ("text", "meant"),
    [("3", 3), ("3.5", 3.5), ("1e-3", 0.001), ("True", True), ("", None), ("007", "007"), ("[1, 2]", [1, 2]),
     ("{x", "{x"), ("1_000", "1_000"), ("adam", "adam")],
)  # fmt: skip
def test_cells_are_values(text: str, meant: object) -> None:
    assert value(text) == meant
