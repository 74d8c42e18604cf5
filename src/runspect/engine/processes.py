"""The processes of this machine from /proc (proc(5)), as far as they may be looked at. Linux only; nobody is disturbed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from runspect.dataclass import dataclass
from runspect.engine.run_rows import user_name
from runspect.practice.lint.strays import BUSY_S, Process
from runspect.recorder.capture.bounded import output
from runspect.recorder.launch.tree import written_files
from runspect.recorder.layout import JOIN

PROC = Path("/proc")
GPU_SECONDS = 5.0
_LIBRARIES: Mapping[str, bytes] = {
    "torch": rb"/libtorch(?:_cpu|_cuda|_hip|_python)?\.so",
    "tensorflow": rb"/(?:libtensorflow(?:_framework|_cc)?\.so|_pywrap_tensorflow)",
    "jax": rb"/(?:jaxlib/.*\.so|libjax[a-z_]*\.so|xla_extension\.so)",
    "mxnet": rb"/libmxnet\.so",
    "paddle": rb"/(?:libpaddle|paddle/base/libpaddle)\.so",
    "xgboost": rb"/libxgboost\.so",
    "lightgbm": rb"/lib_lightgbm\.so",
    "catboost": rb"/_catboost\.so",
}
_MAPPED = {name: re.compile(pattern) for name, pattern in _LIBRARIES.items()}
_COMPUTES = re.compile(r"/dev/(?:nvidia-uvm|kfd)")
"""What a program opens that computes on a card; one that only draws does not."""
_MOST_MAPS = 8 << 20


@dataclass(frozen=True, slots=True)
class _Head:
    """What every process tells to all."""

    parent: int
    uid: int
    command: tuple[str, ...]
    started: float
    cpu_s: float


def processes(busy_s: float = BUSY_S, proc: Path = PROC) -> list[Process] | None:
    """All processes; what is in memory and open is only looked up of those that may train. None where there is no /proc."""
    if not (proc / "self" / "stat").exists():
        return None
    heads = {pid: head for pid in _pids(proc) if (head := _head(proc, pid)) is not None}
    on_gpu = _on_gpu(proc, heads)
    libraries = {pid: _libraries(proc, pid) for pid, head in heads.items() if head.cpu_s >= busy_s or pid in on_gpu}
    trains = {pid for pid in heads if pid in on_gpu or libraries.get(pid)}
    tree = {pid for pid in heads if pid in trains or any(above in trains for above in _above(heads, pid))}
    return [
        Process(
            pid,
            head.parent,
            user_name(head.uid),
            head.command,
            _link(proc / str(pid) / "cwd") if pid in tree else None,
            head.started,
            head.cpu_s,
            pid in on_gpu,
            libraries.get(pid, ()),
            _writes(proc, pid) if pid in tree else (),
            pid in tree and f"{JOIN}=".encode() in _read(proc / str(pid) / "environ"),
        )
        for pid, head in heads.items()
    ]


def _pids(proc: Path) -> list[int]:
    return [int(name) for name in os.listdir(proc) if name.isdigit()]  # noqa: PTH208 - names are all that is wanted


def _head(proc: Path, pid: int) -> _Head | None:
    """None of a thread of the kernel, and of what has ended meanwhile."""
    command = _read(proc / str(pid) / "cmdline")
    fields = _read(proc / str(pid) / "stat").rpartition(b")")[2].split()
    if not command or len(fields) < 20 or fields[0] in (b"Z", b"X"):
        return None
    ticks = os.sysconf("SC_CLK_TCK")
    try:
        uid = (proc / str(pid)).stat().st_uid
    except OSError:
        return None
    words = tuple(word.decode("utf-8", "replace") for word in command.rstrip(b"\0").split(b"\0"))
    started = _boot(proc) + int(fields[19]) / ticks
    return _Head(int(fields[1]), uid, words, started, (int(fields[11]) + int(fields[12])) / ticks)


def _boot(proc: Path) -> float:
    """When the machine was started, seconds since 1970."""
    lines = _read(proc / "stat").splitlines()
    return next((float(line.split()[1]) for line in lines if line.startswith(b"btime ")), 0.0)


def _on_gpu(proc: Path, heads: Mapping[int, _Head]) -> Collection[int]:
    """Those that compute on a card: by `nvidia-smi`, which sees those of all users, and by what ours have open."""
    said = output(["nvidia-smi", "--query-compute-apps=pid", "--format=csv,noheader"], seconds=GPU_SECONDS)
    found = (
        {int(line) for line in said.data.decode("ascii", "replace").split() if line.isdigit()} if said.fine else set()
    )
    if any(Path(device).exists() for device in ("/dev/nvidia-uvm", "/dev/kfd")):
        found |= {pid for pid in heads if any(_COMPUTES.match(path) for path in _open(proc, pid))}
    return found & set(heads)


def _libraries(proc: Path, pid: int) -> tuple[str, ...]:
    maps = _read(proc / str(pid) / "maps", _MOST_MAPS)
    return tuple(name for name, pattern in _MAPPED.items() if pattern.search(maps))


def _open(proc: Path, pid: int) -> list[str]:
    try:
        descriptors = os.listdir(proc / str(pid) / "fd")  # noqa: PTH208
    except OSError:
        return []
    return [path for each in descriptors if (path := _link(proc / str(pid) / "fd" / each)) is not None]


def _writes(proc: Path, pid: int) -> tuple[str, ...] | None:
    """The regular files that it has open for writing; None where that may not be seen."""
    if not os.access(proc / str(pid) / "fd", os.R_OK | os.X_OK):
        return None
    known: set[tuple[int, str, str]] = set()
    return tuple(sorted(set(written_files(pid, known)))) if proc == PROC else ()


def _above(heads: Mapping[int, _Head], pid: int) -> list[int]:
    found: list[int] = []
    while (head := heads.get(pid)) is not None and head.parent not in found and head.parent != pid:
        pid = head.parent
        found.append(pid)
    return found


def _link(path: Path) -> str | None:
    try:
        return os.readlink(path)  # noqa: PTH115 - as text
    except OSError:
        return None


def _read(path: Path, most: int = 1 << 20) -> bytes:
    try:
        with path.open("rb", buffering=0) as file:
            return _all(file.read, most)
    except OSError:
        return b""


def _all(read: Callable[[int], bytes | None], most: int) -> bytes:
    """What a file of /proc holds: it comes a page at a time."""
    found = b""
    while len(found) < most and (piece := read(1 << 16)):
        found += piece
    return found
