from __future__ import annotations

from pathlib import Path

from runspect.demo.history import AN_HOUR, HISTORY, copy_history

NOW = 1_900_000_000.0


def test_is_small_and_complete() -> None:
    files = [path for path in HISTORY.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 600_000
    assert not any(path.is_symlink() for path in HISTORY.rglob("*"))
    assert len(list(HISTORY.glob("classifier/wandb/*/*.wandb"))) == 5
    assert len(list(HISTORY.rglob(".hydra/config.yaml"))) == 5


def test_every_byte_is_copied_with_a_time_of_its_own(tmp_path: Path) -> None:
    copy_history(tmp_path, NOW)
    for source in HISTORY.rglob("*"):
        copy = tmp_path / source.relative_to(HISTORY)
        if source.is_file():
            assert copy.read_bytes() == source.read_bytes()
            assert copy.stat().st_mtime < NOW - AN_HOUR
    ended = {path.stat().st_mtime for path in tmp_path.rglob("*.wandb")}
    assert len(ended) == 5


def test_on_a_clock_that_is_behind_nothing_lies_in_the_future(tmp_path: Path) -> None:
    copy_history(tmp_path, 1e9)
    assert all(path.stat().st_mtime <= 1e9 - AN_HOUR for path in tmp_path.rglob("*") if path.is_file())
