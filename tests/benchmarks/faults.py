"""The engine is killed with -9: how soon there is a right answer again, and what that cost of what was acknowledged."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from runspect.model import Op
from tests.benchmarks import generate
from tests.benchmarks.figures import Figure
from tests.benchmarks.formats.recipe import Recipe
from tests.benchmarks.indexed import indexed
from tests.benchmarks.program import Program, command_cpu, cpu_seconds, program

RUNS = 10_000
KILLS = 5
WRITES = 20
ANSWER_S = 1.2


def figures() -> Iterator[Figure]:
    """Kill it at rest, then right behind each acknowledged annotation."""
    with indexed(RUNS) as (our, tree):
        waits, synced = [], []
        for _ in range(KILLS):
            waits.append(_answered(our, tree, "--no-sync"))
            synced.append(_answered(our, tree))
        for what, found, budget in (("", waits, ANSWER_S), (", having looked at the disk", synced, None)):
            took, used = min(found)
            what = f"engine killed: next right answer of a fresh process, {RUNS:,} runs{what}"
            yield Figure(what, took, "s", budget, note=f"{used:.2f} s CPU of command and engine", row=27)
        with our.client(tree) as client:
            client.order()
            _kill(our)
            begun = time.perf_counter()
            assert client.order().total == RUNS
            yield Figure(
                "engine killed: next right answer to a client that was connected",
                time.perf_counter() - begun,
                "s",
                ANSWER_S,
                row=27,
            )
    yield from annotations_kept(WRITES)


def annotations_kept(kills: int) -> Iterator[Figure]:
    """None may be lost; `kills` does it a thousand times."""
    begun = time.perf_counter()
    lost = _lost(kills)
    note = f"{time.perf_counter() - begun:.0f} s"
    yield Figure(f"acknowledged annotations lost over {kills:,} kills", lost, "lost", 0, note=note, row=28)


def _answered(our: Program, tree: Path, *words: str) -> tuple[float, float]:
    our.command("ls", "-C", tree, "--json", "-n", "1")
    _kill(our)
    used, begun = command_cpu(), time.perf_counter()
    (run,) = json.loads(our.command("ls", "-C", tree, "--json", "-n", "1", *words))
    took = time.perf_counter() - begun
    used = command_cpu() - used + cpu_seconds((our.engine_pid(),))
    assert run["path"].endswith(generate.name(RUNS - 1))
    assert run["metrics"]["loss"]["last"] == Recipe(RUNS - 1, 5, 20).last()
    return took, used


def _lost(kills: int) -> int:
    """How many of so many tags, each killed for right after its acknowledgement, are not there in the end."""
    with program() as our:
        tree = our.place / "tree"
        generate.corpus(tree, "jsonl", 1)
        with our.client(tree) as client:
            client.sync()
            rid = client.order().rids[0]
            target = f"run:{client.run(rid)['uid']}"
            for number in range(kills):
                client.annotate([Op(target, f"tag:t{number}", True)])
                _kill(our)
            tags = client.run(rid)["tags"]
            assert isinstance(tags, list)
            return kills - sum(f"t{number}" in tags for number in range(kills))


def _kill(our: Program) -> None:
    os.kill(our.engine_pid(), signal.SIGKILL)
