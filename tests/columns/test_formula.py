"""Arithmetic in columns: text → formula → text, and titles that read well."""

from __future__ import annotations

import pytest
from hypothesis import given

from runspect.columns import Names, UnknownName, header, judged, parse_column, resolve
from runspect.columns.formula import Formula, Operation, parse_formula, render_formula
from tests.query import trees

NAMES = Names(params=("lr", "a - b"), metrics=("train/loss", "val/loss", "test/acc"))


@given(trees.formulas)
def test_a_rendered_formula_parses_to_itself(formula: Formula) -> None:
    assert not isinstance(formula, Operation) or parse_formula(render_formula(formula)) == formula


@pytest.mark.parametrize(
    "spec", ["val/loss", "my-key", "a-b", "a -b", "a- b", "* - b", "a - ", "- b", "a - b)", "(a - b"]
)
def test_an_operator_stands_between_blanks_and_operands(spec: str) -> None:
    assert parse_formula(spec) is None


@pytest.mark.parametrize(
    ("spec", "title"),
    [
        ("train/loss - val/loss", "train/loss - val/loss"),
        ("val/loss:min   /  train/loss:min", "val/loss min / train/loss min"),
        ("(test/acc:best - 0.5) * 100", "(test/acc highest - 0.5) * 100"),
        ("took / steps", "took / steps"),
        ("lr - (lr - 1)", "lr - (lr - 1)"),
    ],
)
def test_titles_read_well(spec: str, title: str) -> None:
    assert header(parse_column(spec)) == title


def test_what_is_computed_has_no_direction_but_a_stated_one() -> None:
    column = resolve(parse_column("train/loss - val/loss"), NAMES)
    assert column.kind == "formula"
    assert judged(column) is None
    assert judged(column, {"train/loss - val/loss": "down"}) == "down"


def test_a_name_that_looks_like_a_formula_is_that_name() -> None:
    assert resolve(parse_column("a - b"), NAMES).kind == "param"


def test_an_unknown_operand_is_said() -> None:
    with pytest.raises(UnknownName, match="nothing"):
        resolve(parse_column("val/loss - nothing"), NAMES)
