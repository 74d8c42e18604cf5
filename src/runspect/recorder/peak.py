"""The most memory that this process used."""

from __future__ import annotations

import sys


def peak() -> dict[str, int]:
    """`{"memory_bytes", "gpu_memory_bytes"}` as far as they are known; of the GPU what PyTorch held, where it is used."""
    found = {"memory_bytes": _resident()}
    torch = sys.modules.get("torch")
    try:
        if torch is not None and torch.cuda.is_initialized():
            found["gpu_memory_bytes"] = max(torch.cuda.max_memory_reserved(i) for i in range(torch.cuda.device_count()))
    except Exception:  # noqa: BLE001 - a package amidst its import, or a device that was lost
        pass
    return {key: value for key, value in found.items() if value}


def _resident() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
