"""The journal: durable, idempotent, undone per client, read from many files."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runspect.errors import JournalFault, UsageError
from runspect.journal import Journal
from runspect.masking import MASK
from runspect.model import Op


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A journal in an empty directory."""
    opened = Journal([tmp_path / "journal"], "box", "engine@box")
    yield opened
    opened.close()


def reopened(tmp_path: Path) -> Journal:
    """What another engine reads from the same directory."""
    found = Journal([tmp_path / "journal"], "box", "engine@box")
    found.refresh()
    return found


def tag(name: str, uid: str = "a", value: bool | None = True) -> Op:
    return Op(f"run:{uid}", f"tag:{name}", value)


def test_an_annotation_is_there_for_the_next_engine(journal: Journal, tmp_path: Path) -> None:
    journal.annotate("g1", "pane", "ada@box", [tag("x"), Op("run:a", "note", "good [run] 日本")])
    other = reopened(tmp_path)
    assert other.value("run:a", "tag:x") is True
    assert other.value("run:a", "note") == "good [run] 日本"


def test_a_line_has_the_fields_of_the_format(journal: Journal, tmp_path: Path) -> None:
    journal.annotate("g1", "pane", "ada@box", [tag("x")])
    (file,) = (tmp_path / "journal").glob("box-*.jsonl")
    line = json.loads(file.read_text())
    assert {"v", "id", "ts", "who", "target", "key", "value"} <= set(line)
    assert [line[key] for key in ("v", "who", "target", "key", "value")] == [1, "ada@box", "run:a", "tag:x", True]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_repeated_request_writes_nothing(journal: Journal, tmp_path: Path) -> None:
    first = journal.annotate("g1", "pane", "ada", [tag("x"), tag("y")])
    assert journal.annotate("g1", "pane", "ada", [tag("x"), tag("y")]) == first
    other = reopened(tmp_path)
    assert other.annotate("g1", "pane", "ada", [tag("x"), tag("y")]) == first
    assert sum(len(path.read_bytes().splitlines()) for path in (tmp_path / "journal").iterdir()) == 2


def test_half_a_request_is_completed_by_its_repeat(tmp_path: Path) -> None:
    Journal([tmp_path / "journal"], "box", "e").annotate("g1", "pane", "ada", [tag("x"), tag("y")])
    (file,) = (tmp_path / "journal").iterdir()
    first, second = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(first + second[:20])  # killed in the middle of the write
    other = reopened(tmp_path)
    assert other.value("run:a", "tag:y") is None
    assert len(other.annotate("g1", "pane", "ada", [tag("x"), tag("y")])) == 2
    assert reopened(tmp_path).value("run:a", "tag:y") is True


def test_what_changes_nothing_is_not_written(journal: Journal) -> None:
    journal.annotate("g1", "pane", "ada", [tag("x")])
    assert journal.annotate("g2", "pane", "ada", [tag("x")]) == []


def test_later_annotation_wins_although_the_clock_went_back(tmp_path: Path) -> None:
    times = iter([2_000, 1_000])
    journal = Journal([tmp_path / "journal"], "box", "e", clock=lambda: next(times))
    journal.annotate("g1", "pane", "ada", [Op("run:a", "note", "first")])
    journal.annotate("g2", "pane", "ada", [Op("run:a", "note", "second")])
    assert reopened(tmp_path).value("run:a", "note") == "second"


def test_undo_and_redo_walk_back_and_forth(journal: Journal) -> None:
    journal.annotate("g1", "pane", "ada", [Op("run:a", "note", "one")])
    journal.annotate("g2", "pane", "ada", [Op("run:a", "note", "two"), tag("x")])
    assert journal.undo("u1", "pane", "ada")[0] == "undid note, tag x"
    assert (journal.value("run:a", "note"), journal.value("run:a", "tag:x")) == ("one", None)
    assert journal.undo("u2", "pane", "ada")[0] == "undid note"
    assert journal.value("run:a", "note") is None
    assert journal.undo("u3", "pane", "ada")[0] == ""
    assert journal.undo("r1", "pane", "ada", redo=True)[0] == "redid note"
    journal.undo("r2", "pane", "ada", redo=True)
    assert (journal.value("run:a", "note"), journal.value("run:a", "tag:x")) == ("two", True)
    assert journal.undo("u4", "pane", "ada")[0] == "undid note, tag x"


def test_undo_survives_the_engine_and_its_repeat_does_nothing(journal: Journal, tmp_path: Path) -> None:
    journal.annotate("g1", "pane", "ada", [tag("x")])
    journal.annotate("g2", "pane", "ada", [tag("y")])
    other = reopened(tmp_path)
    text, _ = other.undo("u1", "pane", "ada")
    assert other.undo("u1", "pane", "ada")[0] == text == "undid tag y"
    third = reopened(tmp_path)
    assert third.undo("u1", "pane", "ada")[0] == text
    assert third.value("run:a", "tag:x") is True


def test_undo_is_the_clients_own(journal: Journal) -> None:
    journal.annotate("g1", "left", "ada", [tag("x")])
    journal.annotate("g2", "right", "ada", [tag("y")])
    assert journal.undo("u1", "left", "ada")[0] == "undid tag x"
    assert journal.value("run:a", "tag:y") is True


def test_undo_leaves_alone_what_others_wrote_over_it(journal: Journal) -> None:
    journal.annotate("g1", "left", "ada", [Op("run:a", "note", "mine")])
    journal.annotate("g2", "right", "bob", [Op("run:a", "note", "his")])
    assert journal.undo("u1", "left", "ada")[0] == ""
    assert journal.value("run:a", "note") == "his"


def test_other_engines_lines_are_seen(journal: Journal, tmp_path: Path) -> None:
    other = reopened(tmp_path)
    journal.annotate("g1", "pane", "ada", [tag("x")])
    assert [line.key for line in other.refresh()] == ["tag:x"]
    journal.annotate("g2", "pane", "ada", [tag("y")])
    assert [line.key for line in other.refresh()] == ["tag:y"]
    assert other.refresh() == []


def test_a_snapshot_masks_secrets_and_a_repeat_writes_nothing(journal: Journal) -> None:
    value = {"params": {"lr": 0.1, "api_key": "abc", "max_tokens": 5}, "name": "r"}
    assert len(journal.snapshot("u", value)) == 1
    assert journal.snapshot("u", value) == []
    assert journal.value("run:u", "snapshot") == {"params": {"lr": 0.1, "api_key": MASK, "max_tokens": 5}, "name": "r"}


@pytest.mark.parametrize("op", [Op("a", "note", "x"), Op("run:a", "", "x"), Op("run:a", "note", "x" * (2 << 20))])
def test_a_malformed_op_is_refused(journal: Journal, op: Op) -> None:
    with pytest.raises(UsageError):
        journal.annotate("g", "pane", "ada", [op])


def test_a_directory_that_cannot_be_written_is_passed_over_and_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    journal = Journal([tmp_path / "taken" / "journal", tmp_path / "journal"], "box", "e")
    journal.annotate("g1", "pane", "ada", [tag("x")])
    assert "cannot be written" in journal.note
    assert reopened(tmp_path).value("run:a", "tag:x") is True


def test_a_full_disk_is_not_acknowledged_and_leaves_no_half_line(journal: Journal, tmp_path: Path) -> None:
    journal.annotate("g1", "pane", "ada", [tag("x")])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    written = sum(path.stat().st_size for path in (tmp_path / "journal").iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (written + 30, before[1]))
    try:
        with pytest.raises(JournalFault, match="not saved"):
            journal.annotate("g2", "pane", "ada", [Op("run:a", "note", "x" * 5000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert journal.value("run:a", "note") is None
    journal.annotate("g3", "pane", "ada", [tag("y")])
    other = reopened(tmp_path)
    assert (other.value("run:a", "note"), other.value("run:a", "tag:y")) == (None, True)
    assert all(path.stat().st_size for path in (tmp_path / "journal").iterdir())


WRITER = """
import sys
from pathlib import Path
from runspect.journal import Journal
from runspect.model import Op
journal, name, number = Journal([Path(sys.argv[1])], "box", "e"), sys.argv[2], 0
while True:
    journal.annotate(f"{name}-{number}", name, "ada", [Op(f"run:{number % 50}", f"tag:{name}-{number}", True)])
    print(f"{name}-{number}", flush=True)
    number += 1
"""


def test_kill_9_of_many_writers_loses_nothing_acknowledged(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "journal"), f"w{number}"],
            stdout=subprocess.PIPE, env=environment, text=True,
        )
        for number in range(4)
    ]  # fmt: skip
    acknowledged: list[set[str]] = [set() for _ in writers]
    enough = [threading.Event() for _ in writers]

    def listen(number: int) -> None:
        stream = writers[number].stdout
        assert stream is not None
        for text in stream:
            if text.endswith("\n"):
                acknowledged[number].add(text.strip())
            if len(acknowledged[number]) >= 40:
                enough[number].set()

    threads = [threading.Thread(target=listen, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for event in enough:
        assert event.wait(30)
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    for thread in threads:
        thread.join()
    found = {line.group for line in Journal([tmp_path / "journal"], "box", "e").refresh()}
    assert set().union(*acknowledged) <= found


def test_a_journal_that_was_removed_is_begun_anew(journal: Journal, tmp_path: Path) -> None:
    journal.annotate("g1", "pane", "ada", [tag("x")])
    for file in (tmp_path / "journal").iterdir():
        file.unlink()
    journal.annotate("g2", "pane", "ada", [tag("y")])
    assert reopened(tmp_path).value("run:a", "tag:y") is True


def test_a_closed_journal_writes_nothing(journal: Journal, tmp_path: Path) -> None:
    journal.annotate("g1", "pane", "ada", [tag("x")])
    journal.close()
    with pytest.raises(JournalFault, match="closed"):
        journal.annotate("g2", "pane", "ada", [tag("y")])
    assert len(list((tmp_path / "journal").iterdir())) == 1
