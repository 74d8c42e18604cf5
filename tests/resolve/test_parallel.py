"""Writers of event files in one directory: one after the other goes on, one beside the other tells its own."""

from __future__ import annotations

import pytest

from runspect.model import Claim
from tests.resolve.claims import only


def board(pid: int, start: int, last: float, tags: str = "loss\nacc", host: str = "vm") -> Claim:
    hints = {"writer": f"{host}:{pid}", "start": f"{start}", "last": f"{last}", "tags": tags, "scalars": "yes"}
    path = f"run/events.out.tfevents.{start}.{host}.{pid}.0"
    return Claim("tfevents", path, "run", "weak", "series", 2, "tensorboard", tuple(hints.items()))


@pytest.mark.parametrize(
    ("second", "prefix"),
    [
        (board(2, 1010, 1090), "writer-2"),
        (board(2, 1010, 1090, host="node2"), "writer-node2-2"),
        (board(2, 1080, 1090), ""),
        (board(2, 1010, 1090, tags="val_loss"), ""),
        (board(1, 1010, 1090), ""),
    ],
    ids=["beside", "on another host", "after", "other metrics", "its own second file"],
)
def test_who_writes_beside_another_has_a_name_before_its_metrics(second: Claim, prefix: str) -> None:
    run = only([board(1, 1000, 1060), second])
    assert {part.claim.path: part.prefix for part in run.parts} == {
        "run/events.out.tfevents.1000.vm.1.0": "",
        second.path: prefix,
    }


def test_who_goes_on_after_both_is_the_first_again() -> None:
    run = only([board(1, 1000, 1060), board(2, 1010, 1090), board(3, 1200, 1300)])
    assert [part.prefix for part in run.parts] == ["", "writer-2", ""]
