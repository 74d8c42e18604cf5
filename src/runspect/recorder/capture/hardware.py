"""The machine: processor, memory as far as this process may use it, and graphics cards."""

from __future__ import annotations

import os
import platform
import re
import sys
from pathlib import Path

from runspect.recorder.capture.bounded import output

GPU_SECONDS = 10.0
"""A driver that must be loaded first takes a few; one that hangs is left alone."""
PROC = Path("/proc")
_QUERY = ("name", "memory.total", "driver_version", "uuid", "pci.bus_id")


def hardware(proc: Path = PROC) -> dict[str, object]:
    """`cpu`, `cpus` (that may be used), `cpus_of_host`, `memory_bytes`, `memory_limit_bytes`, `gpus`, `os`."""
    found: dict[str, object] = {
        "cpu": _processor(proc), "cpus": _usable(), "cpus_of_host": os.cpu_count(), "memory_bytes": _memory(proc),
        "memory_limit_bytes": memory_limit(proc), "os": platform.platform(), "machine": platform.machine(),
        "gpus": gpus(proc),
    }  # fmt: skip
    return {key: value for key, value in found.items() if value not in (None, "")}


def gpus(proc: Path = PROC) -> list[dict[str, object]]:
    """Every card: `name`, `memory_bytes`, `driver`, `uuid`; by `nvidia-smi`, else by what the driver tells."""
    said = output(
        ["nvidia-smi", f"--query-gpu={','.join(_QUERY)}", "--format=csv,noheader,nounits"], seconds=GPU_SECONDS
    )
    if said.fine:
        return parse_gpus(said.data.decode("utf-8", "replace"))
    return _by_driver(proc / "driver" / "nvidia")


def parse_gpus(text: str) -> list[dict[str, object]]:
    """The cards in the CSV of `nvidia-smi`; memory is told in MiB."""
    found = list[dict[str, object]]()
    for line in text.splitlines():
        fields = [field.strip() for field in line.split(",")]
        if len(fields) != len(_QUERY):
            continue
        name, memory, driver, uuid, bus = fields
        card: dict[str, object] = {"name": name, "driver": driver, "uuid": uuid, "bus": bus}
        if memory.isdigit():
            card["memory_bytes"] = int(memory) << 20
        found.append(card)
    return found


def memory_limit(proc: Path = PROC) -> int | None:
    """The bytes that the control group may use, where it is limited (cgroup v2, then v1)."""
    lines = _text(proc / "self" / "cgroup").splitlines()
    ours = next((line[3:] for line in lines if line.startswith("0::")), "/")
    for path in (
        Path("/sys/fs/cgroup") / ours.lstrip("/") / "memory.max",
        Path("/sys/fs/cgroup/memory.max"),
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
    ):
        text = _text(path).strip()
        if text.isdigit():
            return int(text) if int(text) < 1 << 60 else None
        if text == "max":
            return None
    return None


def _by_driver(directory: Path) -> list[dict[str, object]]:
    version = re.search(r"Kernel Module(?: for \w+)?\s+(\S+)", _text(directory / "version"))
    found = list[dict[str, object]]()
    try:
        cards = sorted((directory / "gpus").iterdir())
    except OSError:
        return found
    for card in cards:
        told = dict(re.findall(r"^([^:\n]+):\s*(.+?)\s*$", _text(card / "information"), re.MULTILINE))
        found.append({"name": told.get("Model", ""), "uuid": told.get("GPU UUID", ""), "bus": card.name})
        if version:
            found[-1]["driver"] = version[1]
    return found


def _processor(proc: Path) -> str:
    told = re.search(r"^(?:model name|Model|cpu model|Processor)\s*:\s*(.+)$", _text(proc / "cpuinfo"), re.MULTILINE)
    if told:
        return told[1].strip()
    if sys.platform == "darwin":
        return output(["sysctl", "-n", "machdep.cpu.brand_string"], seconds=2).data.decode("utf-8", "replace").strip()
    return platform.processor() or platform.machine()


def _usable() -> int | None:
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return os.cpu_count()


def _memory(proc: Path) -> int | None:
    told = re.search(r"^MemTotal:\s+(\d+) kB$", _text(proc / "meminfo"), re.MULTILINE)
    if told:
        return int(told[1]) << 10
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
