"""Other programs on the same files, in the same process; "" where one is not installed."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.program import cpu_seconds

Work = Callable[[], object]


def module(name: str) -> Any | None:
    """A module of a peer, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def program(name: str) -> str:
    """The path of a peer's command, beside this interpreter or on the path; "" where it is not installed."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name) or ""


def command(name: str, *words: str) -> str:
    """How long a peer's command takes, the shortest of three."""
    path, took = program(name), list[float]()
    if not path:
        return f"{name} is not installed"
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run([path, *words], check=True, capture_output=True)
        took.append(time.perf_counter() - begun)
    return f"{name} {' '.join(words)} {min(took) * 1e3:,.0f} ms"


def told(name: str, amount: float, unit: str, work: Work | None) -> str:
    """What the peer did a CPU second: `amount` of `unit` divided by the CPU time of one call."""
    if work is None:
        return f"{name} is not installed"
    begun = time.process_time()
    work()
    return f"{name} {amount / (time.process_time() - begun):.3g} {unit}"


def event_accumulator(path: Path, points: int) -> Work | None:
    """TensorBoard's own reader of one event file, keeping every scalar."""
    found = module("tensorboard.backend.event_processing.event_accumulator")
    if found is None:
        return None

    def work() -> None:
        accumulator = found.EventAccumulator(str(path), size_guidance={"scalars": 0, "tensors": 0})
        accumulator.Reload()
        tags = accumulator.Tags()
        read = sum(len(accumulator.Scalars(tag)) for tag in tags["scalars"])
        read += sum(len(accumulator.Tensors(tag)) for tag in tags["tensors"])
        assert read == points, f"{read} of {points}"

    return work


def data_server(tree: Path, points: int) -> str:
    """TensorBoard's own server of event files, written in Rust, that reads a tree into memory; every scalar is kept."""
    found = module("tensorboard_data_server")
    if found is None:
        return "tensorboard-data-server is not installed"
    words = ["-v", "--logdir", str(tree), "--reload", "once", "--port", "0", "--samples-per-plugin", "scalars=all"]
    with subprocess.Popen([found.server_binary(), *words], stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        assert any("Finished load cycle" in line for line in server.stderr)
        used = cpu_seconds((server.pid,))
        server.kill()
    return f"its server in Rust, in memory: {points / 1e6 / used:.3g} M/s"


def data_store(path: Path, records: int) -> Work | None:
    """W&B's own reader of its logs, each record parsed by its own protobuf."""
    store, proto = module("wandb.sdk.internal.datastore"), module("wandb.proto.wandb_internal_pb2")
    if store is None or proto is None:
        return None

    def work() -> None:
        log = store.DataStore()
        log.open_for_scan(str(path))
        read, columns = 0, dict[str, list[float]]()
        while (data := log.scan_data()) is not None:
            record = proto.Record()
            record.ParseFromString(data)
            read += 1
            for item in record.history.item:
                columns.setdefault(item.key or ".".join(item.nested_key), []).append(float(item.value_json))
        assert read == records, f"{read} of {records}"

    return work


def read_csv(path: Path, points: int) -> Work | None:
    """pandas, every cell a number."""
    pandas = module("pandas")
    if pandas is None:
        return None

    def work() -> None:
        assert int(pandas.read_csv(path).drop(columns="step").count().sum()) == points

    return work


def read_json(path: Path, points: int) -> Work | None:
    """pandas, a line an object; a missing value counts, too."""
    pandas = module("pandas")
    if pandas is None:
        return None

    def work() -> None:
        table = pandas.read_json(path, lines=True).drop(columns=["step", "time"], errors="ignore")
        assert int(table.count().sum()) >= points

    return work
