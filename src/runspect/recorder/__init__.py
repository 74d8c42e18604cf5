"""Records runs in an open format. The standard library alone: safe and quick to import inside a training process.

run = runspect.start(config=settings)
run.log({"loss": loss}, step=step)
run.finish()
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `typing`, which is slow to import
if TYPE_CHECKING:
    from runspect.recorder.api import start as start
    from runspect.recorder.run import Run as Run

_PLACES = {"start": "runspect.recorder.api", "Run": "runspect.recorder.run"}


def __getattr__(name: str) -> object:
    """The Python interface is imported by who uses it: the recorder of commands needs none of it."""
    if name in _PLACES:
        import importlib

        return getattr(importlib.import_module(_PLACES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
