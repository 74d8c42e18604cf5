"""Job, pipeline, machine, packages and data, by what real tools leave in the environment and on the disk."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runspect.recorder.capture.bounded import output
from runspect.recorder.capture.ci import ci
from runspect.recorder.capture.data import BLOCK, BLOCKS, WHOLE, Interrupted, data, offsets
from runspect.recorder.capture.hardware import hardware, parse_gpus
from runspect.recorder.capture.interpreter import interpreter
from runspect.recorder.capture.packages import packages, requirement
from runspect.recorder.capture.scheduler import scheduler


def test_github_of_a_pull_request() -> None:
    found = ci({
        "GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "o/r",
        "GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "2", "GITHUB_REF": "refs/pull/12/merge", "GITHUB_REF_NAME": "12/merge",
        "GITHUB_HEAD_REF": "topic", "GITHUB_SHA": "abc", "GITHUB_JOB": "train",
    })  # fmt: skip
    assert found["job_url"] == "https://github.com/o/r/actions/runs/77/attempts/2"
    assert (found["kind"], found["branch"], found["pull_request"], found["pipeline"]) == ("github", "topic", "12", "77")


def test_gitlab_and_jenkins() -> None:
    gitlab = ci(
        {"GITLAB_CI": "true", "CI_JOB_URL": "https://g/j/1", "CI_COMMIT_REF_NAME": "main", "CI_PIPELINE_ID": "9"}
    )
    assert gitlab == {"kind": "gitlab", "job_url": "https://g/j/1", "branch": "main", "pipeline": "9"}
    jenkins = ci(
        {
            "JENKINS_URL": "https://j/",
            "BUILD_URL": "https://j/1/",
            "BRANCH_NAME": "PR-3",
            "CHANGE_ID": "3",
            "BUILD_ID": "1",
        }
    )
    assert jenkins == {
        "kind": "jenkins",
        "job_url": "https://j/1/",
        "branch": "PR-3",
        "pull_request": "3",
        "pipeline": "1",
    }
    assert ci({}) == {} and ci({"CI": "true"}) == {"kind": "other"}


def test_schedulers(tmp_path: Path) -> None:
    slurm = scheduler(
        {"SLURM_JOB_ID": "5", "SLURM_ARRAY_TASK_ID": "2", "SLURM_JOB_PARTITION": "gpu", "SLURM_RESTART_COUNT": "1"}
    )
    assert slurm == {"kind": "slurm", "job": "5", "array_task": "2", "partition": "gpu", "restarts": "1"}
    (tmp_path / "namespace").write_text("ml\n")
    found = scheduler({"KUBERNETES_SERVICE_HOST": "10.0.0.1", "POD_NAME": "train-0"}, tmp_path / "namespace")
    assert found == {"kind": "kubernetes", "pod": "train-0", "namespace": "ml"}
    assert scheduler({}) == {}


def test_hardware_of_this_machine() -> None:
    found = hardware()
    assert found["cpus"] == len(os.sched_getaffinity(0)) and int(str(found["memory_bytes"])) > 1 << 28
    assert found["cpu"] and isinstance(found["gpus"], list)


def test_cards_in_the_table_of_the_driver() -> None:
    line = "NVIDIA H100 80GB HBM3, 81559, 550.54.15, GPU-1b2c, 00000000:18:00.0\nbroken\nGRID, [N/A], 1, u, b\n"
    first, second = parse_gpus(line)
    assert (
        first["name"] == "NVIDIA H100 80GB HBM3"
        and first["memory_bytes"] == 81559 << 20
        and first["driver"] == "550.54.15"
    )
    assert "memory_bytes" not in second


def test_a_program_that_hangs_or_floods_is_cut_off() -> None:
    assert output(["sleep", "60"], seconds=0.1).cut == "took longer than 0.1 s"
    assert output(["yes"], seconds=20, largest=1 << 16).cut == "more than 64 KiB"
    assert output(["no-such-program-at-all"], seconds=1).cut == "not installed"
    assert output(["sh", "-c", "echo a; echo b >&2; exit 3"], seconds=20)[:3] == (3, b"a\n", "b")


def environment_of(tmp_path: Path) -> Path:
    """A virtual environment without pip that holds one package, which must not be imported."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    (site,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (site / "loud").mkdir()
    (site / "loud" / "__init__.py").write_text("raise SystemExit('imported')\n")
    (site / "loud-1.2.dist-info").mkdir()
    (site / "loud-1.2.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: loud\nVersion: 1.2\n")
    return tmp_path / "venv" / "bin" / "python"


def test_packages_are_those_of_the_commands_python_and_none_is_imported(tmp_path: Path) -> None:
    python = environment_of(tmp_path)
    script = tmp_path / "tool"
    script.write_text(f"#!{python}\nprint()\n")
    script.chmod(0o755)
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for argv, environ in (
        ([str(python), "train.py"], plain),
        (["env", "A=1", str(python), "train.py"], plain),
        ([str(script)], plain),
        (["python", "train.py"], {**plain, "PATH": f"{python.parent}:{os.environ['PATH']}"}),
        (["bash", "train.sh"], {**plain, "VIRTUAL_ENV": str(tmp_path / "venv")}),
        (["uv", "run", "train.py"], {**plain, "UV_PROJECT_ENVIRONMENT": "venv"}),
    ):
        told = packages(argv, str(tmp_path), environ, tmp_path)
        found = told["packages"]
        assert isinstance(found, dict) and found["count"] == 1, argv
        assert (tmp_path / "requirements.txt").read_text().splitlines()[1:] == ["loud==1.2"]
        assert found["sha256"] == hashlib.sha256((tmp_path / "requirements.txt").read_bytes()).hexdigest()
        assert told["executable"] == str(python)


def test_without_a_python_the_lock_file_counts(tmp_path: Path) -> None:
    (tmp_path / "code" / "sub").mkdir(parents=True)
    (tmp_path / "code" / "uv.lock").write_text("version = 1\n")
    (tmp_path / "record").mkdir()
    environ = {"PATH": os.environ["PATH"]}
    told = packages(["./train"], str(tmp_path / "code" / "sub"), environ, tmp_path / "record", str(tmp_path / "code"))
    assert told["packages"] == {
        "file": "uv.lock", "sha256": hashlib.sha256(b"version = 1\n").hexdigest(), "source": "lock",
        "path": str(tmp_path / "code" / "uv.lock"),
    }  # fmt: skip
    assert (tmp_path / "record" / "uv.lock").read_text() == "version = 1\n"
    assert packages(["./train"], str(tmp_path), environ, tmp_path) == {}


def test_a_compiled_program_has_no_python(tmp_path: Path) -> None:
    assert interpreter(["/bin/cat", sys.executable], str(tmp_path), {"PATH": os.environ["PATH"]}) is None


@pytest.mark.parametrize(
    ("direct_url", "line"),
    [
        ("", "a==1"),
        (
            '{"url": "https://me:pw@h/r", "vcs_info": {"vcs": "git", "commit_id": "abc"}}',
            "a @ git+https://me:••••••@h/r@abc",
        ),
        ('{"url": "file:///home/x/a", "dir_info": {"editable": true}}', "# a==1 from file:///home/x/a (editable)"),
        ("no json", "a==1"),
    ],
)
def test_lines_of_requirements(direct_url: str, line: str) -> None:
    assert requirement("a", "1", direct_url) == line


def test_data_of_a_file_and_a_directory(tmp_path: Path) -> None:
    (tmp_path / "d" / "sub").mkdir(parents=True)
    (tmp_path / "d" / "b.txt").write_text("b")
    (tmp_path / "d" / "sub" / "a.txt").write_text("aa")
    told = data("d/b.txt", str(tmp_path))
    assert told["sha256"] == hashlib.sha256(b"b").hexdigest() and told["how"] == "sha256 of the content"
    lines = [("b.txt", b"b"), ("sub/a.txt", b"aa")]
    whole = b"".join(f"{p}\0{len(c)}\0{hashlib.sha256(c).hexdigest()}\n".encode() for p, c in lines)
    told = data("d", str(tmp_path))
    assert (told["sha256"], told["size"], told["files"]) == (hashlib.sha256(whole).hexdigest(), 3, 2)
    (tmp_path / "d" / "b.txt").write_text("c")
    assert data("d", str(tmp_path))["sha256"] != told["sha256"]
    assert data("none", str(tmp_path))["missing"] == "No such file or directory"
    assert data("/dev/null", str(tmp_path))["missing"] == "neither a file nor a directory"


def test_a_large_file_is_sampled_as_it_says(tmp_path: Path) -> None:
    size = WHOLE + 12345
    with (tmp_path / "big").open("wb") as file:
        file.truncate(size)
        file.seek(size - 5)
        file.write(b"end..")
    told = data("big", str(tmp_path))
    found = hashlib.sha256(str(size).encode())
    content = (tmp_path / "big").open("rb")
    with content:
        for offset in offsets(size):
            content.seek(offset)
            found.update(content.read(BLOCK))
    assert told["sha256"] == found.hexdigest() and f"{BLOCKS} blocks" in str(told["how"])
    assert list(offsets(size))[-1] == size - BLOCK


def test_digesting_stops_when_the_run_is_over(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    assert data("a", str(tmp_path), lambda: True)["missing"] == "the run ended before the digest was made"
    assert issubclass(Interrupted, Exception)
