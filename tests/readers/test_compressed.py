"""Compressed logs are told of in Health, compressed data is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from runspect.readers import claim_file
from runspect.readers.contract import Entry


@pytest.mark.parametrize(
    ("path", "beside", "told"),
    [
        ("run/metrics.jsonl.gz", "", True),
        ("run/train.log.xz", "", True),
        ("run/progress.csv.gz", "", True),
        ("run/progress.csv.gz", "progress.csv", False),
        ("run/train_set.csv.gz", "", False),
        ("data/scores.csv.gz", "", False),
        ("run/weights.bin.gz", "", False),
    ],
)
def test_a_compressed_log_is_told_of(tmp_path: Path, path: str, beside: str, told: bool) -> None:
    entry = Entry(path, tmp_path / path, 10, 0.0, frozenset({beside}), frozenset())
    assert claim_file(entry) is None
    assert bool(entry.fault) is told
