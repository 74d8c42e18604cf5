"""Terminal explorer of training runs. Importing this package loads the standard library alone.

`runspect.start(…)` records the run of the program that calls it (`runspect.recorder`).
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from runspect.recorder import Run as Run
    from runspect.recorder import start as start

__version__ = "0.1.0"

_RECORDER = ("Run", "start")


def __getattr__(name: str) -> object:
    """The recorder is imported by who records: everything else stays as quick as it was."""
    if name in _RECORDER:
        from runspect import recorder

        return getattr(recorder, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
