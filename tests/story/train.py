"""A real, small training: logistic regression by gradient descent on data.csv; its seed decides where it begins."""

import argparse
import math
import random
from pathlib import Path

import runspect

options = argparse.ArgumentParser()
options.add_argument("--lr", type=float, default=0.05)
options.add_argument("--seed", type=int, default=0)
asked = options.parse_args()
dice = random.Random(asked.seed)
rows = [tuple(map(float, line.split(","))) for line in Path("data.csv").read_text().split()]
train, held_out = rows[:80], rows[80:]
weight, bias = dice.gauss(0, 0.02), 0.0


def chance(x: float) -> float:
    return 1 / (1 + math.exp(-(weight * x + bias)))


with runspect.start(config={"lr": asked.lr, "seed": asked.seed, "dataset": "points"}) as run:
    for step in range(40):
        for x, y in train:
            error = chance(x) - y
            weight -= asked.lr * error * x / len(train)
            bias -= asked.lr * error / len(train)
        loss = -sum(math.log(chance(x)) if y else math.log(1 - chance(x)) for x, y in held_out) / len(held_out)
        right = sum(1 for x, y in held_out if (chance(x) > 0.5) == bool(y)) / len(held_out)
        run.log({"val/loss": loss, "val/acc": right}, step=step)
    Path("model.json").write_text(f"[{weight}, {bias}]")
