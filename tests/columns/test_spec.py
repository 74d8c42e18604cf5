"""Column specs and what they resolve to."""

from __future__ import annotations

import pytest

from runspect.columns import Names, UnknownName, header, parse_column, resolve
from runspect.columns import meant as meant_column
from runspect.columns.names import find, near
from runspect.columns.table import COLUMNS
from runspect.errors import UsageError
from runspect.text_width import width

NAMES = Names(
    params=("lr", "optimizer.name", "a.seed", "b.seed", "loss", "Batch"),
    metrics=("val/loss", "metrics/mAP50(B)", "odd:min", "lr"),
    facts=("git_commit",),
)


@pytest.mark.parametrize(
    ("spec", "kind", "name", "aggregate", "step", "other"),
    [
        ("state", "field", "state", "last", False, ""),
        ("lr", "param", "lr", "last", False, ""),
        ("cfg.lr", "param", "lr", "last", False, ""),
        ("metrics.lr", "metric", "lr", "last", False, ""),
        ("lr:last", "metric", "lr", "last", False, ""),
        ("batch", "param", "Batch", "last", False, ""),
        ("name", "field", "name", "last", False, ""),
        ("optimizer.name", "param", "optimizer.name", "last", False, ""),
        ("git_commit", "fact", "git_commit", "last", False, ""),
        ("fact.seed", "fact", "seed", "last", False, ""),
        ("val/loss", "metric", "val/loss", "last", False, ""),
        ("val/loss:min", "metric", "val/loss", "min", False, ""),
        ("val/loss:best.step", "metric", "val/loss", "best", True, ""),
        ("odd:min", "metric", "odd:min", "last", False, ""),
        ("odd:min:max", "metric", "odd:min", "max", False, ""),
        ("metrics/mAP50(B)@min(val/loss)", "at", "metrics/mAP50(B)", "min", False, "val/loss"),
        ("val/loss@max(metrics/mAP50(B))", "at", "val/loss", "max", False, "metrics/mAP50(B)"),
        ("~val/loss", "spark", "val/loss", "last", False, ""),
    ],
)
def test_specs(spec: str, kind: str, name: str, aggregate: str, step: bool, other: str) -> None:
    found = resolve(parse_column(spec), NAMES)
    assert (found.kind, found.name, found.aggregate, found.step, found.other) == (kind, name, aggregate, step, other)
    assert found.spec == spec


@pytest.mark.parametrize("spec", ["", "  ", "~", "val/loss:mean.step", "val/loss:n.step"])
def test_specs_that_mean_nothing(spec: str) -> None:
    with pytest.raises(UsageError):
        parse_column(spec)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("duration", "took"), ("Status", "state"), ("max(val/acc)", "val/acc:max"), ("val/acc_min", "val/acc:min")],
)
def test_what_other_tools_write_is_told_its_name_here(typed: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"did you mean {meant}\\?"):
        meant_column(typed, Names(metrics=("val/acc",)))


def test_short_forms_must_be_unique() -> None:
    with pytest.raises(UnknownName) as caught:
        find("seed", NAMES, ("param",))
    assert caught.value.candidates == ("a.seed", "b.seed")
    assert "could be a.seed, b.seed" in str(caught.value)


def test_near_names_among_very_many() -> None:
    many = tuple(f"model.layer{number}.rate" for number in range(5000))
    assert near("model.layer777.rat", many)[0] == "model.layer777.rate"


def test_near_names() -> None:
    assert near("batchs", NAMES.params) == ("Batch",)
    assert near("LOSS", NAMES.metrics) == ("val/loss",)
    assert near("zzz", NAMES.params) == ()


@pytest.mark.parametrize(
    ("spec", "title"),
    [
        ("lr", "lr"), ("val/loss", "val/loss"), ("val/loss:best", "val/loss lowest"), ("val/acc:max", "val/acc max"),
        ("val/acc:best", "val/acc highest"), ("foo:best", "foo best"),
        ("foo:min", "foo min"), ("val/loss:min.step", "val/loss min.step"), ("~val/loss", "~val/loss"), ("age", "age"),
    ],
)  # fmt: skip
def test_headers(spec: str, title: str) -> None:
    names = Names(params=("lr",), metrics=("val/loss", "val/acc", "foo"))
    assert header(resolve(parse_column(spec), names)) == title


def test_headers_with_a_policy() -> None:
    column = resolve(parse_column("val/loss:best"), NAMES)
    assert header(column, {"val/loss": "up"}) == "val/loss highest"


def test_every_built_in_column_has_room_for_its_title() -> None:
    for row in COLUMNS:
        assert width(row.title) <= row.width
    assert len({row.name for row in COLUMNS}) == len(COLUMNS)


@pytest.mark.parametrize(("word", "name"), [("tag", "tags"), ("tool", "tools"), ("dir", "path"), ("starred", "star")])
def test_words_of_the_query_language_name_columns_too(word: str, name: str) -> None:
    found = resolve(parse_column(word), Names())
    assert (found.kind, found.name, found.spec) == ("field", name, word)
    own = resolve(parse_column(word), Names(params=(word,)))
    assert (own.kind, own.name) == ("param", word)
