"""Shared folders: several people write at once, git merges, and what others broke costs only itself."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.errors import JournalFault
from runspect.folder import Folder, make_folder
from runspect.journal import Addressed, Journal, Line
from runspect.journal.lines import encode, read_line
from runspect.journal.portable import localised, portable
from runspect.model import Json, Op


class Person:
    """Somebody with a home of their own who looks at a shared directory."""

    def __init__(self, home: Path, base: Path, name: str) -> None:
        self.folder = make_folder(str(base))
        self.name = name
        self.journal = Journal([home], "box", f"engine@{name}")
        self.journal.share([self.folder])
        self.journal.refresh()
        self.count = 0

    def says(self, key: str, value: Json, target: str = "run:a") -> None:
        self.count += 1
        self.journal.annotate(f"{id(self)}-{self.count}", self.name, self.name, [Op(target, key, value)], self.address)

    def address(self, ops: object) -> list[Addressed]:
        assert isinstance(ops, list | tuple)
        return [Addressed(op, self.folder.base) for op in ops]

    def sees(self, key: str, target: str = "run:a") -> Json:
        self.journal.refresh()
        return self.journal.value(target, key)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


def people(tmp_path: Path, base: Path) -> tuple[Person, Person]:
    return Person(tmp_path / "ada", base, "ada"), Person(tmp_path / "bob", base, "bob")


def files(base: Path) -> list[Path]:
    return sorted((base / ".runspect/journal").glob("*.jsonl"))


def test_two_people_at_once_both_survive_and_sign(tmp_path: Path, base: Path) -> None:
    ada, bob = people(tmp_path, base)
    ada.says("note", "hers")
    bob.says("tag:x", True)
    bob.says("note", "his")
    assert (ada.sees("note"), ada.sees("tag:x")) == ("his", True)
    assert (bob.sees("note"), bob.sees("tag:x")) == ("his", True)
    told = [json.loads(line) for path in files(base) for line in path.read_text().splitlines()]
    assert sorted(line["who"] for line in told) == ["ada", "bob", "bob"]
    assert len(files(base)) == 2, "each writes a file of their own"
    assert not list((tmp_path / "ada").glob("*")) if (tmp_path / "ada").exists() else True


def test_a_writer_goes_on_with_its_file_after_a_restart(tmp_path: Path, base: Path) -> None:
    for _ in range(3):
        person = Person(tmp_path / "ada", base, "ada")
        person.says(f"tag:t{os.urandom(2).hex()}", True)
        person.journal.close()
    assert len(files(base)) == 1


def test_two_engines_of_one_user_never_share_a_file(tmp_path: Path, base: Path) -> None:
    ada, again = Person(tmp_path / "a", base, "ada"), Person(tmp_path / "b", base, "ada")
    ada.says("note", "one")
    again.says("tag:x", True)
    assert len(files(base)) == 2
    assert again.sees("note") == "one"


def test_a_file_that_ends_in_half_a_line_is_not_written_again(tmp_path: Path, base: Path) -> None:
    ada = Person(tmp_path / "ada", base, "ada")
    ada.says("note", "one")
    ada.journal.close()
    (file,) = files(base)
    with file.open("ab") as out:
        out.write(b'{"v":1,"id":"torn')
    again = Person(tmp_path / "ada", base, "ada")
    again.says("tag:x", True)
    assert len(files(base)) == 2
    assert (again.sees("note"), again.sees("tag:x")) == ("one", True)
    assert again.journal.faults(str(base)) == [], "a torn last line was never acknowledged"


@pytest.mark.parametrize("how", ["replaced", "removed", "edited"])
def test_what_is_written_after_git_replaced_the_file_is_in_a_file_of_that_name(
    tmp_path: Path, base: Path, how: str
) -> None:
    ada = Person(tmp_path / "ada", base, "ada")
    ada.says("note", "one")
    (file,) = files(base)
    content = file.read_bytes()
    match how:
        case "replaced":
            file.unlink()
            file.write_bytes(content)
        case "removed":
            file.unlink()
        case "edited":
            file.write_bytes(content + encode(Line("hand", 5, "eve", "run:b", "note", "by hand")))
    ada.says("tag:x", True)
    other = Person(tmp_path / "bob", base, "bob")
    assert other.sees("tag:x") is True
    assert other.sees("note") == (None if how == "removed" else "one")
    if how == "edited":
        assert other.sees("note", "run:b") == "by hand"


def test_lines_that_git_merged_into_the_middle_are_seen(tmp_path: Path, base: Path) -> None:
    ada, bob = people(tmp_path, base)
    ada.says("note", "one")
    assert bob.sees("note") == "one"
    (file,) = files(base)
    late = encode(Line("merged", 7, "eve", "run:z", "note", "merged"))
    file.write_bytes(late + file.read_bytes())
    assert bob.sees("note", "run:z") == "merged"
    edited = (
        file.read_bytes().replace(b'"id":"merged"', b'"id":"nerged"').replace(b'"value":"merged"', b'"value":"Merged"')
    )
    file.write_bytes(edited)
    assert bob.sees("note", "run:z") == "Merged", "the size is the same"


HOSTILE = [
    b"<<<<<<< HEAD\n", b"=======\n", b">>>>>>> theirs\n", b'{"v":1,"id":"half\n', b"\xff\xfe\x00\n", b"[]\n", b"null\n",
    b"17\n", b'{"v":1}\n', b"[" * 5000 + b"\n",
    encode(Line("future", 1 << 80, "eve", "run:a", "note", "for ever")),
    encode(Line("past", -5, "eve", "run:a", "note", "x")),
    encode(Line("odd", 5, "eve", "what:a", "note", "x")),
    b'{"v":1,"id":"s","ts":3,"who":"\\ud800","target":"run:a","key":"note","value":"x"}\n',
    b'{"v":99,"id":"s","ts":3,"who":"e","target":"run:a","key":"note","value":"x"}\n',
]  # fmt: skip


def test_hostile_lines_cost_only_themselves_and_are_told(tmp_path: Path, base: Path) -> None:
    ada, bob = people(tmp_path, base)
    ada.says("note", "good")
    (file,) = files(base)
    good = encode(Line("more", 9, "eve", "run:b", "note", "also good"))
    file.write_bytes(
        b"".join(line + good for line in HOSTILE) + file.read_bytes() + b"\r\n\n" + b"x" * (5 << 20) + b"\n"
    )
    assert (bob.sees("note"), bob.sees("note", "run:b")) == ("good", "also good")
    told = bob.journal.faults(str(base))
    assert len(told) == 11
    assert told[0].what == "no annotation: '<<<<<<< HEAD'"
    assert told[-1].what == f"{len(HOSTILE) + 1 - 10} more lines that are no annotations"
    bob.says("note", "still")
    assert ada.sees("note") == "still"
    file.write_bytes(good)
    bob.journal.refresh()
    assert bob.journal.faults(str(base)) == []


def test_what_is_no_file_is_passed_over(tmp_path: Path, base: Path) -> None:
    make_folder(str(base))
    journal = base / ".runspect/journal"
    os.mkfifo(journal / "fifo.jsonl")
    (journal / "link.jsonl").symlink_to("/dev/zero")
    (journal / "folder.jsonl").mkdir()
    ada = Person(tmp_path / "ada", base, "ada")
    ada.says("note", "x")
    assert Person(tmp_path / "bob", base, "bob").sees("note") == "x"


def test_a_folder_that_cannot_be_written_sends_annotations_home_and_says_so(tmp_path: Path, base: Path) -> None:
    ada = Person(tmp_path / "ada", base, "ada")
    shutil.rmtree(base / ".runspect/journal")
    (base / ".runspect/journal").write_text("no directory")
    ada.says("note", "kept")
    assert "cannot be written" in ada.journal.note and "--take-along" in ada.journal.note
    assert Person(tmp_path / "ada", tmp_path / "ada", "ada").sees("note") == "kept"
    (base / ".runspect/journal").unlink()
    (base / ".runspect/journal").mkdir()
    ada.says("tag:x", True)
    assert ada.journal.note == ""
    assert [line.key for line in ada.journal.take_along(str(base), {"run:a": "run:a"}, lambda _: True)] == ["note"]
    assert ada.journal.take_along(str(base), {"run:a": "run:a"}, lambda _: True) == []
    assert Person(tmp_path / "bob", base, "bob").sees("note") == "kept"


def test_a_journal_that_is_a_link_is_neither_read_nor_written(tmp_path: Path, base: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "x.jsonl").write_bytes(encode(Line("1", 5, "eve", "run:a", "note", "not hers")))
    ada = Person(tmp_path / "ada", base, "ada")
    (base / ".runspect/journal").rmdir()
    (base / ".runspect/journal").symlink_to(elsewhere)
    assert ada.sees("note") is None
    ada.says("tag:x", True)
    assert [path.name for path in elsewhere.iterdir()] == ["x.jsonl"]
    assert "it is a link" in ada.journal.note or "Not a directory" in ada.journal.note


def test_where_nothing_can_be_written_nothing_is_acknowledged(tmp_path: Path, base: Path) -> None:
    (tmp_path / "ada").write_text("no directory")
    ada = Person(tmp_path / "ada", base, "ada")
    shutil.rmtree(base / ".runspect/journal")
    (base / ".runspect/journal").write_text("no directory")
    with pytest.raises(JournalFault, match="not saved"):
        ada.says("note", "lost")
    assert ada.sees("note") is None


def test_an_undo_brings_back_what_was_said_before_the_folder_was_made(tmp_path: Path, base: Path) -> None:
    ada = Person(tmp_path / "ada", base, "ada")
    ada.journal.annotate("old", "ada", "ada", [Op("run:path:old", "note", "first")])

    def address(ops: object) -> list[Addressed]:
        assert isinstance(ops, list | tuple)
        return [Addressed(Op("run:path:new", op.key, op.value), str(base), ("run:path:old",)) for op in ops]

    ada.journal.annotate("new", "ada", "ada", [Op("run:path:new", "note", "second")], address)
    assert ada.journal.undo("u1", "ada", "ada", address=address)[0] == "undid note"
    assert ada.journal.value("run:path:new", "note") == "first"
    assert ada.journal.undo("u2", "ada", "ada", address=address)[0] == "undid note"
    assert ada.journal.value("run:path:new", "note") is None
    assert ada.journal.undo("r1", "ada", "ada", True, address)[0] == "redid note"
    assert ada.journal.value("run:path:new", "note") == "first"


def test_what_was_taken_along_can_still_be_undone(tmp_path: Path, base: Path) -> None:
    ada, bob = people(tmp_path, base)
    ada.journal.annotate("old", "ada", "ada", [Op("run:a", "note", "hers")])
    assert len(ada.journal.take_along(str(base), {"run:a": "run:b"}, lambda _: True)) == 1
    assert bob.sees("note", "run:b") == "hers"

    def address(ops: object) -> list[Addressed]:
        assert isinstance(ops, list | tuple)
        return [Addressed(Op("run:b", op.key, op.value), str(base), ("run:a",)) for op in ops]

    assert ada.journal.undo("u", "ada", "ada", address=address)[0] == "undid note"
    assert bob.sees("note", "run:b") is None


places = st.sampled_from(["/m/exp", "/m/exp/a/b", "/m/expo", "/m", "/other", "x", ""])


@given(places, places, st.text(max_size=5))
def test_directories_below_the_folder_mean_the_same_on_another_mount(root: str, path: str, text: str) -> None:
    def there(value: str) -> str:
        return value.replace("/m/exp", "/nfs/exp") if value == "/m/exp" or value.startswith("/m/exp/") else value

    hyp = Line("1", 1, "ada", "hyp:h", "root", root)
    assert localised(portable(hyp, "/m/exp"), "/nfs/exp").value == there(root)
    snapshot = Line("1", 1, "ada", "run:r", "snapshot", {"root": root, "path": ".", "name": text})
    assert localised(portable(snapshot, "/m/exp"), "/nfs/exp").value == {"root": there(root), "path": ".", "name": text}
    project = Line("1", 1, "ada", f"project:{root}", "baseline", text)
    assert localised(portable(project, "/m/exp"), "/nfs/exp").target == f"project:{there(root)}"


def test_a_snapshot_of_a_wider_watch_is_told_from_the_folder() -> None:
    line = Line("1", 1, "ada", "run:r", "snapshot", {"root": "/m", "path": "exp/a/run"})
    assert portable(line, "/m/exp").value == {"root": "./a/run", "path": "."}


@pytest.mark.parametrize("told", ["./../../etc", "./..", "./a/../../b"])
def test_a_place_outside_the_folder_is_none_of_its_business(told: str) -> None:
    line = Line("1", 1, "eve", "hyp:h", "root", told)
    assert localised(line, "/m/exp").value == "/m/exp"


@given(st.lists(st.integers(0, 20), max_size=30), st.randoms(use_true_random=False))
def test_lines_may_be_merged_in_any_order_and_twice(numbers: list[int], random: object) -> None:
    """What `merge=union` of git does to a file changes nothing."""
    lines = [encode(Line(f"i{n}", n // 2, "ada", f"run:{n % 3}", "note", n)) for n in numbers]
    mixed = [*lines, *lines[::2]]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = Journal([], "box", "e"), Journal([], "box", "e")
    for journal, raw in ((one, lines), (other, mixed)):
        journal._history.add([line for each in raw if isinstance(line := read_line(each), Line)])
    assert [one.value(f"run:{n}", "note") for n in range(3)] == [other.value(f"run:{n}", "note") for n in range(3)]


WRITER = """
import sys
from pathlib import Path
from runspect.folder import folder_in
from runspect.journal import Addressed, Journal
from runspect.model import Op
folder, name, number = folder_in(sys.argv[1]), sys.argv[2], 0
journal = Journal([Path(sys.argv[1]) / name], "box", "e")
journal.share([folder])
while True:
    ops = [Op(f"run:{number % 9}", f"tag:{name}-{number}", True)]
    journal.annotate(f"{name}-{number}", name, name, ops, lambda ops: [Addressed(op, folder.base) for op in ops])
    print(f"{name}-{number}", flush=True)
    number += 1
"""


def test_kill_9_of_writers_of_one_folder_loses_nothing_acknowledged(base: Path) -> None:
    folder = make_folder(str(base))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    acknowledged: set[str] = set()
    for _ in range(2):  # the second time they go on with files of the killed
        writers = [
            subprocess.Popen([sys.executable, "-c", WRITER, str(base), f"w{number}{os.urandom(2).hex()}"],
                             stdout=subprocess.PIPE, env=environment, text=True)
            for number in range(3)
        ]  # fmt: skip
        for writer in writers:
            assert writer.stdout is not None
            acknowledged |= {writer.stdout.readline().strip() for _ in range(20)}
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            assert writer.stdout is not None
            acknowledged |= {text.strip() for text in writer.stdout if text.endswith("\n")}
            writer.wait()
    reader = Journal([], "other", "e")
    reader.share([folder])
    assert acknowledged <= {line.group for line in reader.refresh()}
    assert len(files(base)) <= 6


def test_two_clones_merge_without_a_conflict(tmp_path: Path) -> None:
    """Two people annotate two clones, each commits, one merges the other: both see all of it."""
    origin = tmp_path / "origin"
    origin.mkdir()
    make_folder(str(origin))
    first = Person(tmp_path / "home", origin, "ada")
    first.says("note", "from the beginning")
    git(origin, "init", "-q", "-b", "main")
    commit(origin)
    clones = [tmp_path / name for name in ("one", "two")]
    for clone in clones:
        git(tmp_path, "clone", "-q", str(origin), str(clone))
    ada, bob = (Person(tmp_path / f"home-{clone.name}", clone, clone.name) for clone in clones)
    assert bob.sees("note") == "from the beginning"
    ada.says("tag:ada", True)
    bob.says("tag:bob", True)
    bob.says("note", "his")
    # and one who edited by hand, on both sides
    for clone in clones:
        shared = next(iter(files(clone)))
        shared.write_bytes(
            shared.read_bytes() + encode(Line(f"hand-{clone.name}", 3, "eve", "run:h", f"tag:{clone.name}", True))
        )
        commit(clone)
    git(clones[0], "pull", "-q", "--no-rebase", "--no-edit", str(clones[1]), "main")
    assert [ada.sees(key) for key in ("tag:ada", "tag:bob", "note")] == [True, True, "his"]
    assert [ada.sees(f"tag:{name}", "run:h") for name in ("one", "two")] == [True, True]
    assert ada.journal.faults(str(clones[0])) == []
    ada.says("tag:after", True)
    git(clones[1], "pull", "-q", "--no-rebase", "--no-edit", str(clones[0]), "main")
    assert bob.sees("tag:ada") is True


def test_two_who_began_apart_and_merged_answer_to_both_ids(tmp_path: Path) -> None:
    origin, other = tmp_path / "origin", tmp_path / "other"
    origin.mkdir()
    (origin / "readme").write_text("x")
    git(origin, "init", "-q", "-b", "main")
    commit(origin)
    git(tmp_path, "clone", "-q", str(origin), str(other))
    ids: list[str] = []
    for clone in (origin, other):
        ids += make_folder(str(clone)).ids
        commit(clone)
    git(other, "pull", "-q", "--no-rebase", "--no-edit", str(origin), "main")
    assert make_folder(str(other)) == Folder(str(other), tuple(sorted(ids)))


def git(directory: Path, *words: str) -> None:
    names = {f"GIT_{role}_{what}": "t@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *words], cwd=directory, env=environment, check=True, capture_output=True)


def commit(directory: Path) -> None:
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "-m", "annotations")
