"""Walking trees: what is shown to readers, what is left alone, what is said."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from runspect.engine import crowds, discovery
from runspect.engine.artifacts import artifact_kind, artifact_step
from runspect.engine.discovery import look, walk
from runspect.engine.walked import Known, Walk
from runspect.model import PASSED_OVER, Claim, Progress
from runspect.pathtext import on_disk, to_disk, to_text
from runspect.readers.contract import Entry


def claim(entry: Entry) -> Claim | None:
    """Everything called metrics.*, and JSON that begins with a brace."""
    if entry.name.startswith("metrics.") or (entry.name.endswith(".json") and entry.head()[:1] == b"{"):
        return Claim("t", entry.path, entry.directory, "weak", "series")
    return None


def write(root: Path, *paths: str, text: str = "x") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def known_of(seen: Walk) -> dict[str, Known]:
    return {file.path: Known(*file[1:]) for file in seen.files}


def claimed(seen: Walk) -> list[str]:
    return [file.path for file in seen.files if file.claim is not None]


def told(seen: Walk) -> list[tuple[str, str]]:
    return [(problem.path, problem.what) for problem in seen.problems]


def test_finds_files_and_directories_and_counts_the_rest(tmp_path: Path) -> None:
    write(tmp_path, "a/metrics.csv", "b/c/metrics.jsonl", "train.py", "a/README", "a/plot.png")
    seen = walk(tmp_path, claim=claim)
    assert claimed(seen) == ["a/metrics.csv", "b/c/metrics.jsonl"]
    assert seen.directories == [".", "a", "b", "b/c"]
    assert seen.seen_instead == {".py": 1, "": 1, "image": 1}
    assert seen.complete


def test_skips_environments_caches_and_hidden_directories_but_those_with_runs(tmp_path: Path) -> None:
    skipped = (
        ".git",
        "node_modules",
        "__pycache__",
        ".venv",
        "site-packages",
        ".ipynb_checkpoints",
        ".cache",
        ".runspect",
    )
    write(tmp_path, *(f"{name}/metrics.csv" for name in (*skipped, "models--bert", ".hydra", "ok")))
    write(tmp_path, "myenv/pyvenv.cfg", "myenv/lib/metrics.csv")
    assert claimed(walk(tmp_path, claim=claim)) == [".hydra/metrics.csv", "ok/metrics.csv"]


def test_does_not_enter_directories_that_it_is_told_to_skip(tmp_path: Path) -> None:
    write(tmp_path, "index/metrics.csv", "a/metrics.csv")
    assert claimed(walk(tmp_path, claim=claim, skip=[str(tmp_path / "index")])) == ["a/metrics.csv"]


def test_known_files_are_not_opened_until_they_change(tmp_path: Path) -> None:
    write(tmp_path, "a/x.json", "b/metrics.csv", text="{}")
    first = walk(tmp_path, claim=claim)
    again = walk(tmp_path, claim=claim, known=known_of(first))
    assert (first.opened, again.opened, again.files) == (2, 0, first.files)
    write(tmp_path, "a/x.json", text="{} longer")
    assert walk(tmp_path, claim=claim, known=known_of(first)).opened == 1


def test_a_new_or_vanished_name_has_its_neighbours_asked_anew(tmp_path: Path) -> None:
    def needs_neighbour(entry: Entry) -> Claim | None:
        fits = entry.name == "a.txt" and "b.txt" in entry.siblings
        return Claim("t", entry.path, entry.directory, "weak", "series") if fits else None

    write(tmp_path, "d/a.txt")
    alone = walk(tmp_path, claim=needs_neighbour)
    write(tmp_path, "d/b.txt")
    both = walk(tmp_path, claim=needs_neighbour, known=known_of(alone))
    (tmp_path / "d/b.txt").unlink()
    after = walk(tmp_path, claim=needs_neighbour, known=known_of(both))
    assert (claimed(alone), claimed(both), claimed(after)) == ([], ["d/a.txt"], [])


def test_symlinks(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    write(root, "real/metrics.csv")
    write(outside, "metrics.csv", "dir/metrics.csv")
    (root / "twin.json").symlink_to(root / "real/metrics.csv")
    (root / "metrics.csv").symlink_to(outside / "metrics.csv")
    (root / "linked").symlink_to(outside / "dir")
    (root / "loop").symlink_to(root)
    (root / "lost.csv").symlink_to("nowhere")
    (root / "debug-core.log").symlink_to("/nowhere/core.log")
    seen = walk(root, claim=claim)
    assert claimed(seen) == ["metrics.csv", "real/metrics.csv"]
    assert told(seen) == [("lost.csv", "dangling symlink")]


def test_a_link_that_leads_back_to_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "one.csv").symlink_to("two.csv")
    (tmp_path / "two.csv").symlink_to("one.csv")
    assert [path for path, _ in told(walk(tmp_path, claim=claim))] == ["one.csv", "two.csv"]


def test_many_dangling_links_are_one_line(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number}.csv").symlink_to("nowhere")
    assert told(walk(tmp_path, claim=claim)) == [(".", "40 dangling symlinks: 0.csv, 1.csv, 10.csv and 37 more")]


def test_pipes_and_sockets_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("metrics.fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("metrics.sock")
        assert walk(tmp_path, claim=claim).files == []


def test_an_unreadable_directory_is_said_once_for_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a/metrics.csv", "b/metrics.csv", "c/metrics.csv")
    # The tests may run as root, whom no mode keeps out.
    scandir = os.scandir

    def guarded(path: str) -> object:
        if path.endswith(("/a", "/b")):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    seen = walk(tmp_path, claim=claim)
    assert claimed(seen) == ["c/metrics.csv"]
    what = "2 directories cannot be read: a (Permission denied), b (Permission denied)"
    assert told(seen) == [(".", what)]


def test_a_root_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        walk(tmp_path / "none", claim=claim)


def test_hostile_names_survive(tmp_path: Path) -> None:
    names = [b"new\nline", b"\x1b[31mred", b"[x]", b"caf\xe9", "中文".encode(), b"a" * 200, b"-rf", b" "]
    for name in names:
        directory = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118 (bytes)
        os.mkdir(directory)  # noqa: PTH102
        with open(os.path.join(directory, b"metrics.csv"), "wb"):  # noqa: PTH118, PTH123
            pass
    seen = walk(tmp_path, claim=claim)
    assert len(claimed(seen)) == len(names)
    for path in claimed(seen):
        path.encode()
        assert on_disk(tmp_path, path).is_file()
    assert walk(tmp_path, claim=claim, known=known_of(seen)).opened == 0


def test_names_that_are_not_utf8_go_to_text_and_back() -> None:
    name = os.fsdecode(b"caf\xe9\xff")
    assert to_disk(to_text(name)) == name
    assert to_text("日本.csv") == "日本.csv"


def test_checkpoint_directories_are_one_artefact_with_their_logs_still_seen(tmp_path: Path) -> None:
    write(tmp_path, "out/checkpoint-500/model.safetensors", "out/checkpoint-500/global_step500/rank.pt", text="12345")
    write(tmp_path, "out/checkpoint-500/metrics.json", text="{}")
    write(tmp_path, "out/epoch=3-step=40.ckpt", "out/pytorch_model.bin", text="123")
    seen = walk(tmp_path, claim=claim)
    assert claimed(seen) == ["out/checkpoint-500/metrics.json"]
    assert sorted((each.path, each.kind, each.size, each.step) for each in seen.artifacts) == [
        ("out/checkpoint-500", "checkpoint", 12, 500),
        ("out/epoch=3-step=40.ckpt", "checkpoint", 3, 40),
        ("out/pytorch_model.bin", "model", 3, None),
    ]


@pytest.mark.parametrize(
    ("name", "kind", "step"),
    [
        ("epoch=3-step=40.ckpt", "checkpoint", 40),
        ("iter_1000.pth", "checkpoint", 1000),
        ("epoch_12.pth", "checkpoint", 12),
        ("last.pt", "checkpoint", None),
        ("model-00001-of-00003.safetensors", "model", None),
        ("checkpoint-500.h5", "checkpoint", 500),
        ("curve.png", "image", None),
        ("t_60_f8.table.json", "table", 60),
        ("metrics.csv", None, None),
        ("events.out.tfevents.1795440100.vm.1.0", None, None),
    ],
)
def test_artefacts_by_name(name: str, kind: str | None, step: int | None) -> None:
    assert artifact_kind(name) == kind
    if kind != "table":
        assert artifact_step(name) == step


def test_crowds_of_files_are_counted_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowds, "CROWD", 20)
    monkeypatch.setattr(crowds, "MEDIA_CROWD", 20)
    write(tmp_path, *(f"data/{number}.json" for number in range(30)), "data/metrics.csv")
    seen = walk(tmp_path, claim=claim)
    assert (claimed(seen), seen.opened) == (["data/metrics.csv"], 1)
    assert told(seen) == [("data", "30 files .json in one directory")]
    assert seen.seen_instead[".json"] == 30


def test_pictures_of_a_data_set_are_counted_and_not_even_asked_for_their_size(tmp_path: Path) -> None:
    write(tmp_path, *(f"train/n{kind:03}/{number}.JPEG" for kind in range(3) for number in range(600)))
    write(tmp_path, "run/metrics.csv", *(f"run/images/{number}.png" for number in range(20)))
    seen = walk(tmp_path, claim=claim)
    assert claimed(seen) == ["run/metrics.csv"] and seen.opened == 1
    assert seen.seen_instead == {"image": 1820} and len(seen.artifacts) == 20 and told(seen) == []


def test_many_tables_that_a_reader_may_know_are_shown_to_it(tmp_path: Path) -> None:
    exports = [f"data/run-{number}_part_0.parquet" for number in range(600)]
    write(tmp_path, *exports, *(f"data/{number}.npy" for number in range(600)))

    def neptune(entry: Entry) -> Claim | None:
        return Claim("t", entry.path, entry.directory, "weak", "series") if "_part_" in entry.name else None

    seen = walk(tmp_path, claim=neptune)
    assert claimed(seen) == sorted(exports) and seen.seen_instead == {"table": 600}


@pytest.mark.parametrize(
    "files",
    [
        ("dataset_info.json", "state.json", "data-00000-of-00002.arrow", "data-00001-of-00002.arrow"),
        ("dataset_dict.json", "train/dataset_info.json", "train/state.json", "train/data.arrow"),
        ("dataset_info.json", "features.json", "mnist-train.tfrecord-00000-of-00001"),
        ("imdb-train.arrow", "dataset_info.json", "abc_builder.lock", "abc.incomplete_info.lock"),
    ],
)
def test_data_sets_are_counted_not_looked_at(tmp_path: Path, files: tuple[str, ...]) -> None:
    write(tmp_path, *(f"data/{name}" for name in files), "out/metrics.csv")
    seen = walk(tmp_path, claim=claim)
    assert claimed(seen) == ["out/metrics.csv"] and seen.artifacts == []
    left = sum(count for counts in seen.left_alone.values() for count in counts.values())
    assert sum(seen.seen_instead.values()) + left >= len({name.split("/")[0] for name in files})


def test_a_run_that_also_saved_a_data_set_is_still_one(tmp_path: Path) -> None:
    write(tmp_path, "out/dataset_info.json", "out/data.arrow", "out/metrics.csv", "out/inner/metrics.csv")
    assert claimed(walk(tmp_path, claim=claim)) == ["out/metrics.csv", "out/inner/metrics.csv"]


def test_a_project_that_is_an_environment_keeps_its_runs(tmp_path: Path) -> None:
    write(tmp_path, "pyvenv.cfg", "lib/python3.12/metrics.csv", "bin/metrics.csv", "runs/metrics.csv")
    write(tmp_path, "miniforge3/conda-meta/x.json", "miniforge3/pkgs/a/metrics.csv", "miniforge3/share/metrics.csv")
    seen = walk(tmp_path, claim=claim)
    assert claimed(seen) == ["runs/metrics.csv"]
    assert seen.left_alone == {".": {PASSED_OVER: 2}, "miniforge3": {PASSED_OVER: 3}}


def test_repositories_without_a_tree_are_not_entered(tmp_path: Path) -> None:
    write(tmp_path, "code.git/HEAD", "code.git/objects/metrics.csv", "code.git/refs/heads/main", "a/refs/metrics.csv")
    assert claimed(walk(tmp_path, claim=claim)) == ["a/refs/metrics.csv"]


@pytest.mark.parametrize(
    ("files", "path", "step"),
    [
        (
            ("ckpt/100/_CHECKPOINT_METADATA", "ckpt/100/default/d/1f", "ckpt/100/default/manifest.ocdbt"),
            "ckpt/100",
            100,
        ),
        (("out/step-40/.metadata", "out/step-40/__0_0.distcp", "out/step-40/__1_0.distcp"), "out/step-40", 40),
        (("out/global_step500/mp_rank_00.pt", "out/global_step500/zero/rank_0.pt"), "out/global_step500", 500),
        (("out/iter_0000200/mp_rank_00/model_optim_rng.pt",), "out/iter_0000200", 200),
        (("last/__0_0.distcp",), "last", None),
    ],
)
def test_sharded_checkpoints_are_one_artefact(
    tmp_path: Path, files: tuple[str, ...], path: str, step: int | None
) -> None:
    write(tmp_path, *files, text="12345")
    (artifact,) = walk(tmp_path, claim=claim).artifacts
    assert (artifact.path, artifact.kind, artifact.size, artifact.step) == (path, "checkpoint", 5 * len(files), step)


def test_a_walk_can_be_cancelled_and_tells_how_far_it_is(tmp_path: Path) -> None:
    write(tmp_path, *(f"d{number}/metrics.csv" for number in range(10)))
    cancel = threading.Event()
    news: list[Progress] = []

    def stop(progress: Progress) -> None:
        news.append(progress)
        cancel.set()

    seen = walk(tmp_path, claim=claim, cancel=cancel, on_progress=stop)
    assert (seen.complete, len(seen.directories)) == (False, 1)
    assert (news[0].phase, news[0].done) == ("walking", 1)


def test_a_walk_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "MOST_FILES", 3)
    write(tmp_path, *(f"d{number}/metrics.csv" for number in range(10)))
    seen = walk(tmp_path, claim=claim)
    assert not seen.complete
    assert told(seen) == [(".", "more than 3 files")]


def test_an_unreadable_file_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "x.json")

    def refuse(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert told(walk(tmp_path, claim=claim)) == [("x.json", "cannot be read")]


def test_looks_at_single_directories_and_enters_new_ones(tmp_path: Path) -> None:
    write(tmp_path, "a/metrics.csv", "b/metrics.csv")
    first = walk(tmp_path, claim=claim)
    write(tmp_path, "a/new/deep/metrics.csv", "b/other.json", text="{}")
    seen = look(tmp_path, ["a", "gone"], claim=claim, known=known_of(first), watched=set(first.directories))
    assert claimed(seen) == ["a/metrics.csv", "a/new/deep/metrics.csv"]
    assert (seen.directories, seen.vanished) == (["a", "a/new", "a/new/deep"], ["gone"])


def test_readers_see_names_beside_and_above(tmp_path: Path) -> None:
    write(tmp_path, "above.txt", "d/one.txt", "d/two.txt")
    asked: dict[str, Entry] = {}

    def remember(entry: Entry) -> Claim | None:
        asked[entry.path] = entry
        return None

    look(tmp_path, ["d"], claim=remember)
    assert asked["d/one.txt"].siblings == {"one.txt", "two.txt"}
    assert asked["d/one.txt"].parent_names == {"above.txt", "d"}
