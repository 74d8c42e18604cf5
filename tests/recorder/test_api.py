"""`runspect.start`, `log`, `finish` in real programs, with their real ends."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from runspect.recorder.run import FORGOTTEN, LEFT
from tests.recorder.programs import head, only, rows, run, started, surroundings


def test_three_lines_make_a_record(tmp_path: Path) -> None:
    code = """
run = runspect.start(config={"lr": 1e-3, "model": {"depth": 4}}, name="first try", hypothesis="it learns", tags=["a"],
                     project="p", seed=3, dataset="cifar10")
for step in range(5):
    run.log({"train/loss": 1 / (step + 1), "eval": {"acc": step}}, step=step)
run.finish()
"""
    assert run(tmp_path, code) == (0, "", "")
    record = only(tmp_path)
    assert record == tmp_path / "runs" / "first-try"
    told = head(record)
    assert (told["status"], told["name"], told["hypothesis"], told["project"], told["seed"]) == (
        "finished", "first try", "it learns", "p", 3,
    )  # fmt: skip
    assert told["config"] == {"lr": 1e-3, "model": {"depth": 4}} and told["tags"] == ["a"]
    assert told["started"] <= told["ended"] and "dropped" not in told
    assert {"host", "pid", "process_started", "user", "command", "argv", "cwd", "python", "writer"} <= told.keys()
    assert [(row["step"], row["train/loss"], row["eval/acc"]) for row in rows(record)] == [
        (step, 1 / (step + 1), step) for step in range(5)
    ]


@pytest.mark.parametrize(
    ("end", "code", "expected"),
    [
        ("raise ValueError('bad\\nnews')", 1, ("failed", "ValueError: bad")),
        ("raise KeyboardInterrupt", 130, ("killed", "interrupted from the keyboard")),
        ("sys.exit(3)", 3, ("failed", "exit 3")),
        ("sys.exit()", 0, ("finished", "")),
        ("pass", 0, ("finished", "")),
    ],
)
def test_the_end_of_a_with_block(tmp_path: Path, end: str, code: int, expected: tuple[str, str]) -> None:
    exit_code, _, _ = run(tmp_path, f"with runspect.start(name='x') as run:\n    run.log({{'a': 1}})\n    {end}")
    assert exit_code in (code, -signal.SIGINT if code == 130 else code)
    told = head(only(tmp_path))
    assert (told["status"], told["reason"]) == expected and told["ended"]
    assert len(rows(only(tmp_path))) == 1


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("raise ValueError('bad')", ("failed", "ValueError: bad")),
        ("os.kill(os.getpid(), 2); time.sleep(20)", ("killed", "interrupted from the keyboard")),
        ("pass", ("finished", FORGOTTEN)),
        ("sys.exit(3)", ("failed", "exit 3")),
        ("sys.exit()", ("finished", FORGOTTEN)),
        ("exit(2)", ("failed", "exit 2")),
        ("quit()", ("finished", FORGOTTEN)),
        ("def main(): sys.exit('no data')\nmain()", ("failed", "exit no data")),
        ("try: sys.exit(3)\nexcept SystemExit: pass", ("finished", FORGOTTEN)),
        ("raise SystemExit(1)", ("unknown", LEFT)),
        ("def main(): raise SystemExit\nmain()", ("unknown", LEFT)),
    ],
)
def test_a_forgotten_finish(tmp_path: Path, end: str, expected: tuple[str, str]) -> None:
    _, _, err = run(tmp_path, f"run = runspect.start(name='x')\nrun.log({{'a': 1}})\n{end}")
    assert ("ValueError" in err) == ("ValueError" in expected[1])
    told = head(only(tmp_path))
    assert (told["status"], told["reason"]) == expected
    assert len(rows(only(tmp_path))) == 1


def test_a_program_that_another_runs_is_not_judged_by_its_last_line(tmp_path: Path) -> None:
    """A runner that catches what ended a script, as notebooks and debuggers do."""
    (tmp_path / "train.py").write_text("run = runspect.start(name='x')\nrun.log({'a': 1})\nraise SystemExit(1)\n")
    run(tmp_path, "try: exec(compile(open('train.py').read(), 'train.py', 'exec'))\nexcept SystemExit: pass")
    assert (head(only(tmp_path))["status"], head(only(tmp_path))["reason"]) == ("finished", FORGOTTEN)


def test_kill_9_loses_at_most_a_second(tmp_path: Path) -> None:
    code = """
run = runspect.start(name="x")
for step in range(10**9):
    run.log({"a": step}, step=step)
    if step % 20 == 0:
        print(step, time.time(), flush=True)
    time.sleep(0.001)
"""
    process = started(tmp_path, code)
    assert process.stdout is not None
    last = 0.0
    begun = time.monotonic()
    for line in process.stdout:
        last = float(line.split()[1])
        if time.monotonic() > begun + 2:
            break
    process.kill()
    process.communicate()
    record = only(tmp_path)
    steps = [row["step"] for row in rows(record)]
    assert steps == list(range(len(steps)))
    assert last - rows(record)[-1]["time"] < 1
    assert head(record)["status"] == "running"


def test_threads_lose_and_tear_nothing(tmp_path: Path) -> None:
    code = """
import threading
run = runspect.start(name="x")
def work(number):
    for step in range(5000):
        run.log({f"t{number}": step}, step=step)
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
run.finish()
"""
    assert run(tmp_path, code)[0] == 0
    found = rows(only(tmp_path))
    for number in range(8):
        assert [row["step"] for row in found if f"t{number}" in row] == list(range(5000))


def test_a_fork_writes_nothing_twice_and_ends_nothing(tmp_path: Path) -> None:
    code = """
run = runspect.start(name="x")
run.log({"a": 1}, step=1)
pid = os.fork()
if pid == 0:
    run.log({"child": 1}, step=1)
    run.finish()
    sys.exit(0)
os.waitpid(pid, 0)
run.log({"a": 2}, step=2)
pid = os.fork()
if pid == 0:
    raise RuntimeError("in the child")
os.waitpid(pid, 0)
run.log({"a": 3}, step=3)
run.finish()
"""
    assert run(tmp_path, code)[0] == 0
    found = rows(only(tmp_path))
    assert sorted((row["step"], *(name for name in row if name not in ("step", "time"))) for row in found) == [
        (1, "a"), (1, "child"), (2, "a"), (3, "a"),
    ]  # fmt: skip
    assert head(only(tmp_path))["status"] == "finished"


def test_children_of_multiprocessing_log_for_themselves(tmp_path: Path) -> None:
    code = """
import multiprocessing
run = runspect.start(name="x")
def work(number):
    for step in range(100):
        run.log({f"worker{number}": step}, step=step)
children = [multiprocessing.get_context("fork").Process(target=work, args=(n,)) for n in range(3)]
[c.start() for c in children]; [c.join() for c in children]
run.log({"own": 1})
run.finish()
"""
    assert run(tmp_path, code)[0] == 0
    found = rows(only(tmp_path))
    for number in range(3):
        assert [row["step"] for row in found if f"worker{number}" in row] == list(range(100))
    assert len(found) == 301


def test_a_spawned_child_makes_no_record_unless_it_asks_for_one(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("""
import multiprocessing, runspect
def main(): return runspect.start(name="x")
run = main()
def work():
    with runspect.start(name="own") as own:
        own.log({"b": 1})
if __name__ == "__main__":
    child = multiprocessing.get_context("spawn").Process(target=work)
    child.start()
    child.join()
    run.log({"a": 1})
    run.finish()
""")
    program = [sys.executable, "train.py"]
    subprocess.run(program, cwd=tmp_path, env=surroundings(), check=True, capture_output=True)
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["own", "x"]
    assert "a" in rows(tmp_path / "runs/x")[0] and "b" in rows(tmp_path / "runs/own")[0]


def test_in_a_notebook_the_next_run_ends_the_one_before(tmp_path: Path) -> None:
    code = "sys.ps1 = '>>> '\nfor _ in range(2): runspect.start(name='x', capture=False)\nprint(open('runs/x/run.json').read())"
    _, out, _ = run(tmp_path, code)
    told = json.loads(out)
    assert (told["status"], told["reason"]) == ("finished", "the next run began")


def test_data_is_digested_and_memory_told(tmp_path: Path) -> None:
    (tmp_path / "cifar10").write_bytes(b"pictures")
    code = "run = runspect.start(name='x', data=['cifar10'])\ntime.sleep(1)\nrun.finish()"
    assert run(tmp_path, code) == (0, "", "")
    told = head(only(tmp_path))
    assert told["data"][0]["sha256"] == hashlib.sha256(b"pictures").hexdigest()
    assert 1 << 22 < told["peak"]["memory_bytes"] < 1 << 30


def test_the_directory_of_records_is_known_from_then_on(tmp_path: Path, home: Path) -> None:
    assert run(tmp_path, "runspect.start(name='x').finish()") == (0, "", "")
    assert (home / "recorded-roots").read_text() == f"{tmp_path / 'runs'}\n"


def test_a_fork_amidst_logging_does_not_hang(tmp_path: Path) -> None:
    code = """
import threading
run = runspect.start(name="x")
on = True
def work():
    step = 0
    while on:
        run.log({"a": step}, step=step); step += 1
threads = [threading.Thread(target=work) for _ in range(3)]
[t.start() for t in threads]
for _ in range(30):
    pid = os.fork()
    if pid == 0:
        run.log({"child": 1})
        run.finish()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
on = False
[t.join() for t in threads]
run.finish()
"""
    assert run(tmp_path, code)[0] == 0
    assert sum("child" in row for row in rows(only(tmp_path))) == 30


def test_names_are_unique_and_the_place_can_be_chosen(tmp_path: Path) -> None:
    code = "runspect.start(name='a').finish(); runspect.start(name='a').finish(); runspect.start().finish()"
    assert run(tmp_path, code, env={"RUNSPECT_RUNS": str(tmp_path / "else")})[0] == 0
    found = sorted(path.name for path in (tmp_path / "else").iterdir())
    assert found[:2] == ["a", "a-2"] and found[2].startswith("run-2")
    assert run(tmp_path, "runspect.start(name='b', dir='here').finish()")[0] == 0
    assert (tmp_path / "here" / "b" / "run.json").exists()
    (tmp_path / "runspect.toml").write_text('[record]\nruns = "by-policy"\n')
    (tmp_path / "below").mkdir()
    assert run(tmp_path / "below", "runspect.start(name='c').finish()")[0] == 0
    assert (tmp_path / "by-policy" / "c" / "run.json").exists()


def test_signals_are_left_as_they_were(tmp_path: Path) -> None:
    process = started(
        tmp_path, "run = runspect.start(name='x')\nrun.log({'a': 1})\nprint(1, flush=True)\ntime.sleep(60)"
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == -signal.SIGTERM
    assert head(only(tmp_path))["status"] == "running"  # a reader sees that the process is gone


def test_a_signal_handler_may_log(tmp_path: Path) -> None:
    code = """
import signal
run = runspect.start(name="x")
caught = 0
def handler(*_):
    global caught
    caught += 1
    run.log({"caught": caught})
    signal.setitimer(signal.ITIMER_REAL, 0.001)
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.001)
for step in range(100_000):
    run.log({"a": step}, step=step)
signal.signal(signal.SIGALRM, signal.SIG_IGN)
run.finish()
print(caught)
"""
    exit_code, out, _ = run(tmp_path, code)
    found = rows(only(tmp_path))
    assert exit_code == 0 and sum("caught" in row for row in found) == int(out) > 10
    assert sum("a" in row for row in found) == 100_000


def test_facts_and_params_can_come_later(tmp_path: Path) -> None:
    code = """
run = runspect.start(config={"a": 1}, name="x")
run.update({"b": 2}, note="looks good")
run.finish(reason="early stop")
run.log({"late": 1}); run.finish(); run.update(note="late")
"""
    assert run(tmp_path, code) == (0, "", "")
    told = head(only(tmp_path))
    assert (told["config"], told["note"], told["reason"]) == ({"a": 1, "b": 2}, "looks good", "early stop")
    assert not (only(tmp_path) / "metrics.jsonl").exists()


def test_the_commit_is_known_without_git(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    (git / "refs/heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs/heads/main").write_text("a" * 40 + "\n")
    (git / "config").write_text('[remote "origin"]\n\turl = https://me:secret@host.example/x.git\n')
    assert run(tmp_path, "runspect.start(name='x', capture=False).finish()", env={"PATH": ""})[0] == 0
    assert head(only(tmp_path))["git"] == {
        "root": str(tmp_path), "commit": "a" * 40, "branch": "main", "remote": "https://host.example/x.git",
    }  # fmt: skip


def test_what_surrounds_the_run_is_found_out_beside_it(tmp_path: Path) -> None:
    place = tmp_path / "project"
    place.mkdir()

    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words]
        return subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q", "-b", "main")
    (place / "train.py").write_text("lr = 1\n")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    (place / "train.py").write_text("lr = 2\n")
    (place / "new.py").write_text("import train\n")
    env = {"CUDA_VISIBLE_DEVICES": "0", "WANDB_API_KEY": "very-secret"}
    assert run(place, "runspect.start(name='x').finish()", env=env) == (0, "", "")
    record = only(place)
    told = head(record)
    assert told["git"]["commit"] == git("rev-parse", "HEAD") and told["git"]["dirty"] is True
    assert "+lr = 2" in (record / "patch.diff").read_text()
    assert told["git"]["untracked"] == ["new.py"] and (record / "untracked" / "new.py").exists()
    assert told["environment"]["CUDA_VISIBLE_DEVICES"] == "0" and told["hardware"]["cpus"] >= 1
    assert "numpy" in (record / told["packages"]["file"]).read_text()
    assert not any(b"very-secret" in path.read_bytes() for path in record.rglob("*") if path.is_file())


def test_many_starts_at_once_have_a_directory_each(tmp_path: Path) -> None:
    processes = [started(tmp_path, "runspect.start(name='x').finish()") for _ in range(6)]
    assert [process.communicate() and process.returncode for process in processes] == [0] * 6
    assert len(list((tmp_path / "runs").iterdir())) == 6


def test_a_million_points_are_all_there(tmp_path: Path) -> None:
    code = """
run = runspect.start(name="x")
for step in range(1_000_000):
    run.log({"loss": 0.5}, step=step)
run.finish()
"""
    assert run(tmp_path, code) == (0, "", "")
    with (only(tmp_path) / "metrics.jsonl").open() as file:
        assert all(line.startswith(f'{{"step": {at}, ') for at, line in enumerate(file))
    assert (only(tmp_path) / "metrics.jsonl").read_bytes().count(b"\n") == 1_000_000
    assert "dropped" not in head(only(tmp_path))


def test_the_process_that_is_recorded_has_one_more_thread_and_no_other_ties(tmp_path: Path) -> None:
    import runspect

    before = threading.active_count()
    run = runspect.start(name="x", dir=tmp_path, capture=False)
    run.log({"a": 1})
    assert threading.active_count() == before + 1
    run.finish()
    assert threading.active_count() == before and os.getpid() == head(only(tmp_path))["pid"]
