"""Which processes are trainings that nothing is read of: a pure judgement over what is seen of them."""

from __future__ import annotations

from dataclasses import replace

from runspect.practice.lint.strays import Logged, Process, Strays, is_training, strays, trees

SHELL = Process(10, 1, "ann", ("bash",), "/home/ann", 100.0, 1.0)
TRAIN = Process(
    20, 10, "ann", ("python", "train.py", "--lr", "3e-4"), "/home/ann/proj", 1000.0, 500.0, libraries=("torch",)
)
WORKER = replace(TRAIN, pid=21, parent=20, cpu_s=5.0)
RUN = Logged("/home/ann/proj/runs/a", 2000.0, frozenset({"/home/ann/proj/runs/a/metrics.csv"}))
HOME = "/home/ann"


def found(*processes: Process, runs: tuple[Logged, ...] = ()) -> list[int]:
    return [each.process.pid for each in strays((SHELL, *processes), runs, HOME).found]


def test_what_looks_like_a_training() -> None:
    assert is_training(TRAIN)
    assert not is_training(replace(TRAIN, cpu_s=3.0)), "who only loads a library to look at something"
    assert not is_training(replace(TRAIN, libraries=()))
    assert is_training(replace(TRAIN, cpu_s=0.0, libraries=(), on_gpu=True))


def test_workers_belong_to_their_program() -> None:
    assert [(top.pid, len(tree)) for top, tree in trees((SHELL, TRAIN, WORKER))] == [(20, 2)]
    (only,) = strays((SHELL, TRAIN, WORKER), (), HOME).found
    assert (only.process.pid, only.workers) == (20, 1)
    assert only.what == "uses torch in 2 processes and writes no log that runspect reads"


def test_a_training_without_any_log_is_told_with_what_to_do() -> None:
    (only,) = strays((SHELL, replace(TRAIN, command=(*TRAIN.command, "--api-key", "hunter2"))), (), HOME).found
    assert only.command == "python train.py --lr 3e-4 --api-key ••••••"
    assert only.closes == f"start the next one with `runspect record -- {only.command}`"
    told = only.as_json()
    assert (told["pid"], told["cwd"], told["since"]) == (20, "/home/ann/proj", "1970-01-01T00:16:40.000000Z")


def test_files_that_nobody_reads_are_named() -> None:
    (only,) = strays((SHELL, replace(TRAIN, writes=("/data/x/a.txt", "/data/x/y/b.txt"))), (), HOME).found
    assert only.closes.endswith(
        "it writes /data/x/a.txt, /data/x/y/b.txt: `runspect /data/x` shows what of that can be read"
    )


def test_an_open_log_of_a_run_or_a_file_below_one_is_read() -> None:
    assert found(replace(TRAIN, cwd="/", writes=("/home/ann/proj/runs/a/metrics.csv",)), runs=(RUN,)) == []
    assert found(replace(TRAIN, cwd="/", writes=("/home/ann/proj/runs/a/ckpt/x.bin",)), runs=(RUN,)) == []
    assert found(replace(TRAIN, cwd="/"), replace(WORKER, writes=("/home/ann/proj/runs/a/x",)), runs=(RUN,)) == []
    assert found(replace(TRAIN, cwd="/", writes=("/home/ann/proj/runs/ab/x",)), runs=(RUN,)) == [20]


def test_a_run_that_ended_before_it_began_is_not_its_own() -> None:
    assert found(TRAIN, runs=(replace(RUN, updated=900.0),)) == [20]


def test_a_run_that_tells_its_process() -> None:
    assert found(replace(TRAIN, cwd="/"), runs=(replace(RUN, pid=20),)) == []
    assert found(TRAIN, runs=(replace(RUN, pid=99),)) == [20], "the run of another process"


def test_a_log_that_is_opened_for_each_line_is_known_by_its_place() -> None:
    assert found(TRAIN, runs=(RUN,)) == []
    assert found(replace(TRAIN, cwd=HOME), runs=(RUN,)) == [20], "everything lies below the home directory"
    by_command = replace(TRAIN, cwd=HOME, command=("python", "t.py", "--out=proj/runs"))
    assert found(by_command, runs=(RUN,)) == []


def test_one_run_speaks_for_one_training() -> None:
    second = replace(TRAIN, pid=30, started=1001.0)
    assert found(TRAIN, second, runs=(RUN,)) == [30]
    holds = replace(second, writes=("/home/ann/proj/runs/a/metrics.csv",))
    assert found(TRAIN, holds, runs=(RUN,)) == [20], "who has it open has it"


def test_what_is_recorded_is_read() -> None:
    recorder = Process(
        15, 10, "ann", ("/venv/bin/python", "/venv/bin/runspect", "record", "--", "python"), None, 999.0, 0.1
    )
    assert found(recorder, replace(TRAIN, parent=15)) == []
    assert found(replace(TRAIN, is_recorded=True)) == []
    assert found(TRAIN, replace(WORKER, is_recorded=True)) == []


def test_of_others_it_is_only_said_that_they_train() -> None:
    told = strays((SHELL, replace(TRAIN, user="bob", writes=None)), (), HOME)
    assert told.found == () and [each.process.user for each in told.unseen] == ["bob"]


def test_processes_above_each_other_in_a_circle_end() -> None:
    assert found(replace(TRAIN, parent=21), WORKER) in ([], [20], [21])


def test_what_cannot_be_known_is_said() -> None:
    assert Strays(unknown="no /proc").as_json() == {"known": False, "why": "no /proc", "found": [], "unseen": []}
