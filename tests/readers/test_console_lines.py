"""Folds, decimal commas and drawn tables on consoles."""

from __future__ import annotations

import pytest

from runspect.readers.console_decimals import has_decimal_comma, with_points
from runspect.readers.console_folds import fold_of
from runspect.readers.pattern_set import patterns
from runspect.readers.scrape import Memory, Scraper

Told = dict[str, list[tuple[int, float]]]


def told(text: str) -> Told:
    found: Told = {}
    for _, _, matched in Scraper(patterns().patterns, Memory()).scan(text.encode()):
        for row in matched.rows:
            found.setdefault(row.name, []).append((row.step, row.value))
    return found


def test_each_fold_of_a_cross_validation_has_its_own_series() -> None:
    text = "".join(
        f"===== Fold {fold}/2 =====\n" + "".join(f"Epoch {e}/3 - loss: {fold + e / 10}\n" for e in (1, 2, 3))
        for fold in (1, 2)
    )
    assert told(text) == {
        "fold1/loss": [(1, 1.1), (2, 1.2), (3, 1.3)],
        "fold2/loss": [(1, 2.1), (2, 2.2), (3, 2.3)],
    }


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Fold 3", 3),
        ("---- Training fold 2 of 5 ----", 2),
        ("[Fold: 0] epoch 1 loss 0.3", 0),
        ("fold_4", 4),
        ("unfold 3", None),
        ("loss of fold 3", None),
        ("fold 1.5x", None),
    ],
)
def test_a_line_begins_with_its_fold(line: str, number: int | None) -> None:
    assert fold_of(line) == number


def test_decimal_commas_are_read_as_points_once_a_metric_shows_them() -> None:
    text = "".join(f"Epoch {e}/3, loss = {1 / e:.4f}, val_loss = {e / 8:.3f}\n".replace(".", ",") for e in (1, 2, 3))
    assert told(text) == {
        "loss": [(1, 1.0), (2, 0.5), (3, 0.3333)],
        "val_loss": [(1, 0.125), (2, 0.25), (3, 0.375)],
    }


@pytest.mark.parametrize(
    ("line", "certain"),
    [("loss: 0,5", True), ("acc=93,25 %", True), ("loss: 1,234", False), ("gpus: 0,1", False), ("loss: 1,2,3", False)],
)
def test_what_shows_a_decimal_comma(line: str, certain: bool) -> None:
    assert has_decimal_comma(line) is certain


def test_lists_and_thousands_keep_their_commas() -> None:
    assert with_points("loss: 0,5, lr: 1e-3, 12,345,678 [1,2,3]") == "loss: 0.5, lr: 1e-3, 12,345,678 [1,2,3]"
