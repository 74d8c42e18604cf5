"""Runs that ended badly, by cause."""

from __future__ import annotations

import pytest

from runspect.practice.graveyard import Death, graveyard, plain_reason, way
from runspect.practice.weeks import WEEK_S, week_name, week_of

START = week_of(1.7e9)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 7.93 GiB total)", "CUDA out of memory. Tried to allocate N MiB (GPU N; N GiB total)"),
        ("FileNotFoundError: [Errno 2] No such file: '/data/x/a 1.csv'", "FileNotFoundError: [Errno N] No such file: 'PATH N.csv'"),
        ("exit code -9, signal 9", "exit code -9, signal 9"),
        ("exit code 3 after 1,234 steps", "exit code 3 after N steps"),
        ("no end record, silent since 2026-11-20 10:31, pid 4711 is not alive", "no end record, silent since T, pid N is not alive"),
        ("slurm: CANCELLED AT 2026-11-23T10:01:00 DUE TO TIME LIMIT in console", "slurm: CANCELLED AT T DUE TO TIME LIMIT in console"),
        ("<Foo object at 0x7f3a2b> is not float32", "<Foo object at ADDRESS> is not float32"),
        ("shapes (64x10) and [3, 224, 224] on cuda:1", "shapes (N) and [N] on cuda:N"),
        ("job 6b3f9a1c-22aa-4d8e-9c0f-aaaaaaaaaaaa, commit 9f2c17d0a1b2", "job ID, commit ID"),
        ("see https://x.org/a?b=1", "see URL"),
        ("could not read data/train/a.csv", "could not read PATH"),
        ("val/loss is NaN", "val/loss is NaN"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_is_particular_is_left_out(text: str, plain: str) -> None:
    assert plain_reason(text) == plain


def test_a_long_reason_is_cut() -> None:
    assert len(plain_reason("x " * 5000)) == 160


def death(rid: int, cause: str, reason: str = "", week: int | None = 0, took: float | None = 3600.0) -> Death:
    return Death(rid, cause, reason, None if week is None else START + week * WEEK_S + rid, took)


def test_causes_with_counts_hours_an_example_and_weeks() -> None:
    found = graveyard(
        [
            death(1, "out of memory", "Tried to allocate 20 MiB", 0),
            death(2, "out of memory", "Tried to allocate 31 MiB", 1, 7200.0),
            death(3, "out of memory", "oom", 1, None),
            death(4, "ValueError", "ValueError: boom", 3, 9e5),
            death(5, "out of memory", "", None, 60.0),
        ]
    )
    assert (found.runs, found.seconds) == (5, 900_000 + 3600 + 7200 + 60)
    assert [week_name(start) for start in found.weeks] == [week_name(START + at * WEEK_S) for at in range(4)]
    first, second = found.graves
    assert (first.cause, first.rids, first.per_week, first.way) == ("ValueError", (4,), (0, 0, 0, 1), "too few")
    assert (second.cause, second.rids, second.runs, second.seconds, second.untimed) == (
        "out of memory",
        (3, 2, 1, 5),
        4,
        10860.0,
        1,
    )
    assert second.last.rid == 3
    assert [(each.text, each.runs) for each in second.reasons] == [("Tried to allocate N MiB", 2), ("oom", 1)]
    assert second.per_week == (1, 2, 0, 0)
    assert graveyard([]).graves == ()


def test_the_trend_of_a_cause() -> None:
    assert way((1, 2, 3, 4, 6)) == "more"
    assert way((9, 7, 4, 2, 0)) == "fewer"
    assert way((2, 2, 3, 2, 2)) == "no trend"
    assert way((0, 1, 2)) == way((0, 0, 1, 2)) == "too few"
