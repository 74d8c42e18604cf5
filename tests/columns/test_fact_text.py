"""Facts in the units in which people think."""

from __future__ import annotations

import time

import pytest

from runspect.columns.fact_text import bytes_text, fact_text
from runspect.model import Json


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("memory", 25276502016, "23.5 GiB"),
        ("gpu_memory_peak", 512, "512 B"),
        ("memory", "64GB", "64GB"),
        ("pid", 4194303, "4194303"),
        ("process_started", float("nan"), "NaN"),
        ("process_started", 1e300, "1e300"),
        ("environment", {"CUDA_VISIBLE_DEVICES": "0,1", "OMP_NUM_THREADS": "4"}, "CUDA_VISIBLE_DEVICES=0,1  OMP_NUM_THREADS=4"),
        ("seeds", {"seed": 3, "data.seed": 4}, "seed=3  data.seed=4"),
        ("git_untracked", ["train.py", "src/\x1bnet.py"], "train.py, src/·net.py"),
        ("objectives", [1, 2], "[1,2]"),
        ("data", [{"path": "/d/x", "files": 12, "size": 3 << 30, "sha256": "a" * 64}], f"/d/x  12 files  3.0 GiB  sha256 {'a' * 16}"),
        ("data", [{"path": "/d/y", "missing": "No such file or directory"}, 3], "/d/y  No such file or directory, 3"),
    ],
)  # fmt: skip
def test_a_fact(name: str, value: Json, text: str) -> None:
    assert fact_text(name, value) == text


def test_moments_are_local_time() -> None:
    moment = time.mktime((2026, 11, 26, 3, 4, 5, 0, 0, -1))
    assert fact_text("process_started", moment).startswith("2026-11-26 03:04:05")
    assert fact_text("started", moment) == fact_text("process_started", moment)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (200 << 20, "200 MiB"), (3 << 50, "3072 TiB")],
)
def test_bytes(size: int, text: str) -> None:
    assert bytes_text(size) == text
