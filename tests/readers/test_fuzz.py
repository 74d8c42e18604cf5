"""Binary readers under fire: whatever the bytes, no exception but a known one, no hang, no memory without bound.

A share runs always; `pytest -m soak` runs each reader for `RUNSPECT_SOAK_S` seconds (600) in a process of its own.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runspect.errors import ReaderFault
from tests.readers.fuzzing import KINDS, MOST_SECONDS, Mutation, Target, damaged, targets

SOAK_S = float(os.environ.get("RUNSPECT_SOAK_S", "600"))
NAMES = tuple(targets())
MUTATIONS = st.lists(
    st.builds(Mutation, st.sampled_from(KINDS), st.integers(0, 1000), st.integers(0, 40), st.integers(0, 1 << 16)),
    min_size=1,
    max_size=8,
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def no_hang() -> Iterator[None]:
    """Fail when what is inside takes more CPU time than any file of this size is worth."""

    def late(*_: object) -> None:
        raise AssertionError(f"more than {MOST_SECONDS} s for one small file")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def endure(target: Target, folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    with no_hang(), suppress(OSError, ReaderFault):
        target.endure(path)


def test_every_binary_reader_has_files_to_be_damaged() -> None:
    assert {"tfevents", "wandb", "hf-args"} <= set(NAMES)
    for name in NAMES:
        assert targets()[name].seeds, name


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(data=st.data())
def test_arbitrary_bytes(tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject) -> None:
    target = targets()[name]
    seed, content = data.draw(st.sampled_from(target.seeds)), data.draw(st.binary(max_size=500))
    at = data.draw(st.integers(0, min(64, len(seed.content))))
    endure(target, tmp_path_factory.mktemp("noise"), seed.path, seed.content[:at] + content)


@pytest.mark.parametrize("below", [False, True], ids=["file", "records"])
@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(data=st.data())
def test_damaged_files(tmp_path_factory: pytest.TempPathFactory, name: str, below: bool, data: st.DataObject) -> None:
    target = targets()[name]
    seed, other = data.draw(st.sampled_from(target.seeds)), data.draw(st.sampled_from(target.seeds))
    content = damaged(target, seed, data.draw(MUTATIONS), below, other)
    endure(target, tmp_path_factory.mktemp("damage"), seed.path, content)


@pytest.mark.soak
@pytest.mark.parametrize("name", NAMES)
def test_soak(name: str) -> None:
    number = random.SystemRandom().randrange(1 << 32)
    done = subprocess.run(
        [sys.executable, "-m", "tests.readers.fuzzing", name, str(SOAK_S), str(number)],
        capture_output=True, text=True, check=False, timeout=2 * SOAK_S + 60,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    told = "\n".join((done.stdout[-500:], done.stderr[-3000:]))
    assert done.returncode == 0, f"seed {number}, exit code {done.returncode}\n{told}"
