"""The proof of part 4: whatever the order in which files appear, the same runs, the same ids, no annotation lost."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runspect.engine.discovery import walk
from runspect.engine.walked import Known, Walk
from runspect.model import Claim, RunPlan
from runspect.readers import claim_file
from runspect.resolve import resolve
from runspect.resolve.paths import within
from tests.resolve.claims import claim, config, console, events, hydra, state, wandb
from tests.resolve.replay import Replay, Tag, ids_of

FORMATS = (
    "accelerate",
    "hf_trainer",
    "hydra",
    "lightning",
    "plain",
    "ray_tune",
    "stable_baselines3",
    "tensorboardX",
    "tensorboard_torch",
    "tensorflow2",
    "wandb",
    "wandb_0_15",
    "wandb_online",
    "mmengine",
    "swanlab",
    "traceml",
    "neptune_legacy",
    "clearml",
    "comet",
    "sacred",
    "dvclive",
    "guild",
    "torchtune",
    "nemo_layout",
    "ignite",
    "keras",
    "keras_tuner",
    "ultralytics",
    "yolo_old",
    "allennlp",
    "ludwig",
    "spinningup",
    "ml_agents",
    "neptune_export",
    "mlflow",
)
FIXTURES = Path(__file__).parent / "fixtures"


def logs(name: str) -> Path:
    """A corpus directory, or its smaller copy among the fixtures."""
    for place in (os.environ.get("RUNSPECT_CORPUS"), FIXTURES):
        if place and (Path(place) / name).is_dir():
            return Path(place) / name
    pytest.skip(f"no logs of {name} here")


def found(directory: Path, known: dict[str, Known] | None = None) -> Walk:
    return walk(directory, claim=claim_file, known=known)


def claims_of(seen: Walk) -> list[Claim]:
    return [file.claim for file in seen.files if file.claim is not None]


def shape(runs: Sequence[RunPlan]) -> list[tuple[object, ...]]:
    """All of the runs but their names, which also depend on what else is shown."""
    return [(run.root, run.key, run.tools, run.parts, run.ids, run.parent, run.group) for run in runs]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", FORMATS)
def test_files_copied_one_by_one_in_any_order_give_the_same_runs(name: str, seed: int, tmp_path: Path) -> None:
    directory = logs(name)
    files = [path for path in sorted(directory.rglob("*")) if path.is_file() and not path.is_symlink()]
    random.Random(seed).shuffle(files)
    replay, tags, known = Replay(), list[Tag](), dict[str, Known]()
    for file in files:
        target = tmp_path / "logs" / file.relative_to(directory)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        seen = found(tmp_path / "logs", known)
        known = {each.path: Known(*each[1:]) for each in seen.files}
        tags += replay.step(claims_of(seen))
    at_once = resolve(claims_of(found(tmp_path / "logs")))
    assert shape(sorted(replay.shown.values(), key=lambda run: (run.root, run.key))) == shape(at_once.runs)
    for run in at_once.runs:
        rids = {replay.rid_of[id_] for id_ in ids_of(run) if id_.startswith("path:")}
        assert rids == {rid for rid, plan in replay.shown.items() if plan == run}, run.root
    assert [problem for tag in tags if (problem := replay.misplaced(tag))] == []


@pytest.mark.parametrize("name", FORMATS)
def test_runs_are_where_the_truth_says(name: str) -> None:
    directory = logs(name)
    runs = resolve(claims_of(found(directory))).runs
    truth = json.loads((directory / "truth.json").read_text())["runs"]
    expected = {run["root"] for run in truth}
    if name == "mlflow":
        # Its truth names runs by their ids; those of the database are only known once it is read.
        found_ids = {run.root.rpartition("/")[2] for run in runs}
        assert found_ids == {run["root"] for run in truth if run["name"].startswith("file/")}
        return
    # The truth of some writers names a directory above their runs, or says "?".
    places = {run.root: [root for root in expected if root == "?" or within(run.root, root)] for run in runs}
    assert sorted(max(roots, key=len, default=root) for root, roots in places.items()) == sorted(expected)
    assert {run.key for run in runs} == {""}


def layouts(top: str, draw: st.DrawFn) -> list[Claim]:
    """The claims of one directory as some tool would have left it, with strays."""
    kind = draw(
        st.sampled_from(
            ("torch", "tf2", "tbx", "hf", "hf_beside", "hydra", "wandb", "lightning", "plain", "tables", "sweep")
        )
    )
    count = draw(st.integers(1, 3))
    made = list(_LAYOUTS[kind](top, count))
    strays = draw(
        st.lists(st.sampled_from(("config.yaml", "train.log", "history.csv", "args.json")), max_size=2, unique=True)
    )
    for name in strays:
        path = f"{top}/{name}"
        if all(each.path != path for each in made):
            made.append(_stray(path))
    return made


def _stray(path: str) -> Claim:
    if path.endswith(".csv"):
        return claim(path, columns="step\nloss")
    return console(path) if path.endswith(".log") else config(path)


def _torch(top: str, count: int) -> Iterator[Claim]:
    for run in range(count):
        writer = f"vm:{run}"
        yield events(f"{top}/r{run}", writer=writer, tags="loss\nacc")
        yield events(f"{top}/r{run}/cmp_a", writer=writer, tags="cmp")
        yield events(f"{top}/r{run}/cmp_b", writer=writer, tags="cmp")
        yield events(f"{top}/r{run}/1795440096.84{run}", writer=writer, tags="hp", hparams="session")


def _tf2(top: str, count: int) -> Iterator[Claim]:
    yield events(top, tags="", hparams="experiment")
    for run in range(count):
        yield events(f"{top}/run-{run}", tags="", hparams="session")
        yield events(f"{top}/run-{run}/train", tags="epoch_loss")
        yield events(f"{top}/run-{run}/validation", tags="epoch_loss")


def _tbx(top: str, count: int) -> Iterator[Claim]:
    for run in range(count):
        yield events(f"{top}/x{run}", writer="", tags="")
        yield events(f"{top}/x{run}/m/loss", writer="", tags="m")
        yield events(f"{top}/x{run}/hp0", writer="", tags="hparam/acc", hparams="session")


def _hf_beside(top: str, count: int) -> Iterator[Claim]:
    for run in range(count):
        yield state(f"{top}/results{run}", "40", f"h{run}")
    yield events(f"{top}/logs", callback="hf-trainer", tags="")


def _hf(top: str, count: int) -> Iterator[Claim]:
    for history in range(count):
        yield state(top, str(40 + history), f"h{history}")
        yield state(top, str(60 + history), f"h{history}")
    yield state(top, "", "h0")
    yield events(f"{top}/runs/Nov23_vm")
    yield events(f"{top}/runs/Nov24_vm", start=2)
    for place in (top, f"{top}/checkpoint-40"):
        yield claim(f"{place}/training_args.bin", top, reader="hf-args", kind="config")


def _hydra(top: str, count: int) -> Iterator[Claim]:
    for job in range(count):
        yield from hydra(f"{top}/2026-11-23/13-51-1{job}")
        yield claim(f"{top}/2026-11-23/13-51-1{job}/metrics.jsonl", reader="jsonl", columns="step\nloss")
        yield console(f"{top}/2026-11-23/13-51-1{job}/train.log")


def _wandb(top: str, count: int) -> Iterator[Claim]:
    yield from hydra(f"{top}/job")
    for run in range(count):
        yield from wandb(f"{top}/job/wandb/run-{run}-id{run}", f"id{run}")
    yield from wandb(f"{top}/job/wandb/run-9-id0", "id0")


def _lightning(top: str, count: int) -> Iterator[Claim]:
    for version in range(count):
        yield claim(f"{top}/version_{version}/metrics.csv", reader="lightning")
        yield config(f"{top}/version_{version}/hparams.yaml")
        yield events(f"{top}/version_{version}")


def _plain(top: str, count: int) -> Iterator[Claim]:
    for run in range(count):
        yield claim(f"{top}/p{run}/metrics/train.jsonl", reader="jsonl", columns="step\nloss")
        yield config(f"{top}/p{run}/config.yaml")
        yield console(f"{top}/p{run}/logs/train.log")


def _tables(top: str, count: int) -> Iterator[Claim]:
    for run in range(count):
        yield claim(f"{top}/lr0.{run}.csv", columns="step\nloss")
    yield claim(f"{top}/rank0.csv", columns="step\nloss")


def _sweep(top: str, count: int) -> Iterator[Claim]:
    for run in range(count + 1):
        yield claim(f"{top}/seed{run}/progress.csv", columns="step\nloss")
    yield config(f"{top}/params.json")


_LAYOUTS = {
    "torch": _torch, "tf2": _tf2, "tbx": _tbx, "hf": _hf, "hf_beside": _hf_beside, "hydra": _hydra, "wandb": _wandb, "lightning": _lightning,
    "plain": _plain, "tables": _tables, "sweep": _sweep,
}  # fmt: skip


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[Claim], list[Claim]]:
    """Claims of a few directories, in order and shuffled."""
    made = [each for number in range(draw(st.integers(1, 3))) for each in layouts(f"t{number}", draw)]
    return made, draw(st.permutations(made))


@settings(deadline=None, max_examples=150)
@given(trees())
def test_any_order_of_any_tree_keeps_runs_ids_and_tags(tree: tuple[list[Claim], list[Claim]]) -> None:
    made, shuffled = tree
    replay, tags = Replay(), list[Tag]()
    for count in range(1, len(shuffled) + 1):
        tags += replay.step(shuffled[:count])
    at_once = resolve(made)
    assert sorted(replay.shown.values(), key=lambda run: (run.root, run.key)) == list(at_once.runs)
    for run in at_once.runs:
        rids = {replay.rid_of[id_] for id_ in ids_of(run) if id_.startswith("path:")}
        assert rids == {rid for rid, plan in replay.shown.items() if plan == run}
    assert [problem for tag in tags if (problem := replay.misplaced(tag))] == []


@settings(deadline=None, max_examples=100)
@given(trees())
def test_a_closed_subtree_gives_the_same_runs(tree: tuple[list[Claim], list[Claim]]) -> None:
    made, _ = tree
    whole = resolve(made)
    for top in {each.path.split("/")[0] for each in made}:
        part = resolve(each for each in made if each.path.split("/")[0] == top)
        assert shape(part.runs) == shape([run for run in whole.runs if run.root.split("/")[0] == top])


@settings(deadline=None, max_examples=100)
@given(trees())
def test_every_file_is_in_one_place(tree: tuple[list[Claim], list[Claim]]) -> None:
    made, _ = tree
    result = resolve(made)
    owned = [part.claim for run in result.runs for part in run.parts if not part.shared]
    shared = {part.claim for run in result.runs for part in run.parts if part.shared}
    assert len(owned) == len(set(owned))
    assert set(owned) | shared | set(result.loose) == set(made)
    assert not (set(owned) | shared) & set(result.loose)
