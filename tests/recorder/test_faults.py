"""A disk that is full, slow, read-only or gone: one warning, and the training goes on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recorder.programs import head, only, rows, run

LIMITED = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
LIMIT = "resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, resource.RLIM_INFINITY))\n"


def limit(size: str | int) -> str:
    """Code after which no file may be longer: what a full disk does to a process."""
    return LIMIT.format(size=size)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 kB, where one can be mounted."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(place)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("mounting needs more rights")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_on_a_full_disk_training_goes_on_and_the_loss_is_counted(full_disk: Path) -> None:
    code = """
run = runspect.start(name="x", dir=".")
for step in range(20_000):
    run.log({"loss": step}, step=step)
run.finish()
print("trained")
"""
    exit_code, out, err = run(full_disk, code)
    assert (exit_code, out) == (0, "trained\n")
    assert "No space left" in err and err.count("\n") <= 3
    record = full_disk / "x"
    whole = (record / "metrics.jsonl").read_bytes().rpartition(b"\n")[0].count(b"\n") + 1
    assert 0 < whole < 20_000 and f"{20_000 - whole} points" in err
    told = head(record)  # for which there was room set aside
    assert (told["status"], told["dropped"]) == ("finished", 20_000 - whole)
    assert not (record / ".run.json.new").exists()


def test_a_disk_that_has_room_again_gets_all(tmp_path: Path) -> None:
    code = f"""{LIMITED}
run = runspect.start(name="x")
{limit(30_000)}
for step in range(3_000):
    run.log({{"loss": step}}, step=step)
    time.sleep(0.0003)
{limit("resource.RLIM_INFINITY")}
run.finish()
"""
    exit_code, _, err = run(tmp_path, code)
    assert exit_code == 0 and err.count("\n") == 1 and "wait in memory" in err
    assert [row["step"] for row in rows(only(tmp_path))] == list(range(3_000))
    assert "dropped" not in head(only(tmp_path))


def test_a_full_buffer_drops_and_counts(tmp_path: Path) -> None:
    code = f"""{LIMITED}
run = runspect.start(name="x")
{limit(8_000)}
for step in range(300_000):
    run.log({{"a rather long name of a metric, so that it takes room": step}}, step=step)
assert run._buffer.size <= 16 << 20
{limit("resource.RLIM_INFINITY")}
run.finish()
"""
    exit_code, _, err = run(tmp_path, code)
    assert exit_code == 0 and err.count("\n") <= 3 and "points are dropped" in err
    found, told = rows(only(tmp_path)), head(only(tmp_path))
    assert told["status"] == "finished" and told["dropped"] == 300_000 - len(found) > 0
    assert [row["step"] for row in found] == list(range(len(found)))


def test_a_removed_directory_is_said_once(tmp_path: Path) -> None:
    code = """
import shutil
run = runspect.start(name="x")
run.log({"a": 1}, step=1)
while not (run.directory / "metrics.jsonl").exists(): time.sleep(0.01)
shutil.rmtree(run.directory)
for step in range(200):
    run.log({"a": 1}, step=step)
    time.sleep(0.005)
run.finish()
print("trained")
"""
    exit_code, out, err = run(tmp_path, code)
    assert (exit_code, out) == (0, "trained\n")
    assert err.count("\n") == 1 and "was removed" in err
    assert not (tmp_path / "runs" / "x").exists()


@pytest.mark.skipif(os.getuid() == 0 and not Path("/proc/self").exists(), reason="root may write everywhere")
@pytest.mark.parametrize("place", ["/proc/nowhere", "/dev/null/x"])
def test_where_nothing_can_be_written_nothing_is_recorded(tmp_path: Path, place: str) -> None:
    code = f"""
run = runspect.start(config={{"a": 1}}, name="x", dir={place!r})
assert run.directory is None and not run.recording
for step in range(1000):
    run.log({{"a": 1}}, step=step)
run.update(note="x")
run.finish()
"""
    exit_code, _, err = run(tmp_path, code)
    assert exit_code == 0 and err.startswith("runspect: this run is not recorded: ") and err.count("\n") == 1


def test_a_full_stderr_is_no_harm(tmp_path: Path) -> None:
    code = "os.dup2(os.open('/dev/full', os.O_WRONLY), 2)\nrun = runspect.start(name='x')\nrun.log({'a': 'text'})\nrun.finish()"
    assert run(tmp_path, code)[0] == 0
    assert head(only(tmp_path))["status"] == "finished"


def test_odd_calls_never_raise(tmp_path: Path) -> None:
    code = """
class Odd:
    def __str__(self): raise RuntimeError
    def __float__(self): raise RuntimeError
    __repr__ = __str__
run = runspect.start(config=Odd(), name=None, tags=[Odd] * 2, odd=Odd())
run.log(None); run.log(3); run.log({"a": Odd()}); run.log({Odd: 1}, step=Odd()); run.log({}); run.log([("a", 1)])
run.log({"a": 1}, step="x"); run.update(Odd(), what=Odd()); run.log({"a": 1}, step=1)
run.finish()
"""
    exit_code, _, err = run(tmp_path, code)
    assert exit_code == 0 and "Traceback" not in err
    assert rows(only(tmp_path))[-1]["a"] == 1
