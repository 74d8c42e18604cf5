"""What a command line plainly says becomes params and seeds; what it does not, does not."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runspect.recorder.capture.arguments import params, program, seeds, the_seed


@pytest.mark.parametrize(
    ("line", "name", "found"),
    [
        ("python train.py --lr 3e-4 --epochs=10 --fp16 data/", "train.py", {"lr": 3e-4, "epochs": 10, "fp16": "data/"}),
        ("python -u -W ignore train.py --fp16 --lr 1", "train.py", {"lr": 1}),
        ("python -m pkg.train lr=0.1 +model.depth=3 hydra.run.dir=x", "pkg.train",
         {"lr": 0.1, "model.depth": 3, "hydra.run.dir": "x"}),
        ("torchrun --nproc_per_node 4 train.py --lr 1", "train.py", {"lr": 1}),
        ("torchrun --standalone train.py --lr 1", "train.py", {"lr": 1}),
        ("python -m torch.distributed.run --nnodes=1 train.py --lr 1", "train.py", {"lr": 1}),
        ("srun --mpi=pmix python train.py --lr 1", "train.py", {"lr": 1}),
        ("uv run train.py --lr 1", "train.py", {"lr": 1}),
        ("accelerate launch --num_processes=2 train.py --lr 1", "train.py", {"lr": 1}),
        ("bash run.sh --lr 1", "run.sh", {"lr": 1}),
        ("bash -c 'python t.py --lr 1'", "bash", {}),
        ("./train --lr 1 -b 32 -v", "train", {"lr": 1}),
        ("./train --layers 1 2 3 --name a b", "train", {"layers": [1, 2, 3], "name": "a"}),
        ("./train --x -1 --y=-2.5 --z 007 --flag true", "train", {"x": -1, "y": -2.5, "z": "007", "flag": True}),
        ("./train --opt a=1 b=2 --tag x --tag y", "train", {"a": 1, "b": 2, "tag": ["x", "y"]}),
        ("./train -- --lr 1", "train", {}),
        ("python", "python", {}),
    ],
)  # fmt: skip
def test_params(line: str, name: str, found: dict[str, object]) -> None:
    argv = shlex.split(line)
    assert program(argv) == name
    assert params(argv) == found


@pytest.mark.parametrize(
    ("line", "found", "one"),
    [
        ("t --seed 3", {"seed": 3}, 3),
        ("t seed=3 trainer.seed=4", {"seed": 3, "trainer.seed": 4}, 3),
        ("t --random_state 7", {"random_state": 7}, 7),
        ("t --seed_everything 7 --data_seed 7", {"seed_everything": 7, "data_seed": 7}, 7),
        ("t --torch-seed 1 --np_seed 2", {"torch-seed": 1, "np_seed": 2}, None),
        ("t --seeded 3 --proceed 1 --seed none", {}, None),
        ("t --seed 1 --seed 2", {"seed": [1, 2]}, None),
    ],
)
def test_seeds(line: str, found: dict[str, object], one: int | None) -> None:
    assert seeds(line.split()) == found
    assert the_seed(seeds(line.split())) == one


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_words_are_taken(argv: list[str]) -> None:
    params(argv)
    program(argv)
    the_seed(seeds(argv))
