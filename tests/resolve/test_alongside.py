"""Event files in another tree than Sacred's directory: of one run when times and values say so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from runspect.engine.discovery import walk
from runspect.model import Claim
from runspect.readers import claim_file
from runspect.readers.first_values import values_hint
from runspect.resolve import resolve
from tests.conftest import FIXTURES
from tests.readers.make_tfevents import event, record, simple, summary
from tests.resolve.claims import events

START = 1_700_000_000


Point = tuple[str, int, float]
FIRST: tuple[Point, ...] = (("loss", 10, 0.52734375), ("loss", 20, 0.41015625), ("return_mean", 10, 3.0))


def sacred(number: int, begun: float, points: Iterable[Point] = FIRST, over: float | None = None) -> list[Claim]:
    root = f"results/sacred/{number}"
    times = (("begun", f"{begun}"), *((("over", f"{over}"),) if over is not None else ()))
    return [
        Claim("sacred", f"{root}/run.json", root, "container", "status", 3, "sacred", times),
        Claim("sacred", f"{root}/info.json", root, "container", "series", 3, "sacred", values_hint(points)),
    ]


def board(name: str, start: int, points: Iterable[Point] = FIRST) -> Claim:
    points = tuple(points)
    made = events(f"results/tb_logs/{name}", tags="\n".join(dict.fromkeys(tag for tag, _, _ in points)))
    hints = (*made.hints, ("start", str(start)), *values_hint(points))
    return Claim(made.reader, made.path, made.root, "weak", "series", 2, "tensorboard", hints)


def others(factor: float) -> list[Point]:
    """What another run of the same program logs."""
    return [(name, step, value * factor) for name, step, value in FIRST]


def apart(*claims: Claim) -> bool:
    """Whether some event file is a run of its own."""
    return any(run.root.startswith("results/tb_logs/") for run in resolve(claims).runs)


def test_event_files_join_the_run_that_began_with_them() -> None:
    second = others(1.01)
    claims = [
        *sacred(1, START),
        *sacred(2, START + 5000, second),
        board("a", START + 3),
        board("b", START + 5004, second),
    ]
    one, other = resolve(claims).runs
    assert [run.root for run in (one, other)] == ["results/sacred/1", "results/sacred/2"]
    assert "results/tb_logs/a" in {part.claim.root for part in one.parts}
    assert "results/tb_logs/b" in {part.claim.root for part in other.parts}


def test_of_two_that_began_together_the_values_tell_which_is_which() -> None:
    second = others(1.01)
    claims = [*sacred(1, START), *sacred(2, START + 1, second), board("a", START + 3, second), board("b", START + 3)]
    one, other = resolve(claims).runs
    assert "results/tb_logs/b" in {part.claim.root for part in one.parts}
    assert "results/tb_logs/a" in {part.claim.root for part in other.parts}


def test_values_may_differ_by_what_float32_loses_alone() -> None:
    exact = [("loss", 10, 0.527343751), ("return_mean", 10, 1 / 3)]
    assert not apart(*sacred(1, START, exact), board("a", START, [(n, s, float(np.float32(v))) for n, s, v in exact]))
    assert apart(*sacred(1, START), board("a", START, [*FIRST[:2], ("return_mean", 10, 3.0001)]))


def test_other_times_or_two_candidates_join_nothing() -> None:
    assert apart(*sacred(1, START), board("a", START + 4000))
    assert apart(*sacred(1, START), board("a", START - 60))
    assert apart(*sacred(1, START, over=START + 2), board("a", START + 3))
    assert not apart(*sacred(1, START, over=START + 200), board("a", START + 3))
    assert apart(*sacred(1, START), *sacred(2, START + 1), board("a", START + 3))
    assert apart(*sacred(1, START), board("a", START + 3), board("b", START + 4))


@pytest.mark.parametrize(
    "points",
    [
        [("val_acc", 10, 0.731239)],  # no name in common
        others(1.01),  # a name and a start in common, as any two runs of a sweep have
        [("loss", 11, 0.52734375), ("loss", 21, 0.41015625)],  # no step in common
        [("loss", 10, 0.52734375)],  # one point only
        [("loss", 10, 0.52734375), ("loss", 20, 0.5), ("return_mean", 10, 3.0)],  # they part after the first point
        [],
    ],
)  # fmt: skip
def test_a_start_and_a_name_in_common_are_no_proof(points: list[Point]) -> None:
    assert apart(*sacred(1, START), board("a", START + 3, points))


@pytest.mark.parametrize(
    "points",
    [
        [("loss", 0, 1.0), ("accuracy", 0, 0.0), ("return_mean", 0, 0.125)],  # round values
        [("lr", 1, 0.00093457), ("epsilon", 1, 0.98765), ("loss", 0, 2.0)],  # schedules are equal in all runs
    ],
)
def test_values_that_any_run_may_have_are_no_proof(points: list[Point]) -> None:
    assert apart(*sacred(1, START, points), board("a", START + 3, points))


def test_directories_of_real_writers(tmp_path: Path) -> None:
    """Sacred's files and an event file as they lie on a disk, once of one run and once of two."""
    root = tmp_path / "results/sacred/1"
    root.mkdir(parents=True)
    for name in ("run.json", "cout.txt", "config.json"):
        shutil.copy(FIXTURES / "sacred/my_runs/1" / name, root / name)
    begun = json.loads((root / "run.json").read_text())["start_time"]
    start = int(datetime.fromisoformat(f"{begun}+00:00").timestamp())
    loss = {"steps": [1, 2], "timestamps": [begun, begun], "values": [0.7123456789, 0.6123456789]}
    (root / "metrics.json").write_text(json.dumps({"loss": loss}))
    board = tmp_path / "results/tb/a" / f"events.out.tfevents.{start}.vm"
    board.parent.mkdir(parents=True)
    for shift, count in ((0.0, 1), (0.01, 2)):
        values = [value + shift for value in loss["values"]]
        board.write_bytes(
            b"".join(record(event(start + i, i + 1, summary(simple("loss", v)))) for i, v in enumerate(values))
        )
        claims = [file.claim for file in walk(tmp_path, claim=claim_file).files if file.claim is not None]
        assert len(resolve(claims).runs) == count


def version(place: str, points: Iterable[Point] = FIRST) -> list[Claim]:
    """What Lightning's CSVLogger leaves."""
    return [
        Claim("lightning", f"{place}/metrics.csv", place, "weak", "series", 2, "lightning", values_hint(points)),
        Claim("config", f"{place}/hparams.yaml", place, "weak", "config", 2, "config"),
    ]


def test_lightnings_table_and_event_files_in_trees_of_their_own_are_one_run() -> None:
    second = others(1.01)
    boards = [moved(board("a", START), "tb/version_0"), moved(board("b", START, second), "tb/version_1")]
    runs = resolve([*version("csv/version_0"), *version("csv/version_1", second), *boards]).runs
    assert [run.root for run in runs] == ["csv/version_0", "csv/version_1"]
    assert [{part.claim.root for part in run.parts} for run in runs] == [
        {"csv/version_0", "tb/version_0"},
        {"csv/version_1", "tb/version_1"},
    ]


def test_two_that_tell_the_same_are_told_apart_by_their_place_or_not_at_all() -> None:
    pairs = [*version("x/csv/version_0"), moved(board("a", START), "x/tb/version_0")]
    pairs += [*version("y/csv/version_0"), moved(board("a", START), "y/tb/version_0")]
    assert [run.root for run in resolve(pairs).runs] == ["x/csv/version_0", "y/csv/version_0"]
    doubtful = [*version("csv/version_0"), *(moved(board("a", START), f"tb/version_{number}") for number in range(2))]
    assert len(resolve(doubtful).runs) == 3


def test_a_training_saves_with_one_of_its_loggers() -> None:
    saved = [
        replace(claim, hints=(*claim.hints, ("saved", "yes")))
        for claim in (version("csv/version_0")[0], moved(board("a", START), "tb/version_0"))
    ]
    assert len(resolve(saved).runs) == 2


def moved(made: Claim, root: str) -> Claim:
    return replace(made, path=f"{root}/{made.path.rpartition('/')[2]}", root=root)
