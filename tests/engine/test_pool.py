"""Files that are read while the tree is walked are those that are wanted then, once each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from runspect.engine.crew import AHEAD_BYTES, Crew
from runspect.engine.pool import INLINE_FILES, Pool, task_of
from runspect.engine.reading import Piece, Task
from runspect.engine.walked import Seen
from runspect.model import Claim
from runspect.readers.contract import Cursor

FILES = 2 * INLINE_FILES


def _seen(root: Path, name: str, text: str) -> Seen:
    (root / name).write_text(text)
    status = (root / name).stat()
    claim = Claim("jsonl", name, ".", "weak", "series")
    return Seen(name, status.st_size, status.st_mtime, status.st_ino, claim, status.st_ctime_ns)


def _tree(root: Path) -> list[Seen]:
    return [_seen(root, f"{number:03}.jsonl", f'{{"step": 0, "loss": {number}}}\n') for number in range(FILES)]


def _tasks(root: Path, files: Sequence[Seen]) -> list[Task]:
    return [task_of(number, "jsonl", str(root), seen.path, Cursor(), seen) for number, seen in enumerate(files)]


def _pieces(root: Path, early: Sequence[Seen], tasks: Sequence[Task], cancel: Event | None = None) -> list[Piece]:
    pool = Pool(str(root), cancel or Event())
    try:
        for place in range(0, len(early), 3):
            pool.expect(early[place : place + 3])
        return [piece for piece in pool.pieces(tasks, [100] * len(tasks)) if piece is not None]
    finally:
        pool.close()


def _values(pieces: Sequence[Piece]) -> dict[int, float]:
    return {piece.number: float(piece.batch.points["loss"].values[0]) for piece in pieces if piece.batch is not None}


def test_each_file_is_told_once_however_much_was_read_early(tmp_path: Path) -> None:
    files = _tree(tmp_path)
    for early in ([], files[: FILES // 2 + 20], files):
        pieces = _pieces(tmp_path, early, _tasks(tmp_path, files))
        assert Counter(piece.number for piece in pieces if piece.ended) == Counter(range(FILES))
        assert _values(pieces) == {number: number for number in range(FILES)}


def test_what_is_not_wanted_as_it_was_seen_is_read_again(tmp_path: Path) -> None:
    files = _tree(tmp_path)
    tasks = _tasks(tmp_path, files)
    tasks[7] = tasks[7]._replace(size=0)
    (tmp_path / files[7].path).write_text('{"step": 0, "loss": 7.5}\n')
    pieces = _pieces(tmp_path, [*files[:7], files[7]._replace(path="none.jsonl"), *files[8:]], tasks)
    assert Counter(piece.number for piece in pieces if piece.ended) == Counter(range(FILES))
    assert _values(pieces)[7] == 7.5


def test_a_file_of_two_runs_is_told_to_both(tmp_path: Path) -> None:
    files = _tree(tmp_path)
    tasks = _tasks(tmp_path, [*files, files[0]])
    pieces = _pieces(tmp_path, files, tasks)
    assert Counter(piece.number for piece in pieces if piece.ended) == Counter(range(FILES + 1))
    assert _values(pieces)[FILES] == 0


def test_nothing_is_waited_for_when_nothing_is_wanted_or_it_was_cancelled(tmp_path: Path) -> None:
    files = _tree(tmp_path)
    assert _pieces(tmp_path, files, []) == []
    cancel = Event()
    cancel.set()
    assert _pieces(tmp_path, files, _tasks(tmp_path, files), cancel) == []


def test_large_files_are_shared_by_the_workers(tmp_path: Path) -> None:
    tasks = _tasks(tmp_path, [_seen(tmp_path, f"{number}.jsonl", "") for number in range(4)])
    crew = Crew(2, Event())
    try:
        crew.tell([(task, AHEAD_BYTES) for task in tasks[:2]], last=False)
        assert crew.untell() == []
        crew.tell([(task, AHEAD_BYTES) for task in tasks[2:]], last=True)
        came = []
        while (pieces := crew.take()) is not None:
            came += pieces
        assert sorted(piece.number for piece in came if piece.ended) == [0, 1, 2, 3]
    finally:
        crew.close()
