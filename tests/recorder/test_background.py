"""A disk that does not answer: a pipe that nobody reads takes some kilobytes and then blocks who writes."""

from __future__ import annotations

import os
import time
from pathlib import Path

from runspect.recorder.background import Background
from runspect.recorder.buffer import Buffer


def test_a_disk_that_hangs_holds_up_nobody_and_memory_stays_bounded(tmp_path: Path) -> None:
    pipe = tmp_path / "metrics.jsonl"
    os.mkfifo(pipe)
    buffer = Buffer(limit=1 << 20)
    background = Background(lambda: pipe, buffer)
    line = "x" * 99 + "\n"
    began = time.process_time()
    put = 0
    for _ in range(50_000):
        put += buffer.put(line)
        background.hurry()
    assert time.process_time() - began < 2  # 40 microseconds a call, busy machines included
    assert put < 50_000 == put + buffer.dropped and buffer.size <= 1 << 20
    ended: list[int] = []
    began = time.monotonic()
    assert not background.stop(ended.append, patience_s=0.2)
    assert time.monotonic() - began < 5 and not ended
    descriptor = os.open(pipe, os.O_RDONLY)  # the disk answers again: what was kept arrives
    got = 0
    while got < put * len(line):
        got += len(os.read(descriptor, 1 << 16))
    background._thread.join(10)
    os.close(descriptor)
    assert ended == [buffer.dropped] and got == put * len(line)
