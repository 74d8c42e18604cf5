"""When two configs are the same."""

from __future__ import annotations

import pytest

from runspect.model import Json
from runspect.practice.configs import Change, changes, telling, typed


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("1e-3", 0.001), ("0.1", 0.1), (0.10000000149011612, 0.1), ("12", 12), ("007", 7), ("True", True), ("none", None),
        ("", None), ("[1, 2.50]", [1, 2.5]), ("[1,", "[1,"), ("1.2.3", "1.2.3"), ("nan", "nan"), (1.0, 1.0), (True, True),
        ({"a": "1"}, {"a": 1}), (123456789, 123456789), (" adam ", "adam"),
    ],
)  # fmt: skip
def test_what_a_text_means(value: Json, meant: Json) -> None:
    found = typed(value)
    assert found == meant
    assert type(found) is type(meant)


def test_configs_differ_in_what_counts() -> None:
    def counts(param: str) -> bool:
        return param != "seed"

    one = telling({"lr": "1e-3", "seed": 1, "out": "/a/b", "ema": None, "opt": "adam", "n": 1}, counts)
    other = telling({"lr": 0.001, "seed": 2, "out": "/c", "opt": "sgd", "n": True}, counts)
    assert changes(one, other) == (Change("n", 1, True), Change("opt", "adam", "sgd"))
    assert changes(one, {}) == (Change("lr", 0.001, None), Change("n", 1, None), Change("opt", "adam", None))
