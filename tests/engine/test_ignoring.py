"""What `.runspectignore` hides: git's own rules, in any directory, at once when they change."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.engine.discovery import look, walk
from runspect.engine.ignoring import NAME
from runspect.model import HIDDEN_BY_RULE
from tests.engine.syncing import bench, log
from tests.engine.test_discovery import claim, claimed, known_of, told, write

PATTERNS = st.lists(
    st.sampled_from(
        ("a", "a/", "/a", "*.csv", "b/*.csv", "**/c", "c/**", "a/**/c", "!a", "!*.csv", "!b/metrics.csv", "?", "# a", "",
         "[ab]", "!/c/", "b?", "\\!a", "*", "!*/", "a/b/", "/*/c", "metrics.*", "*e*r*s*", "[!a]", "**", "a/*", "/**/b/", "a/**", "b  ", "[b-c]/")
    ),
    max_size=5,
)  # fmt: skip
PATHS = ("metrics.csv", "a/metrics.csv", "a/b/metrics.csv", "a/b/c/metrics.csv", "b/metrics.csv", "b/c/metrics.csv",
         "c/metrics.csv", "c/a/metrics.csv", "bb/metrics.csv", "!a/metrics.csv")  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "shown"),
    [
        ({".": "b\n"}, ["a/c/metrics.csv", "a/metrics.csv", "metrics.csv"]),
        (
            {".": "# nothing\n\n"},
            ["a/b/metrics.csv", "a/c/metrics.csv", "a/metrics.csv", "b/metrics.csv", "metrics.csv"],
        ),
        ({".": "/b/\n"}, ["a/b/metrics.csv", "a/c/metrics.csv", "a/metrics.csv", "metrics.csv"]),
        ({".": "*.csv\n!a/metrics.csv\n"}, ["a/metrics.csv"]),
        ({"a": "*\n!/metrics.csv\n"}, ["a/metrics.csv", "b/metrics.csv", "metrics.csv"]),
        ({".": "*.csv\n", "a": "!*.csv\n", "a/c": "*.csv\n"}, ["a/b/metrics.csv", "a/metrics.csv"]),
        ({".": "a/\n!a/b/\n"}, ["b/metrics.csv", "metrics.csv"]),
    ],
)
def test_rules(tmp_path: Path, rules: dict[str, str], shown: list[str]) -> None:
    write(tmp_path, *(f"{place}metrics.csv" for place in ("", "a/", "b/", "a/b/", "a/c/")))
    for place, text in rules.items():
        (tmp_path / place / NAME).write_text(text)
    assert sorted(claimed(walk(tmp_path, claim=claim))) == shown


@settings(max_examples=60, deadline=None)
@given(PATTERNS, PATTERNS)
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_rules_are_those_of_git(
    tmp_path_factory: pytest.TempPathFactory, above: list[str], within: list[str]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    write(root, *PATHS)
    for place, lines in ((root, above), (root / "b", within)):
        (place / NAME).write_text("\n".join(lines) + "\n")
    subprocess.run(["git", "init", "-q", root], check=True)
    listing = ["git", "-C", str(root), "ls-files", "-o", "-z", f"--exclude-per-directory={NAME}"]
    wanted = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")
    assert sorted(claimed(walk(root, claim=claim))) == sorted(path for path in wanted if path.endswith("metrics.csv"))


def test_what_is_hidden_is_counted(tmp_path: Path) -> None:
    write(tmp_path, "a/metrics.csv", "a/x.json", "data/1/x.csv", "data/2/x.csv", ".git/HEAD", text="{}")
    (tmp_path / NAME).write_text("data\n*.json\n")
    seen = walk(tmp_path, claim=claim)
    assert claimed(seen) == ["a/metrics.csv"]
    assert seen.left_alone == {".": {HIDDEN_BY_RULE: 1, "directories passed over": 1}, "a": {HIDDEN_BY_RULE: 1}}
    assert "" not in seen.seen_instead


def test_a_line_that_is_no_pattern_is_told(tmp_path: Path) -> None:
    write(tmp_path, "a/metrics.csv", "b/metrics.csv")
    (tmp_path / NAME).write_text("a/\n!\n[z-a]\n")
    seen = walk(tmp_path, claim=claim)
    assert claimed(seen) == ["b/metrics.csv"]
    assert told(seen) == [(NAME, "not a pattern: '!'"), (NAME, "not a pattern: '[z-a]'")]


def test_an_unreadable_file_hides_nothing_and_is_told(tmp_path: Path) -> None:
    write(tmp_path, "a/metrics.csv")
    (tmp_path / NAME).mkdir()
    assert claimed(walk(tmp_path, claim=claim)) == ["a/metrics.csv"]
    (tmp_path / NAME).rmdir()
    (tmp_path / NAME).symlink_to("nowhere")
    assert claimed(walk(tmp_path, claim=claim)) == ["a/metrics.csv"]


def test_a_look_enters_what_a_changed_file_no_longer_hides(tmp_path: Path) -> None:
    write(tmp_path, "a/metrics.csv", "a/deep/metrics.csv", "b/metrics.csv")
    first = walk(tmp_path, claim=claim)
    (tmp_path / NAME).write_text("deep\nb\n")
    seen = look(tmp_path, ["."], claim=claim, known=known_of(first), watched=set(first.directories))
    assert (claimed(seen), seen.directories, sorted(seen.vanished)) == (["a/metrics.csv"], [".", "a"], ["a/deep", "b"])
    known = known_of(seen)
    still = look(tmp_path, ["."], claim=claim, known=known, watched={".", "a"})
    assert still.directories == ["."]
    (tmp_path / NAME).unlink()
    shown = look(tmp_path, ["."], claim=claim, known=known, watched={".", "a"})
    assert sorted(shown.directories) == [".", "a", "a/deep", "b"]
    assert look(tmp_path, ["a/deep"], claim=claim, known={}).directories == ["a/deep"]


def test_a_directory_below_a_hidden_one_is_not_looked_at(tmp_path: Path) -> None:
    write(tmp_path, "a/deep/metrics.csv")
    (tmp_path / NAME).write_text("a\n")
    assert look(tmp_path, ["a/deep", "a"], claim=claim).directories == []


def test_names_that_are_not_utf8_are_matched(tmp_path: Path) -> None:
    name = "caf\udce9"
    (tmp_path / name).mkdir()
    (tmp_path / name / "metrics.csv").write_text("x")
    (tmp_path / NAME).write_text("caf*\n")
    assert claimed(walk(tmp_path, claim=claim)) == []


def test_changes_take_effect_live(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name in ("keep/a", "drafts/b", "drafts/c"):
        log(tree / name, range(5))

    with bench(tmp_path / "index.duckdb") as live:
        (tree / NAME).write_text("drafts/\n")
        live.syncer.sync([tree])
        live.syncer.watch([tree])
        live.until(lambda: live.syncer.mode_of(tree) == "inotify", "armed")
        assert [run["path"] for run in live.runs()] == ["keep/a"]
        assert live.syncer.seen([str(tree)])[HIDDEN_BY_RULE] == 1
        assert live.syncer.seen([str(tree / "drafts/b")]) == {HIDDEN_BY_RULE: 1}
        (tree / NAME).write_text("drafts/b\n")
        live.until(lambda: [run["path"] for run in live.runs()] == ["drafts/c", "keep/a"], "c is shown")
        (tree / NAME).write_text("*\n")
        live.until(lambda: live.runs() == [], "all are hidden")
        (tree / NAME).unlink()
        live.until(lambda: len([run for run in live.runs() if run["state"] == "running"]) == 3, "all are shown")
        log(tree / "drafts/b", range(5, 9))
        live.until(
            lambda: [run["metrics"].get("loss", {}).get("n") for run in live.runs()] == [9, 5, 5], "followed again"
        )
        assert HIDDEN_BY_RULE not in live.syncer.seen([str(tree)])
