"""stdin, stdout, stderr and terminal are those that the program would have without being recorded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.cli.program import environment
from tests.recorder.launch.caller import LONG_S, Terminal, begin, command, console, head, record

ASK = "import os, sys; print([os.isatty(i) for i in (0, 1, 2)], os.getpgrp(), os.getsid(0), flush=True)"


def test_stdout_and_stderr_stay_apart_and_both_are_logged(tmp_path: Path) -> None:
    done = record("-q", "--", "sh", "-c", "echo out; echo err >&2; exit 3", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert sorted(console(tmp_path).splitlines()) == [b"err", b"out"]
    assert head(tmp_path)["status"] == "failed" and head(tmp_path)["exit_code"] == 3


def test_where_the_record_lies_is_one_line_on_stderr(tmp_path: Path) -> None:
    done = record("-n", "first", "true", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"runspect: recording to runs/first\n")
    assert head(tmp_path)["status"] == "finished"


def test_one_stream_for_both_keeps_their_order(tmp_path: Path) -> None:
    script = "for i in 1 2 3 4 5 6 7 8 9; do echo o$i; echo e$i >&2; done"
    done = subprocess.run(
        command("-q", "--", "sh", "-c", script), cwd=tmp_path, env=environment(), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=LONG_S, check=True,
    )  # fmt: skip
    assert done.stdout.split() == [f"{way}{i}".encode() for i in range(1, 10) for way in "oe"]
    assert console(tmp_path) == done.stdout


def test_stdin_is_passed_untouched_and_bytes_are_bytes(tmp_path: Path) -> None:
    every = bytes(range(256)) * 2000
    done = record("-q", "--", "cat", cwd=tmp_path, input=every)
    assert done.stdout == every == console(tmp_path)


def test_who_writes_to_stdin_learns_that_it_was_closed(tmp_path: Path) -> None:
    with begin("-q", "--", "sh", "-c", "exec 0<&-; echo closed; sleep 60", cwd=tmp_path) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == b"closed\n"
        broken = False
        for _ in range(100):
            try:
                os.write(process.stdin.fileno(), bytes(1 << 12))
            except BrokenPipeError:
                broken = True
                break
        process.terminate()
        assert broken


def test_a_reader_that_leaves_ends_the_program(tmp_path: Path) -> None:
    line = f"{' '.join(command('-q', '--', 'yes'))} | head -n 2"
    done = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, env=environment(), capture_output=True, timeout=LONG_S, check=True
    )
    assert done.stdout == b"y\ny\n"
    assert head(tmp_path)["signal"] == "SIGPIPE"


def test_isatty_and_process_group_inside_are_as_outside(tmp_path: Path) -> None:
    terminal = Terminal(command("-q", "--", sys.executable, "-c", ASK), tmp_path)
    assert terminal.wait() == 0
    assert terminal.output.decode() == f"[True, True, True] {terminal.pid} {terminal.pid}\r\n"
    assert console(tmp_path).startswith(b"[True, True, True]") and console(tmp_path).endswith(b"\n")
    assert b"\r" not in console(tmp_path)


def test_a_stream_that_is_no_terminal_stays_none(tmp_path: Path) -> None:
    line = f"exec {' '.join(command('-q', '--', sys.executable, '-c'))} '{ASK}' 2>err.txt"
    terminal = Terminal(["sh", "-c", line], tmp_path)
    assert terminal.wait() == 0
    assert b"[True, True, False]" in terminal.output


def test_size_is_told_and_follows(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGWINCH, lambda *_: print('now', *os.get_terminal_size(1), flush=True))\n"
        "print('first', *os.get_terminal_size(1), flush=True)\n"
        "while True: time.sleep(0.1)\n"
    )
    terminal = Terminal(["sh", "-c", f"sleep 0.2; exec {' '.join(command('-q', '--', sys.executable, '-c'))} \"$CODE\""],
                        tmp_path, size=(30, 100), CODE=code)  # fmt: skip
    terminal.shows("first 100 30")
    terminal.resize(50, 132)
    terminal.shows("now 132 50")
    terminal.type("\x03")
    assert terminal.wait() == -2


def test_a_progress_bar_is_logged_byte_by_byte_as_it_was_written(tmp_path: Path) -> None:
    code = r"import sys; [sys.stderr.write('\r%d%%|##' % i) for i in range(5)]; sys.stderr.write('\n'); print('done')"
    terminal = Terminal(command("-q", "--", sys.executable, "-u", "-c", code), tmp_path)
    assert terminal.wait() == 0
    assert console(tmp_path) == b"".join(b"\r%d%%|##" % i for i in range(5)) + b"\ndone\n"
    assert terminal.output == console(tmp_path).replace(b"\n", b"\r\n")


def test_what_is_typed_reaches_the_program_and_modes_set_on_stdout_hold(tmp_path: Path) -> None:
    code = (
        "import sys, termios\n"
        "modes = termios.tcgetattr(1); modes[3] &= ~(termios.ECHO | termios.ICANON); termios.tcsetattr(1, termios.TCSANOW, modes)\n"
        "print('ready', flush=True); key = sys.stdin.buffer.raw.read(1); print('key', key.hex(), flush=True)\n"
    )
    terminal = Terminal(command("-q", "--", sys.executable, "-c", code), tmp_path)
    terminal.shows("ready")
    terminal.type("q")
    terminal.shows("key 71")
    assert terminal.wait() == 0


def test_a_process_left_behind_keeps_its_console(tmp_path: Path) -> None:
    script = "(sleep 1; echo late) & echo early"
    done = record("-q", "--", "sh", "-c", script, cwd=tmp_path)
    assert done.stdout == b"early\nlate\n"
    assert console(tmp_path) == b"early\nlate\n"


def test_closed_streams(tmp_path: Path) -> None:
    line = f"{' '.join(command('-q', '-n', 'x', '--', 'sh', '-c'))} 'echo a; echo b >&2; exit 3' >&- 2>&- <&-"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, env=environment(), timeout=LONG_S, check=False)
    assert done.returncode == 3 and head(tmp_path)["exit_code"] == 3
