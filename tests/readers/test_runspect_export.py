"""What an export says that people said: nothing else than what may be carried along."""

from __future__ import annotations

from typing import Any

import pytest

from runspect.readers.contract import Said
from runspect.readers.runspect_export import MOST_SAID, said

TIME = "2026-01-02T03:04:05+00:00"
LINE: dict[str, Any] = {"about": "run", "key": "verdict", "value": {"verdict": "supported"}, "who": "me", "time": TIME}


def test_a_line_of_a_run_and_of_its_hypothesis() -> None:
    told = said({"annotations": [LINE, {**LINE, "about": "hyp:h4kqx7", "key": "text", "value": "it helps"}]})
    assert told == (
        Said("run", "verdict", {"verdict": "supported"}, "me", 1767323045.0),
        Said("hyp:h4kqx7", "text", "it helps", "me", 1767323045.0),
    )


@pytest.mark.parametrize(
    "odd",
    [
        None, 3, {}, {**LINE, "about": "run:wandb:x"}, {**LINE, "about": "project:p"}, {**LINE, "key": "archive"},
        {**LINE, "key": "tag:x"}, {**LINE, "time": "soon"}, {**LINE, "who": 3}, {**LINE, "about": "hyp:../x"},
    ],
)  # fmt: skip
def test_other_lines_are_left_out(odd: object) -> None:
    assert said({"annotations": [odd]}) == () == said({"annotations": odd})


def test_there_is_an_end() -> None:
    assert len(said({"annotations": [LINE] * (MOST_SAID + 5)})) == MOST_SAID
