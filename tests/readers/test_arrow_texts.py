"""Texts looked at where they stand: numbers, those that JSON knows and no others, and which texts are equal."""

from __future__ import annotations

import json

import numpy as np
import pytest

from runspect.readers.arrow_texts import cast, distinct, json_numbers, same
from tests.readers.test_fast_json import ODD, TOKENS


def placed(texts: list[str], between: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A buffer with texts in it, and where they begin and end."""
    sizes = np.array([len(text.encode()) for text in texts])
    ends = np.cumsum(len(between) + sizes)
    starts = ends - sizes
    return np.frombuffer((between + between.join(texts) + between).encode(), np.uint8), starts, ends


@pytest.mark.parametrize("between", ["\n", ', "a.e5": ', "x"])
def test_values_are_those_of_json(between: str) -> None:
    known = [token for token in TOKENS if "e400" not in token and "e999" not in token]
    found = json_numbers(*placed(known, between))
    assert found is not None and found[1] is not None
    values = [json.loads(token) for token in known]
    none = [value is None or isinstance(value, bool) for value in values]
    assert found[1].tolist() == none
    wanted = [np.nan if missing else float(value) for value, missing in zip(values, none, strict=True)]
    np.testing.assert_array_equal(found[0], wanted)


@pytest.mark.parametrize("odd", [odd for odd in ODD if odd])
def test_what_json_does_not_know_as_a_number_is_refused(odd: str) -> None:
    for texts in ([odd], ["0.5", odd], [odd, "0.5", "null"]):
        assert json_numbers(*placed(texts, ",")) is None


def test_no_texts_are_no_numbers() -> None:
    none = np.empty(0, np.int64)
    found = cast(np.frombuffer(b"1", np.uint8), none, none)
    assert found is not None and len(found) == 0


def test_texts_are_told_apart() -> None:
    texts = ["a", "", "é", "a", "ab", "", "é"]
    data, starts, ends = placed(texts, "\n")
    found, codes = distinct(data, starts, ends)
    assert [found[code].decode() for code in codes.tolist()] == texts
    assert len(found) == 4
    assert distinct(data, starts[:0], ends[:0])[0] == []


def test_a_text_is_compared_to_its_last_byte() -> None:
    data = np.frombuffer(b'"train/loss": 1 "train/lost": 1 "train/loss": 2', np.uint8)
    assert same(data, np.array([0, 16, 32]), b'"train/loss": ').tolist() == [True, False, True]
