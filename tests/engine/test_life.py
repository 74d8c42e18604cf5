"""The engine's life as a whole: clients write and read while it is killed, replaced, starved and shut out.

Every iteration ends with a full account: each acknowledged annotation and each point of the logs is there, once.
`RUNSPECT_LIFE_ITERATIONS` sets how many iterations; the seed is printed, and `RUNSPECT_LIFE_SEED` repeats it.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from runspect.errors import EngineTooNew, IndexFault, JournalFault, RunspectError
from runspect.model import Op
from runspect.workspace import Workspace
from tests.engine.crowd import engine_pid, environment, is_engine, kill_engine, other_version, place, status_of, until

ITERATIONS = int(os.environ.get("RUNSPECT_LIFE_ITERATIONS", "20"))
CLIENTS = 3
RUNS = 5
LONGEST_S = 0.4
"""A killer waits at most so long within an iteration."""


class Crowd:
    """Three clients of one engine, a growing log, and the account of what was acknowledged; mutable."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root = root
        self.chance = chance
        self.points = 0
        self.written = [0] * RUNS
        self.acknowledged: defaultdict[str, set[str]] = defaultdict(set)
        self.refused = 0
        self.turn = 0
        for number in range(RUNS):
            (root / f"run{number}").mkdir(parents=True)
            self._append(number, 3)
        self.clients = [Workspace.open([root]) for _ in range(CLIENTS)]
        self.clients[0].sync()
        self.uids = {run["name"]: run["uid"] for run in json.loads(self.clients[0].runs_json())}
        assert len(self.uids) == RUNS

    def close(self) -> None:
        for client in self.clients:
            client.close()

    def iterate(self, trouble: Callable[[Crowd], None]) -> None:
        """All clients work while `trouble` happens, then everything is counted."""
        self.turn += 1
        failures: list[BaseException] = []
        threads = [threading.Thread(target=self._guarded, args=(failures, self._work, n)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        self._guarded(failures, trouble, self)
        for thread in threads:
            thread.join()
        assert not failures, failures
        self.account(since=self.turn)

    def account(self, since: int = 0) -> None:
        """Every acknowledged tag since an iteration, and every point, is there."""
        client = self.chance.choice(self.clients)
        self._patiently(client.sync)
        found = {run["name"]: run for run in json.loads(client.runs_json())}
        assert set(found) == set(self.uids)
        for number in range(RUNS):
            run = found[f"run{number}"]
            tags = {tag for tag in self.acknowledged[f"run{number}"] if int(tag.split("-")[0]) >= since}
            assert tags <= set(run["tags"]), tags - set(run["tags"])
            assert run["metrics"]["loss"]["n"] == self.written[number]
            assert run["metrics"]["loss"]["last_step"] == self.written[number] - 1

    def recount(self) -> None:
        """The raw points themselves, and the journal's files."""
        for number in range(RUNS):
            series = self.clients[0].series(self.uids[f"run{number}"], "loss")
            assert series["step"] == list(range(self.written[number]))
        self.account()
        ids: list[str] = []
        for path in place().journal[0].glob("*.jsonl"):
            lines = path.read_bytes().split(b"\n")[:-1]
            ids += [json.loads(line)["id"] for line in lines]
        assert len(ids) == len(set(ids)), "an op was written twice"

    def _append(self, number: int, count: int) -> None:
        first = self.written[number]
        lines = "".join(json.dumps({"step": first + n, "loss": 1 / (1 + first + n)}) + "\n" for n in range(count))
        with (self.root / f"run{number}" / "metrics.jsonl").open("a") as file:
            file.write(lines)
        self.written[number] += count

    def _work(self, number: int) -> None:
        client, chance = self.clients[number], random.Random(self.turn * 10 + number)
        for step in range(chance.randint(2, 5)):
            name, tag = f"run{chance.randrange(RUNS)}", f"{self.turn}-{number}-{step}"
            self._patiently(partial(self._tag, client, name, tag))
            if number == 0:
                self._append(chance.randrange(RUNS), chance.randint(1, 50))
            self._patiently(partial(client.order, f"tag:{tag}"))

    def _tag(self, client: Workspace, name: str, tag: str) -> None:
        try:
            client.annotate([Op(f"run:{self.uids[name]}", f"tag:{tag}", True)])
        except JournalFault:
            self.refused += 1
        else:
            self.acknowledged[name].add(tag)

    @staticmethod
    def _patiently(work: Callable[[], object]) -> None:
        """Do the work; wait while a newer engine is in charge or the disk is full."""

        def done() -> bool:
            try:
                work()
            except (EngineTooNew, IndexFault):
                return False
            return True

        until(done, "the engine works again", 60)

    @staticmethod
    def _guarded(failures: list[BaseException], work: Callable[..., None], *args: object) -> None:
        try:
            work(*args)
        except (AssertionError, RunspectError, OSError, subprocess.SubprocessError) as error:
            failures.append(error)


def wait_a_little(crowd: Crowd) -> None:
    threading.Event().wait(crowd.chance.uniform(0, LONGEST_S))


def killed(crowd: Crowd) -> None:
    wait_a_little(crowd)
    kill_engine()


def killed_again_and_again(crowd: Crowd) -> None:
    for _ in range(3):
        killed(crowd)


def stopped_politely(crowd: Crowd) -> None:
    wait_a_little(crowd)
    pid = engine_pid()
    if pid is not None and is_engine(pid):
        os.kill(pid, 15)


def stale_socket(crowd: Crowd) -> None:
    """The engine dies and what it leaves behind misleads: a socket nobody listens at, or no socket at all."""
    wait_a_little(crowd)
    kill_engine()
    if crowd.chance.random() < 0.5:
        place().socket.unlink(missing_ok=True)
        place().socket.write_text("not a socket")
    else:
        place().lock.write_text(crowd.chance.choice(["", "{", '{"pid": 1, "socket": "/nowhere"}', "null"]))


def newer_client(crowd: Crowd) -> None:
    """A newer client takes over; the older ones are refused until its engine has left."""
    wait_a_little(crowd)
    with environment(RUNSPECT_ENGINE_IDLE_S="0.1"):
        answer = status_of(other_version(crowd.root.parent / "newer", "9.0"))
    assert answer == {"version": "9.0"}, answer


def older_engine(crowd: Crowd) -> None:
    """An older version's engine is in charge; the clients replace it."""
    wait_a_little(crowd)
    kill_engine()
    answer = status_of(other_version(crowd.root.parent / "older", "0.0.1"))
    assert answer == {"version": "0.0.1"} or answer.get("error") == "EngineTooNew", answer


def no_room(crowd: Crowd) -> None:
    """Every write of the engine to a file fails for a while, as on a full disk."""
    wait_a_little(crowd)
    pid = engine_pid()
    if pid is None or not is_engine(pid):
        return
    try:
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
        wait_a_little(crowd)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    except ProcessLookupError:
        return


def no_socket(crowd: Crowd) -> None:
    """A client that can make no socket works over an engine of its own; all see its annotation."""
    wait_a_little(crowd)
    nowhere = crowd.root.parent / "nowhere"
    nowhere.touch()
    with environment(TMPDIR=str(nowhere)):
        kill_engine()
        alone = Workspace.open([crowd.root])
        tag = f"{crowd.turn}-alone"
        alone.annotate([Op(f"run:{crowd.uids['run0']}", f"tag:{tag}", True)])
        crowd.acknowledged["run0"].add(tag)
        alone.close()
    client = crowd.clients[0]
    until(lambda: bool(client.order(f"tag:{tag}").rids), "the others see the private engine's tag")


TROUBLES = (
    killed, killed, killed, killed_again_and_again, stopped_politely, stale_socket, newer_client, older_engine, no_room,
    no_socket,
)  # fmt: skip


@pytest.fixture
def crowd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crowd]:
    """A crowd whose home is so deep that its socket lies in the temporary directory."""
    seed = int(os.environ.get("RUNSPECT_LIFE_SEED", random.randrange(1 << 30)))
    print(f"RUNSPECT_LIFE_SEED={seed}")
    monkeypatch.setenv("RUNSPECT_HOME", str(tmp_path / ("home" * 15) / ("deep" * 15)))
    monkeypatch.setenv("RUNSPECT_ENGINE_IDLE_S", "20")
    opened = Crowd(tmp_path / "runs", random.Random(seed))
    yield opened
    opened.clients[0].stop_engine()
    opened.close()


def test_nothing_acknowledged_is_lost_whatever_happens_to_the_engine(crowd: Crowd) -> None:
    order = list(TROUBLES)
    for turn in range(ITERATIONS):
        # Each kind of trouble in turn, then by chance: a short run sees all of them.
        trouble = order[turn] if turn < len(order) else crowd.chance.choice(TROUBLES)
        begun = time.monotonic()
        crowd.iterate(trouble)
        print(f"{turn + 1:5} {trouble.__name__:24} {time.monotonic() - begun:6.2f} s", flush=True)
    crowd.recount()
    print(f"{ITERATIONS} iterations: {sum(map(len, crowd.acknowledged.values()))} annotations acknowledged, "
          f"{crowd.refused} refused, {sum(crowd.written)} points")  # fmt: skip
