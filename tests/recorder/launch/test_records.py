"""What a record holds at the end of a real program: a Python one, a shell's, a compiled one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runspect.recorder.launch.closed_logs import file_system
from tests.cli.program import environment, runspect
from tests.recorder.capture.repository import git, repository
from tests.recorder.launch.caller import begin, console, head, record, until

TRAIN = """
import random, sys, time
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--seed", type=int)
args = parser.parse_args()
random.seed(args.seed)
from helper import noise
for step in range(1, 21):
    print(f"step {step}/20 loss {1 / step + noise() * args.lr:.6f} lr {args.lr}", flush=True)
    time.sleep(0.02)
"""


def test_a_python_program_with_all_that_surrounds_it(tmp_path: Path) -> None:
    root = repository(tmp_path / "code", train_py="pass\n")
    (root / "train.py").write_text(TRAIN)
    (root / "helper.py").write_text("import random\ndef noise(): return random.random()\n")
    (root / "data.csv").write_text("a,b\n1,2\n")
    done = record(
        "-q", "-n", "first", "--hypothesis", "it learns", "-t", "a", "--tag", "b", "--project", "p", "--note", "n",
        "--data", "data.csv", "--", sys.executable, "train.py", "--lr", "0.5", "--seed", "7", cwd=root,
        environ={"CUDA_VISIBLE_DEVICES": "0", "HF_TOKEN": "s3cr3t", "SLURM_JOB_ID": "42"},
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout == console(root)
    told = head(root)
    wanted = {
        "name": "first", "status": "finished", "exit_code": 0, "hypothesis": "it learns", "tags": ["a", "b"], "project": "p",
        "note": "n", "program": "train.py", "cwd": str(root), "seed": 7, "seeds": {"seed": 7}, "config": {"lr": 0.5, "seed": 7},
        "scheduler": {"kind": "slurm", "job": "42"},
    }  # fmt: skip
    assert {key: told[key] for key in wanted} == wanted
    assert told["git"]["commit"] == git(root, "rev-parse", "HEAD") and told["git"]["dirty"] is True
    assert told["git"]["untracked"] == ["helper.py"] and told["git"]["patch"] == "patch.diff"
    assert told["packages"]["source"] == "pip" and told["python"].startswith("3.")
    assert told["environment"]["CUDA_VISIBLE_DEVICES"] == "0" and told["data"][0]["files"] == 1
    assert told["hardware"]["cpus"] and told["peak"]["memory_bytes"] > 1 << 20
    assert not any(b"s3cr3t" in each.read_bytes() for each in (root / "runs").rglob("*") if each.is_file())


def test_a_run_is_rebuilt_by_hand_from_its_record_and_gives_the_same(tmp_path: Path) -> None:
    root = repository(tmp_path / "code", train_py="pass\n")
    (root / "train.py").write_text(TRAIN)
    (root / "helper.py").write_text("import random\ndef noise(): return random.random()\n")
    record("-q", "-n", "first", "--", sys.executable, "train.py", "--lr", "0.5", "--seed", "7", cwd=root)
    told, kept = head(root), root / "runs" / "first"
    (root / "train.py").write_text("raise SystemExit(1)\n")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(root), str(clone))
    git(clone, "checkout", "-q", told["git"]["commit"])
    git(clone, "apply", str(kept / told["git"]["patch"]))
    shutil.copytree(kept / "untracked", clone, dirs_exist_ok=True)
    again = subprocess.run(told["argv"], cwd=clone, capture_output=True, check=True)
    assert again.stdout == (kept / "console.log").read_bytes() and again.stdout.count(b"loss") == 20


def test_it_is_a_run_of_the_table_with_the_metrics_of_its_console(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TRAIN.replace("from helper import noise", "noise = random.random"))
    record("-q", "-n", "first", "--", sys.executable, "train.py", "--lr", "0.5", "--seed", "7", cwd=tmp_path)
    (run,) = runspect("ls", "-C", tmp_path / "runs", "--json", cwd=tmp_path).json()
    assert (run["name"], run["state"], run["params"]["lr"]) == ("first", "finished", 0.5)
    assert run["metrics"]["loss"]["n"] == 20 and run["metrics"]["loss"]["last_step"] == 20


def test_metrics_that_the_program_logs_win_over_those_of_the_console(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import runspect\nrun = runspect.start(config={'lr': 0.25})\n"
        "for step in range(1, 11):\n"
        "    print(f'step {step}/10 loss {1 / step:.2f}', flush=True)\n"
        "    run.log({'loss': 1 / step}, step=step)\n"
        "run.finish()\n"
    )
    record("-q", "-n", "first", "--", sys.executable, "train.py", "--lr", "0.25", cwd=tmp_path, environ=environment())
    (run,) = runspect("ls", "-C", tmp_path / "runs", "--json", cwd=tmp_path).json()
    assert (run["name"], run["state"], run["metrics"]["loss"]["n"]) == ("first", "finished", 10)
    assert run["metrics"]["loss"]["last"] == 0.1 and run["metrics"]["loss"]["last_step"] == 10
    points = runspect("series", "-C", tmp_path / "runs", "first", "loss", "--json", cwd=tmp_path).json()
    assert points["value"] == [1 / step for step in range(1, 11)]


def test_metrics_that_only_the_console_has_are_there_beside_those_that_are_logged(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import csv, time\nfile = open('metrics.csv', 'w'); rows = csv.writer(file); rows.writerow(['step', 'val_loss'])\n"
        "for step in range(1, 31):\n"
        "    rows.writerow([step, 1 / step]); file.flush()\n"
        "    print(f'step {step} loss {2 / step:.4f} val_loss {1 / step:.2f}', flush=True); time.sleep(0.02)\n"
    )
    record("-q", "-n", "first", "--", sys.executable, "train.py", cwd=tmp_path)
    (run,) = runspect("ls", "-C", tmp_path, "--json", cwd=tmp_path).json()
    assert (run["metrics"]["val_loss"]["n"], run["metrics"]["val_loss"]["last"]) == (30, 1 / 30)
    assert (run["metrics"]["loss"]["n"], run["metrics"]["loss"]["last"]) == (30, 0.0667)


def test_few_metrics_and_late_ones_of_a_console_are_there(tmp_path: Path) -> None:
    (tmp_path / "few.sh").write_text("echo epoch 1 loss 0.5; echo epoch 2 loss 0.25\n")
    (tmp_path / "late.sh").write_text(
        "seq -f 'fetching part %06.0f' 1 6000; seq -f 'epoch %g loss 0.5' 1 9; seq -f 'removing part %06.0f' 1 2000\n"
    )
    for name in ("few", "late"):
        record("-q", "-n", name, "--", "sh", f"{name}.sh", cwd=tmp_path)
    found = {
        each["name"]: each["metrics"] for each in runspect("ls", "-C", tmp_path / "runs", "--json", cwd=tmp_path).json()
    }
    assert (found["few"]["loss"]["n"], found["late"]["loss"]["n"]) == (2, 9)


def test_a_known_root_is_made_without_an_engine(tmp_path: Path) -> None:
    record("-q", "-n", "first", "true", cwd=tmp_path)
    assert not (tmp_path / "home" / "vm").exists()
    assert (tmp_path / "home" / "recorded-roots").read_bytes() == os.fsencode(tmp_path / "runs") + b"\n"
    record("-q", "-n", "second", "true", cwd=tmp_path)
    assert len((tmp_path / "home" / "recorded-roots").read_bytes().splitlines()) == 1
    (tmp_path / "elsewhere").mkdir()
    done = runspect(cwd=tmp_path / "elsewhere")  # no terminal: the table of all that is known
    assert "first" in done.out and "second" in done.out


@pytest.mark.skipif(shutil.which("cc") is None, reason="no compiler")
def test_a_compiled_program(tmp_path: Path) -> None:
    (tmp_path / "t.c").write_text(
        '#include <stdio.h>\nint main(int n, char **a) { printf("epoch 1 loss %s\\n", a[2]); return 4; }\n'
    )
    subprocess.run(["cc", "-o", "t", "t.c"], cwd=tmp_path, check=True)
    done = record("-q", "--", "./t", "--lr", "0.5", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (4, b"epoch 1 loss 0.5\n")
    told = head(tmp_path)
    assert (told["program"], told["config"], told["exit_code"]) == ("t", {"lr": 0.5}, 4)


def test_a_script_without_a_first_line_runs_as_in_a_shell(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("echo plain $1\nexit 6\n")
    (tmp_path / "plain").chmod(0o755)
    done = record("-q", "--", "./plain", "word", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (6, b"plain word\n")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["no-such-program"], 127, "no-such-program: command not found"),
        (["./none"], 127, "./none: no such file"),
        (["./data"], 126, "./data: Permission denied"),
        (["./lost"], 127, "./lost: its interpreter (the line after #!) does not exist"),
    ],
)
def test_what_cannot_be_started(words: list[str], code: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    (tmp_path / "lost").write_text("#!/no/such/python\n")
    (tmp_path / "lost").chmod(0o755)
    done = record("-q", "--", *words, cwd=tmp_path)
    assert (done.returncode, done.stderr.decode()) == (code, f"runspect: {said}\n")
    told = head(tmp_path)
    assert (told["status"], told["exit_code"], told["reason"]) == ("failed", code, said)


def test_the_last_line_of_json(tmp_path: Path) -> None:
    done = record("--json", "-n", "x", "--", "sh", "-c", "exit 3", cwd=tmp_path)
    assert json.loads(done.stderr) == {
        "directory": str(tmp_path / "runs" / "x"), "status": "failed", "exit_code": 3, "signal": None, "reason": "",
    }  # fmt: skip


def test_data_that_are_not_there_are_told(tmp_path: Path) -> None:
    done = record("-q", "-n", "x", "--data", "trian.csv", "--", "true", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        0,
        b"runspect: --data trian.csv: there is no such file or directory yet\n",
    )
    (problem,) = runspect("health", "-C", tmp_path / "runs", "--json", cwd=tmp_path).json()
    assert problem["what"] == f"no data at {tmp_path}/trian.csv (No such file or directory)"


def test_logs_outside_of_the_record_are_told(tmp_path: Path) -> None:
    code = (
        "import time, pathlib\n"
        "d = pathlib.Path('lightning_logs/v0'); d.mkdir(parents=True)\n"
        "log = open(d / 'events.out.tfevents.1', 'wb'); weights = open('model.pt', 'wb'); temporary = open('x.tmp', 'wb')\n"
        "other = open('train.py'); (d / 'metrics.csv').write_text('step,loss\\n1,2\\n')\n"
        "print('ready', flush=True); input()\n"
    )
    (tmp_path / "train.py").write_text(code)
    (tmp_path / "lightning_logs").mkdir()
    (tmp_path / "lightning_logs" / "old.csv").write_text("a\n")
    with begin("-q", "--", sys.executable, "train.py", cwd=tmp_path) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        until(lambda: "logs" in head(tmp_path))
        process.communicate(b"\n")
    logs = {each["path"]: each for each in head(tmp_path)["logs"]}
    assert sorted(logs) == [f"{tmp_path}/lightning_logs/v0/{name}" for name in ("events.out.tfevents.1", "metrics.csv")]
    assert all(each["from"] <= each["to"] for each in logs.values())


CLOSES = (
    "import pathlib, time\n"
    "d = pathlib.Path('lightning_logs/version_0'); d.mkdir(parents=True); (d / 'hparams.yaml').write_text('lr: 0.1\\n')\n"
    "for step in range(20):\n"
    "    with open(d / 'metrics.csv', 'a') as file:\n"
    "        file.write(('step,train_loss\\n' if not step else '') + f'{step},{1 / (step + 1)}\\n')\n"
    "    time.sleep(0.01)\n"
)


def test_a_log_that_is_closed_after_each_line_folds_into_the_run(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(CLOSES)
    (tmp_path / "old.csv").write_text("step,loss\n1,2\n")
    os.utime(tmp_path / "old.csv", (1, 1))
    record("-q", "-n", "first", "--", sys.executable, "train.py", cwd=tmp_path)
    assert [each["path"] for each in head(tmp_path)["logs"]] == [f"{tmp_path}/lightning_logs/version_0/metrics.csv"]
    runs = {each["name"]: each for each in runspect("ls", "-C", tmp_path, "--json", cwd=tmp_path).json()}
    assert runs["first"]["metrics"]["train_loss"]["n"] == 20 and runs["first"]["params"] == {"lr": 0.1}
    assert not any("lightning" in name for name in runs)


def test_where_others_work_time_alone_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(CLOSES)
    with subprocess.Popen([sys.executable, "-c", "input()"], cwd=tmp_path, stdin=subprocess.PIPE) as other:
        until(lambda: Path(f"/proc/{other.pid}/cwd").readlink() == tmp_path)
        record("-q", "-n", "first", "--", sys.executable, "train.py", cwd=tmp_path)
        other.communicate(b"\n")
    assert "logs" not in head(tmp_path)


def test_an_engine_that_was_started_there_is_no_other(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(CLOSES)
    try:
        assert runspect("ls", "-C", tmp_path, cwd=tmp_path).code == 0
        record("-q", "-n", "first", "--", sys.executable, "train.py", cwd=tmp_path)
        assert [each["path"] for each in head(tmp_path)["logs"]] == [f"{tmp_path}/lightning_logs/version_0/metrics.csv"]
    finally:
        runspect("engine", "stop")


def test_what_a_file_system_is_called() -> None:
    assert file_system("/proc/self") == "proc" and file_system("/") not in ("", "proc")


def test_python_dash_m_needs_no_dashes(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import sys; print(sys.argv, sys.flags.dev_mode, __debug__)\n")
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-O", "-m", "runspect.record", "-q", "-n", "x", "train.py", "--lr", "1", "-n", "2"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "['train.py', '--lr', '1', '-n', '2'] True False\n"
    assert head(tmp_path)["argv"] == [sys.executable, "-X", "dev", "-O", "train.py", "--lr", "1", "-n", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "runspect.record", "-q", "-n", "y", "-m", "platform"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Linux" in done.stdout or done.stdout.strip()


def test_no_command_and_help(tmp_path: Path) -> None:
    done = record("-n", "x", cwd=tmp_path)
    assert done.returncode == 2 and b"no command" in done.stderr
    assert b"--hypothesis" in record("--help", cwd=tmp_path).stdout
