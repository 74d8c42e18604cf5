"""Every signal reaches the program exactly once, and the caller sees the end that the program had."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.cli.program import environment
from tests.recorder.capture.repository import repository
from tests.recorder.launch.caller import (
    SIGNALS,
    Terminal,
    alive,
    alive_as,
    begin,
    children,
    command,
    console,
    ended,
    head,
    record,
    until,
)

COUNT = (
    "import signal, sys, time\n"
    "def got(number, frame): print('got', signal.Signals(number).name, flush=True)\n"
    "for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT): signal.signal(s, got)\n"
    "print('ready', flush=True)\n"
    "end = time.monotonic() + 60\n"
    "while time.monotonic() < end: time.sleep(0.01)\n"
)
"""Says what it got and goes on."""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_to_the_recorder_reaches_the_program_once_and_ends_it(number: signal.Signals, tmp_path: Path) -> None:
    with begin("-q", "--", "sh", "-c", "echo ready; exec sleep 60", cwd=tmp_path) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        assert process.wait() == -number
    told = head(tmp_path)
    assert (told["status"], told["signal"], told["exit_code"]) == ("killed", number.name, None)
    assert told["reason"] == f"signal {int(number)}, {number.name}"
    assert [(each["signal"], each["to"]) for each in told["signals"]] == [(number.name, "recorder")]


@pytest.mark.parametrize("to_group", [False, True])
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_never_doubled(number: signal.Signals, to_group: bool, tmp_path: Path) -> None:
    with begin("-q", "--", sys.executable, "-c", COUNT, cwd=tmp_path) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        (os.killpg if to_group else os.kill)(process.pid, number)
        assert process.stdout.readline() == f"got {number.name}\n".encode()
        until(lambda: "pid" in head(tmp_path))
        os.kill(head(tmp_path)["pid"], signal.SIGKILL)
        rest = process.stdout.read()
        assert process.wait() == -signal.SIGKILL
        assert rest == b""
    assert [each["to"] for each in head(tmp_path)["signals"]] == ["group" if to_group else "recorder"]


def test_ctrl_c_reaches_the_program_once(tmp_path: Path) -> None:
    terminal = Terminal(command("-q", "--", sys.executable, "-c", COUNT), tmp_path)
    terminal.shows("ready\r\n")
    terminal.type("\x03")
    terminal.shows("got SIGINT\r\n")
    terminal.type("\x1c")
    terminal.shows("got SIGQUIT\r\n")
    until(lambda: "pid" in head(tmp_path))
    os.kill(head(tmp_path)["pid"], signal.SIGKILL)
    assert terminal.wait() == -signal.SIGKILL
    assert console(tmp_path) == b"ready\ngot SIGINT\ngot SIGQUIT\n"


def test_a_closed_terminal_ends_the_program_by_sighup(tmp_path: Path) -> None:
    terminal = Terminal(command("-q", "-n", "hung", "--", "sh", "-c", "echo ready; exec sleep 60"), tmp_path)
    terminal.shows("ready")
    terminal.hang_up()
    told = ended(tmp_path)
    assert (told["status"], told["signal"]) == ("killed", "SIGHUP")
    os.waitpid(terminal.pid, 0)


def test_ctrl_z_and_fg(tmp_path: Path) -> None:
    code = "import time; print('ready', flush=True); [(time.sleep(0.05), print('tick', i, flush=True)) for i in range(2000)]"
    terminal = Terminal(["bash", "--norc", "-i"], tmp_path, PS1="prompt> ", CODE=code)
    terminal.shows("prompt> ")
    terminal.type(f'{" ".join(command("-q", "-n", "job", "--", sys.executable, "-c"))} "$CODE"\n')
    terminal.shows("tick 3")
    terminal.type("\x1a")
    terminal.shows("Stopped")
    pid = head(tmp_path)["pid"]
    assert alive_as(pid) == b"T"
    ticks = terminal.output.count(b"tick ")
    terminal.type("fg\n")
    terminal.shows("tick ", ticks + 5)
    terminal.type("\x03")
    terminal.shows("prompt> ", 3)
    terminal.type("echo code=$?\n")
    terminal.shows("code=130")
    terminal.type("exit\n")
    terminal.wait()
    assert head(tmp_path)["signal"] == "SIGINT"


def test_reading_the_terminal_from_the_background_stops_the_job(tmp_path: Path) -> None:
    terminal = Terminal(["bash", "--norc", "-i"], tmp_path, PS1="prompt> ")
    terminal.shows("prompt> ")
    terminal.type(f"{' '.join(command('-q', '-n', 'job', '--', 'cat'))} &\n")
    until(lambda: list(tmp_path.glob("runs/*/run.json")))
    until(lambda: "pid" in head(tmp_path))
    terminal.type("sleep 0.5; jobs\n")
    terminal.shows("Stopped")
    terminal.type("fg\n")
    # the shell has the modes of its own line editor until the job has the terminal
    until(lambda: terminal.modes() & termios.ICANON and alive_as(head(tmp_path)["pid"]) == b"S")
    terminal.type("hello\n\x04")
    terminal.shows("hello", 2)
    terminal.type("exit\n")
    terminal.wait()
    assert head(tmp_path)["status"] == "finished" and console(tmp_path) == b"hello\n"


def test_kill_9_of_the_program_is_told(tmp_path: Path) -> None:
    done = record("-q", "--", "sh", "-c", "kill -9 $$", cwd=tmp_path)
    assert done.returncode == -signal.SIGKILL
    told = head(tmp_path)
    assert (told["status"], told["signal"], told["reason"]) == ("killed", "SIGKILL", "signal 9, SIGKILL")


def test_a_crash_of_its_own_is_a_failure(tmp_path: Path) -> None:
    done = record("-q", "--", sys.executable, "-c", "import os; os.abort()", cwd=tmp_path)
    assert done.returncode == -signal.SIGABRT
    assert head(tmp_path)["status"] == "failed" and head(tmp_path)["signal"] == "SIGABRT"


def test_an_exit_after_a_signal_tells_of_it(tmp_path: Path) -> None:
    script = "trap 'echo saved; exit 0' USR1 TERM; echo ready; while :; do sleep 0.05; done"
    with begin("-q", "--", "sh", "-c", script, cwd=tmp_path) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        process.terminate()
        assert process.wait() == 0
    told = head(tmp_path)
    assert (told["status"], told["exit_code"], told["reason"]) == ("finished", 0, "after SIGTERM")


SLOW = (
    "import sys, time\n"
    "print('ready', flush=True)\n"
    "for i in range(40): print('x' * 10000, i, flush=True); time.sleep(0.02)\n"
    "print('end', flush=True); sys.exit(5)\n"
)
"""Writes more than a pipe holds, so that it would be held up where nobody read."""


@pytest.mark.parametrize("with_terminal", [False, True])
def test_kill_9_of_the_front_leaves_program_and_record(with_terminal: bool, tmp_path: Path) -> None:
    words = ("-q", "--", sys.executable, "-c", SLOW)
    if with_terminal:
        terminal = Terminal(["sh", "-c", f'{" ".join(command(*words[:-1]))} "$CODE"; sleep 3'], tmp_path, CODE=SLOW)
        terminal.shows("ready")
        front = children(terminal.pid)[0]
        os.kill(front, signal.SIGKILL)
        terminal.wait()
    else:
        with begin(*words, cwd=tmp_path) as process:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
            process.kill()
            assert process.stdout.read().endswith(b"end\n")
    told = ended(tmp_path)
    assert (told["status"], told["exit_code"]) == ("failed", 5)
    assert told["reason"] == "the recorder's front process was killed before"
    assert console(tmp_path).endswith(b"end\n")


@pytest.mark.parametrize("with_terminal", [False, True])
def test_kill_9_of_the_keeper_leaves_the_program_and_says_what_is_not_known(
    with_terminal: bool, tmp_path: Path
) -> None:
    if with_terminal:
        terminal = Terminal([*command("-q", "--", sys.executable, "-c"), SLOW], tmp_path)
        terminal.shows("ready")
        os.kill(children(terminal.pid)[0], signal.SIGKILL)
        assert terminal.wait() == 125
    else:
        with begin("-q", "--", sys.executable, "-c", SLOW, cwd=tmp_path) as process:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
            os.kill(children(process.pid)[0], signal.SIGKILL)
            assert process.stdout.read().endswith(b"end\n")
            assert process.wait() == 125
    told = head(tmp_path)
    assert told["status"] == "unknown" and told["exit_code"] is None
    assert told["reason"].startswith("the recorder was killed at 2") and told["ended"]
    assert console(tmp_path).endswith(b"end\n")


def test_kill_9_of_all_leaves_a_record_that_says_running_with_the_pid(tmp_path: Path) -> None:
    with begin("-q", "--", "sh", "-c", "echo ready; exec sleep 60", cwd=tmp_path) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        until(lambda: "pid" in head(tmp_path))
        os.killpg(process.pid, signal.SIGKILL)
    told = head(tmp_path)
    assert told["status"] == "running" and told["ended"] is None
    until(lambda: not alive(told["pid"]))
    assert told["process_started"]


def test_what_the_caller_ignores_stays_ignored(tmp_path: Path) -> None:
    show = "import signal; print([signal.getsignal(s) is signal.SIG_IGN for s in (1, 2, 13, 15, 20)])"
    line = f"trap '' HUP INT; exec {' '.join(command('-q', '--', sys.executable, '-c'))} \"$CODE\""
    done = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, env={**environment(), "CODE": show}, capture_output=True, check=True
    )
    # Python itself ignores SIGPIPE
    assert done.stdout == b"[True, True, True, False, False]\n"


def test_ctrl_c_while_the_start_waits_for_git_ends_it(tmp_path: Path) -> None:
    root = repository(tmp_path / "code", train_py="1\n")
    (tmp_path / "bin").mkdir()
    slow = tmp_path / "bin" / "git"
    slow.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked; sleep 3\n")
    slow.chmod(0o755)
    environ = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
    with begin("-q", "-n", "x", "--", "sleep", "60", cwd=root, environ=environ) as process:
        until(lambda: (tmp_path / "asked").exists())
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait() == -signal.SIGINT
    told = head(root)
    assert (told["status"], told["signal"]) == ("killed", "SIGINT")
