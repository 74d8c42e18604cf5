"""Pictures of every view of the real program: `python -m tests.screenshots [WORD…]` writes ../screenshots.

Each scene starts `python -m runspect` on a terminal, presses keys and saves what a person would see. With words, only
scenes whose name holds one of them are made.
"""

from __future__ import annotations

import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from runspect.workspace import Workspace
from tests import picture
from tests.pty_terminal import PtyTerminal

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "screenshots"
SIZES = ((160, 45), (80, 24))

_COUNT = re.compile(r"\b[\d,]+ runs?\b")

NO_RUNS, ONE, FORTY, THOUSANDS, NAMES, BROKEN = "none", "one", "forty", "thousands", "names", "broken"
DEMO = "demo"
SWEEP = "sweep"
TEAM = "team"
POLICY = """
objective = "val/loss:min"
[dataset]
keys = ["dataset"]
[metrics]
standard = ["val/loss", "val/acc", "val/f1"]
[params]
required = ["lr", "opt", "seed"]
[guards]
"val/acc:max" = "up"
[gates.production]
change = "2 %"
guards = { "val/acc:max" = "1 %" }
seeds = 3
parts = ["commit"]
report = "required"
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture: which tree, which keys, what must be on the screen in the end."""

    name: str
    tree: str
    keys: tuple[str, ...] = ()
    """Keys as `PtyTerminal.press` knows them; "type:TEXT" types, "see:TEXT" waits until the screen shows it."""
    sizes: Sequence[tuple[int, int]] = SIZES
    env: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()


MARK_THREE = ("space", "space", "space")
BY_LOSS = ("s", "type:val/loss:best", "enter")

VIEWS = {
    "charts": (("2",), "grad_norm"),
    "diff": (("d",), "Params"),
    "logs": (("4",), "epoch"),
    "card": (("5",), "started"),
    "health": (("7",), "Nothing is wrong"),
    "filter": (("/", "type:name:r"), "run"),
    "help": (("?",), "Keys"),
}
"""Every view beside the table: the keys that open it, and what it shows once it is there."""
TREES = {NO_RUNS: (), ONE: (), THOUSANDS: ("see:5,000", "a"), NAMES: MARK_THREE}
"""Trees on which each view is seen, with the keys before; that of forty runs has scenes of its own."""
INSTEAD = {("charts", NO_RUNS): "no run", ("diff", NO_RUNS): "no run", ("logs", NO_RUNS): "no run", ("card", NO_RUNS): "no run",
           ("diff", ONE): "two runs", ("logs", THOUSANDS): "no console"}  # fmt: skip
"""What is there where a view has nothing to show."""

SCENES = (
    Scene("demo-runs", DEMO, ("see: live",)),
    Scene("runs-none", NO_RUNS, ("see:Saw instead",)),
    Scene("runs-one", ONE),
    Scene("runs-forty", FORTY, ("j", "j", *MARK_THREE)),
    Scene("runs-thousands", THOUSANDS, ("see:5,000", "G")),
    Scene("runs-names", NAMES, ("j",)),
    Scene("runs-sorted", FORTY, (*BY_LOSS, "j")),
    Scene("runs-bars", FORTY, ("l", "l", "l", "l", "l", "[", "j", "%", "see:bars")),
    Scene("runs-two-keys", FORTY, (*"lllllll", "]", "h", "h", "}", "see:then by")),
    Scene("filter-by-cell", FORTY, (*"lllllll", "f", "see: of 40")),
    Scene("runs-light", FORTY, ("j", ":", "type:theme", "enter"), ((160, 45),)),
    Scene("runs-ascii", FORTY, ("j",), ((80, 24),), arguments=("--ascii",)),
    Scene("runs-no-colour", FORTY, ("j",), ((80, 24),), {"NO_COLOR": "1"}),
    Scene("runs-16-colours", FORTY, ("j",), ((80, 24),), {"TERM": "screen", "COLORTERM": ""}),
    Scene("runs-tiny", FORTY, ("j",), ((40, 12),)),
    Scene("filter-completion", FORTY, ("/", "type:sta")),
    Scene("filter-error", FORTY, ("/", "type:stat:failed lr<1e-3", "see:did you mean")),
    Scene("filter-kept", FORTY, ("/", "type:lr<1e-3 -opt:sgd", "enter", "see: of 40")),
    Scene("tag-prompt", FORTY, (*MARK_THREE, "t", "type:+pa")),
    Scene("sort-picker", FORTY, ("s",)),
    Scene("column-picker", FORTY, ("c", "type:lr")),
    Scene("charts-run", FORTY, ("j", "2")),
    Scene("charts-overlay", FORTY, (*MARK_THREE, "2", "s", "s")),
    Scene("charts-zoom", FORTY, (*MARK_THREE, "2", "enter")),
    Scene("groups-seeds", SWEEP, ("b", "type:seeds", "enter", "see:by seeds", "j", "enter")),
    Scene(
        "groups-columns",
        SWEEP,
        ("b", "type:opt, lr", "enter", "see:by opt,lr", "s", "type:val/loss:best", "enter", "j"),
    ),
    Scene("pivot", SWEEP, (":", "type:pivot lr opt", "enter", "see:deviation")),
    Scene("importance", SWEEP, ("I", "see:against")),
    Scene("importance-ascii", SWEEP, ("I", "see:against", "j", "enter"), ((80, 24),), arguments=("--ascii",)),
    Scene("board", FORTY, ("6", "see:second:")),
    Scene("team-runs", TEAM, ("see:vs",), ((160, 45),)),
    Scene("team-card", TEAM, (*BY_LOSS, "5", "see:champion")),
    Scene("team-board", TEAM, ("6", "see:champion:")),
    Scene("team-records", TEAM, ("6", "see:champion:", "l", "see:records")),
    Scene("team-effects", TEAM, ("g", "e", "see:pair")),
    Scene("team-lint", TEAM, ("g", "l", "see:commit")),
    Scene("graveyard", FORTY, ("g", "x", "see:out of memory")),
    Scene("diff", FORTY, (*MARK_THREE, "d", "see:Params")),
    Scene("diff-everything", FORTY, ("space", "space", "d", "see:Params", "x")),
    Scene("logs", FORTY, ("/", "type:state:crashed", "enter", "see: of 40", "4", "see:Traceback", "e")),
    Scene("card", DEMO, ("/", "type:idfinished", "enter", "see:1 of", "enter", "see:Data")),
    Scene("health", BROKEN, ("7", "see:problem")),
    Scene("health-fine", FORTY, ("7", "see:Nothing is wrong")),
    Scene("help", FORTY, ("?",)),
    Scene("commands", FORTY, (":", "type:ya")),
    *(
        Scene(f"{view}-{tree}", tree, (*before, *keys, f"see:{INSTEAD.get((view, tree), seen)}"))
        for tree, before in TREES.items()
        for view, (keys, seen) in VIEWS.items()
    ),
)


def main(words: Sequence[str]) -> int:
    """Make the pictures; returns the exit code."""
    TARGET.mkdir(exist_ok=True)
    scenes = [scene for scene in SCENES if not words or any(word in scene.name for word in words)]
    with tempfile.TemporaryDirectory(prefix="runspect-pictures-") as folder, _engine_in(Path(folder) / "home"):
        trees: dict[str, Path] = {}
        for scene in scenes:
            if scene.tree != DEMO and scene.tree not in trees:
                trees[scene.tree] = make_tree(scene.tree, Path(folder) / "home-of-you" / "exp" / scene.tree)
            for columns, lines in scene.sizes:
                target = TARGET / f"{scene.name}-{columns}x{lines}.png"
                _take(scene, trees.get(scene.tree), columns, lines, target, Path(folder))
                print(target.relative_to(ROOT))
    return 0


def _take(scene: Scene, tree: Path | None, columns: int, lines: int, target: Path, folder: Path) -> None:
    what = ["demo"] if tree is None else [str(tree)]
    env = {
        "PYTHONPATH": str(ROOT / "src"),
        "HOME": str(folder / "home-of-you"),
        "XDG_STATE_HOME": str(folder / "state"),
        **scene.env,
    }
    for old in (folder / "home" / "state").glob("*"):
        old.unlink()
    argv = [sys.executable, "-m", "runspect", *what, *scene.arguments]
    with PtyTerminal(argv, columns=columns, lines=lines, env=env) as terminal:
        terminal.wait_for(_is_ready, 180)
        terminal.settle(0.8)
        for key in scene.keys:
            if key.startswith("see:"):
                terminal.wait_for(key[4:], 60)
            elif key.startswith("type:"):
                terminal.press(*key[5:])
            else:
                terminal.press(key)
            terminal.settle(0.4)
        terminal.settle(0.6)
        picture.save(terminal.screen, target)
        terminal.press("ctrl+c")  # leaves the prompt or the list, if one is open
        terminal.settle(0.3)
        if terminal.exit_code is None:
            terminal.press("ctrl+c")
        terminal.wait_exit(20)


def _is_ready(text: str) -> bool:
    """Whether the runs are counted and nothing is being read any more."""
    return bool(_COUNT.search(text)) and "reading" not in text and "looking" not in text


@contextmanager
def _engine_in(home: Path) -> Iterator[None]:
    """All scenes share one engine, which is stopped in the end."""
    os.environ["RUNSPECT_HOME"] = str(home)
    try:
        yield
    finally:
        workspace = Workspace.open(())
        workspace.stop_engine()
        workspace.close()


# trees


def make_tree(kind: str, root: Path) -> Path:
    """Write a tree of runs; always the same one for a kind, apart from its times."""
    root.mkdir(parents=True)
    chance = random.Random(11)
    if kind == NO_RUNS:
        (root / "notes.txt").write_text("none yet\n")
        (root / "plot.png").write_bytes(b"\x89PNG")
        (root / "train.py").write_text("print()\n")
    counts = {ONE: 1, FORTY: 40, THOUSANDS: 5000}
    for number in range(counts.get(kind, 0)):
        _write_run(root / _name(number, chance), number, chance, points=8 if kind == THOUSANDS else 120)
    if kind == NAMES:
        for number, name in enumerate(_NAMES):
            _write_run(root / name, number, chance)
    if kind in (SWEEP, TEAM):
        _write_sweep(root, chance)
    if kind == TEAM:
        _make_team(root)
    if kind == BROKEN:
        _write_broken(root, chance)
    return root


_NAMES = (
    "a-name-of-one-hundred-and-twenty-characters-" + "that-goes-on-and-on-" * 3 + "up-to-its-end-99",
    "実験-画像分類-学習率スイープ-第三回-最終版",
    "[bold] not markup [x]",
    "한국어-실험-07",
    "naïve-Überraschung-Ελληνικά",
    "resnet50-cosine-s1",
)


def _name(number: int, chance: random.Random) -> str:
    model = chance.choice(("resnet50", "vit-small", "convnext-tiny", "mixer"))
    return (
        f"{model}-{chance.choice(('cosine', 'step', 'onecycle'))}-{number:04d}"
        if number >= 40
        else f"{model}-{chance.choice(('cosine', 'step'))}-s{number}"
    )


def _write_run(directory: Path, number: int, chance: random.Random, points: int = 120) -> None:
    directory.mkdir(parents=True)
    lr = chance.choice((1e-4, 3e-4, 1e-3, 3e-3, 1e-2))
    config = {
        "lr": lr, "opt": chance.choice(("adamw", "lion", "sgd")), "batch_size": chance.choice((64, 128, 256)),
        "model": directory.name.split("-")[0], "seed": number % 5, "epochs": 90, "data": {"name": "cifar10", "augment": bool(number % 3)},
    }  # fmt: skip
    (directory / "config.json").write_text(json.dumps(config, indent=1))
    crashed, diverged = number % 11 == 4, number % 13 == 6
    started = time.time() - 3600 * (number + 1) * 0.7 if points > 20 else 1_700_000_000 + 600 * number
    rows, floor, speed = [], chance.uniform(0.18, 0.42), chance.uniform(12, 40)
    for step in range(points // 2 if crashed else points):
        noise = chance.gauss(0, 0.035)
        loss = floor + 2.1 * math.exp(-step / speed) + noise
        value = float("nan") if diverged and step > 70 else loss
        rows.append({
            "step": step * 100, "time": started + step * 20, "train/loss": value, "val/loss": value * 1.08 + abs(noise),
            "val/acc": max(0.1, 1 - loss / 2.4), "lr": lr * (1 + math.cos(math.pi * step / points)) / 2, "grad_norm": abs(1 + 4 * noise) / (1 + step / 30),
        })  # fmt: skip
    (directory / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if points > 20:
        lines = [
            f"epoch {n // 10:3d}  step {row['step']:6d}  loss {row['train/loss']:.4f}  val {row['val/loss']:.4f}"
            for n, row in enumerate(rows)
        ]
        if crashed:
            lines += ["UserWarning: the data loader is slow", "Traceback (most recent call last):", '  File "train.py", line 214, in <module>',
                      "    loss.backward()", "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB"]  # fmt: skip
        (directory / "train.log").write_text("\n".join(lines) + "\n")
    last = started + 20 * len(rows)
    for file in directory.iterdir():
        os.utime(file, (last, last))


def _write_sweep(root: Path, chance: random.Random) -> None:
    """Three optimizers by four learning rates, one to five seeds of each; one seed diverges."""
    for number, (opt, lr) in enumerate(product(("adamw", "lion", "sgd"), (1e-4, 3e-4, 1e-3, 3e-3))):
        for seed in range((3, 5, 1, 4)[number % 4]):
            directory = root / f"vit-small-{opt}-{lr:g}-s{seed}"
            _write_run(directory, 10 * number + seed, chance)
            config = {"opt": opt, "lr": lr, "warmup": int(lr * 1e6), "batch_size": 64 << number % 3, "seed": seed}
            (directory / "config.json").write_text(json.dumps(config, indent=1))


def _make_team(root: Path) -> None:
    """A policy, a run in production, and what one of the others was to show."""
    (root / "runspect.toml").write_text(POLICY)
    alike = {"dataset": "cifar10", "batch_size": 128, "warmup": 500}  # else no two runs differ in one param alone
    for config in sorted(root.glob("*/config.json")):
        written = config.stat().st_mtime
        config.write_text(json.dumps({**json.loads(config.read_text()), **alike}, indent=1))
        os.utime(config, (written, written))
    champion, tested = "vit-small-adamw-0.001-s0", "vit-small-lion-0.0003-s1"
    for words in (
        ("promote", champion, "--to", "production", "--why", "the first one", "--no-model", "--force"),
        ("hypothesis", "new", "lion needs a lower rate than adamw", "--by", "2w"),
    ):
        told = _command(root, *words)
    _command(root, "hypothesis", "link", told.strip(), tested)


def _command(root: Path, name: str, *words: str) -> str:
    command = [sys.executable, "-m", "runspect", name, "-C", str(root), *words]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def _write_broken(root: Path, chance: random.Random) -> None:
    for number in range(6):
        _write_run(root / _name(number, chance), number, chance)
    runs = sorted(path for path in root.iterdir() if path.is_dir())
    metrics = runs[0] / "metrics.jsonl"
    lines = metrics.read_text().split("\n")
    metrics.write_text("\n".join([*lines[:20], "<<<<<<< not a record", *lines[20:]]))
    with (runs[1] / "metrics.jsonl").open("ab") as file:
        file.write(b"\0" * 4096)
    (runs[2] / "events.out.tfevents.1700000000.box7.311.0").write_bytes(
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"
    )
    (runs[3] / "config.json").write_text('{"lr": 0.1,')


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
